package dev.orrery.stats;

/// How far two distributions over the same bins are apart.
///
/// Figures are those of Evidently 0.7 for the same shares: a share of zero is replaced by a small
/// one (see [#filled(double[])]), the others stay as they are and are not scaled again.
public final class Drift {
  /// Under this PSI a distribution counts as stable, by custom (Siddiqi, *Credit Risk Scorecards*,
  /// Wiley 2006); a rule of thumb, not a test of significance.
  public static final double PSI_MODERATE = 0.1;

  /// From this PSI on a shift is worth looking into, by the same custom.
  public static final double PSI_MAJOR = 0.25;

  /// What the customary bands say of a PSI.
  public enum Band {
    STABLE,
    MODERATE,
    MAJOR;

    public static Band of(double psi) {
      if (psi < PSI_MODERATE) return STABLE;
      return psi < PSI_MAJOR ? MODERATE : MAJOR;
    }
  }

  private Drift() {}

  /// The population stability index, `Σ (r - c) ln(r / c)`.
  ///
  /// @param reference counts per bin at training time, each >= 0, not all zero
  /// @param current counts per bin now, the same bins in the same order
  /// @return the index, >= 0; 0 for equal shares
  /// @throws IllegalArgumentException if the lengths differ, or a histogram is empty
  public static double psi(long[] reference, long[] current) {
    return psi(shares(reference), shares(current));
  }

  /// The same over shares.
  public static double psi(double[] reference, double[] current) {
    sameLength(reference.length, current.length);
    double[] r = filled(reference);
    double[] c = filled(current);
    double sum = 0;
    for (int i = 0; i < r.length; i++) sum += (r[i] - c[i]) * Math.log(r[i] / c[i]);
    return sum;
  }

  /// The Kullback-Leibler divergence of the reference from the current shares, in nats; zeros are
  /// replaced and both sides then scaled to sum 1.
  public static double kullbackLeibler(double[] reference, double[] current) {
    sameLength(reference.length, current.length);
    double[] r = normed(filled(reference));
    double[] c = normed(filled(current));
    double sum = 0;
    for (int i = 0; i < r.length; i++) sum += r[i] * Math.log(r[i] / c[i]);
    return sum;
  }

  /// The Jensen-Shannon distance: the square root of the divergence in nats, 0 to 0.8326. Zeros
  /// stay zero.
  public static double jensenShannon(double[] reference, double[] current) {
    sameLength(reference.length, current.length);
    double[] r = normed(reference);
    double[] c = normed(current);
    double sum = 0;
    for (int i = 0; i < r.length; i++) {
      double middle = (r[i] + c[i]) / 2;
      if (r[i] > 0) sum += r[i] * Math.log(r[i] / middle);
      if (c[i] > 0) sum += c[i] * Math.log(c[i] / middle);
    }
    return Math.sqrt(Math.max(0, sum / 2));
  }

  /// The same over counts.
  public static double jensenShannon(long[] reference, long[] current) {
    return jensenShannon(shares(reference), shares(current));
  }

  /// The Hellinger distance, 0 to 1.
  public static double hellinger(double[] reference, double[] current) {
    sameLength(reference.length, current.length);
    double sum = 0;
    for (int i = 0; i < reference.length; i++) sum += Math.sqrt(reference[i] * current[i]);
    return Math.sqrt(Math.max(0, 1 - sum));
  }

  /// The first Wasserstein distance of two samples, in the samples' own unit.
  ///
  /// @param reference sorted, no NaN, not empty
  /// @param current the same
  public static double wasserstein(double[] reference, double[] current) {
    notEmpty(reference.length, current.length);
    double sum = 0;
    double before = Math.min(reference[0], current[0]);
    int i = 0;
    int j = 0;
    while (i < reference.length || j < current.length) {
      boolean takeFirst =
          j >= current.length || (i < reference.length && reference[i] <= current[j]);
      double x = takeFirst ? reference[i] : current[j];
      double gap = Math.abs((double) i / reference.length - (double) j / current.length);
      if (gap > 0) sum += gap * (x - before);
      before = x;
      if (takeFirst) i++;
      else j++;
    }
    return sum;
  }

  /// The Wasserstein distance over the reference's standard deviation (at least 0.001).
  public static double wassersteinNormed(double[] reference, double[] current) {
    double mean = 0;
    for (double x : reference) mean += x / reference.length;
    double square = 0;
    for (double x : reference) square += (x - mean) * (x - mean) / reference.length;
    return wasserstein(reference, current) / Math.max(Math.sqrt(square), 0.001);
  }

  /// Counts as shares of their sum.
  ///
  /// @throws IllegalArgumentException if a count is negative or all are zero
  public static double[] shares(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      if (count < 0) throw new IllegalArgumentException("a count is negative: " + count);
      sum += count;
    }
    if (sum == 0) throw new IllegalArgumentException("the histogram is empty");
    double[] shares = new double[counts.length];
    for (int i = 0; i < counts.length; i++) shares[i] = (double) counts[i] / sum;
    return shares;
  }

  /// Zero shares replaced by a millionth of the smallest other share if that is at most 1e-4, else
  /// by 1e-4; the others untouched.
  static double[] filled(double[] shares) {
    double least = Double.POSITIVE_INFINITY;
    for (double share : shares) if (share > 0) least = Math.min(least, share);
    double fill = least <= 1e-4 ? least / 1e6 : 1e-4;
    double[] filled = shares.clone();
    for (int i = 0; i < filled.length; i++) if (filled[i] == 0) filled[i] = fill;
    return filled;
  }

  private static double[] normed(double[] shares) {
    double sum = 0;
    for (double share : shares) sum += share;
    double[] normed = new double[shares.length];
    for (int i = 0; i < shares.length; i++) normed[i] = shares[i] / sum;
    return normed;
  }

  private static void sameLength(int reference, int current) {
    if (reference != current) {
      throw new IllegalArgumentException(
          "%d bins against %d: both histograms need the same bins".formatted(reference, current));
    }
  }

  private static void notEmpty(int reference, int current) {
    if (reference == 0 || current == 0) throw new IllegalArgumentException("a sample is empty");
  }
}
