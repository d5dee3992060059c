package dev.orrery.stats;

/// A chi-square test.
///
/// @param statistic >= 0; infinite if a value turned up that the reference never had
/// @param degrees degrees of freedom
/// @param probability of a statistic so large by chance
public record ChiSquare(double statistic, int degrees, double probability) {
  /// The current counts against the reference's shares taken as given, as SciPy's `chisquare` and
  /// Evidently do; bins empty on both sides are left out.
  public static ChiSquare goodnessOfFit(long[] reference, long[] current) {
    double[] shares = Drift.shares(reference);
    long rows = total(current);
    double statistic = 0;
    int used = 0;
    for (int i = 0; i < shares.length; i++) {
      if (reference[i] == 0 && current[i] == 0) continue;
      used++;
      double expected = shares[i] * rows;
      double gap = current[i] - expected;
      statistic += gap * gap / expected;
    }
    return of(statistic, used - 1);
  }

  /// Whether two histograms are of one distribution, both seen as samples; bins empty on both sides
  /// are left out. An unseen value is strong evidence here, not a certainty.
  public static ChiSquare homogeneity(long[] first, long[] second) {
    double m = total(first);
    double n = total(second);
    double statistic = 0;
    int used = 0;
    for (int i = 0; i < first.length; i++) {
      double both = (double) first[i] + second[i];
      if (both == 0) continue;
      used++;
      double gapFirst = first[i] - both * m / (m + n);
      double gapSecond = second[i] - both * n / (m + n);
      statistic += gapFirst * gapFirst / (both * m / (m + n));
      statistic += gapSecond * gapSecond / (both * n / (m + n));
    }
    return of(statistic, used - 1);
  }

  /// The two-sided test that two proportions are equal, pooled.
  ///
  /// @return the probability of a gap so large by chance; 1 if both are 0 or both are 1
  public static double twoProportions(long hitsFirst, long first, long hitsSecond, long second) {
    double pooled = (double) (hitsFirst + hitsSecond) / (first + second);
    double spread = Math.sqrt(pooled * (1 - pooled) * (1.0 / first + 1.0 / second));
    if (spread == 0) return 1;
    double z = ((double) hitsFirst / first - (double) hitsSecond / second) / spread;
    return 2 * Normal.survival(Math.abs(z));
  }

  private static ChiSquare of(double statistic, int degrees) {
    if (degrees < 1) return new ChiSquare(0, 0, 1);
    return new ChiSquare(statistic, degrees, Gamma.upper(degrees / 2.0, statistic / 2));
  }

  private static long total(long[] counts) {
    long sum = 0;
    for (long count : counts) sum += count;
    if (sum == 0) throw new IllegalArgumentException("the histogram is empty");
    return sum;
  }
}
