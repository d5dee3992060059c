package dev.orrery.stats;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// An estimate with its confidence interval.
///
/// @param estimate the value found
/// @param low lower end
/// @param high upper end
/// @param confidence such as 0.95
public record Interval(double estimate, double low, double high, double confidence) {
  /// Whether the whole interval lies above x.
  public boolean above(double x) {
    return low > x;
  }

  /// Whether the whole interval lies below x.
  public boolean below(double x) {
    return high < x;
  }

  /// The mean with its interval by the central limit theorem.
  ///
  /// @param values at least 2, no NaN; for a paired comparison, the differences row by row
  public static Interval ofMean(double[] values, double confidence) {
    if (values.length < 2) throw new IllegalArgumentException("an interval needs two values");
    double mean = mean(values);
    double square = 0;
    for (double x : values) square += (x - mean) * (x - mean);
    double error = Math.sqrt(square / (values.length - 1) / values.length);
    return normal(mean, error, confidence);
  }

  /// The same where rows of one group, such as a day, may have much in common: the error is that of
  /// the groups' sums.
  ///
  /// @param group a number per value, at least 2 different
  public static Interval ofGroupedMean(double[] values, long[] group, double confidence) {
    if (values.length != group.length) throw new IllegalArgumentException("one group per value");
    double mean = mean(values);
    var sums = new TreeMap<Long, Double>();
    for (int i = 0; i < values.length; i++) sums.merge(group[i], values[i] - mean, Double::sum);
    int groups = sums.size();
    if (groups < 2) throw new IllegalArgumentException("an interval needs two groups");
    double square = 0;
    for (double sum : sums.values()) square += sum * sum;
    double error = Math.sqrt(square * groups / (groups - 1)) / values.length;
    return normal(mean, error, confidence);
  }

  /// The mean with its percentile bootstrap interval; the same seed gives the same interval.
  ///
  /// @param values at least 2, no NaN; for a paired comparison, the differences row by row
  /// @param rounds how many resamples, such as 1000
  public static Interval bootstrapMean(double[] values, double confidence, int rounds, long seed) {
    if (values.length < 2) throw new IllegalArgumentException("an interval needs two values");
    SplittableRandom random = new SplittableRandom(seed);
    double[] means = new double[rounds];
    for (int r = 0; r < rounds; r++) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) sum += values[random.nextInt(values.length)];
      means[r] = sum / values.length;
    }
    Arrays.sort(means);
    double tail = (1 - confidence) / 2;
    return new Interval(
        mean(values), percentile(means, tail), percentile(means, 1 - tail), confidence);
  }

  /// A share with Wilson's interval, which stays within 0 and 1.
  public static Interval ofShare(long hits, long trials, double confidence) {
    if (trials <= 0 || hits < 0 || hits > trials) {
      throw new IllegalArgumentException("%d hits of %d trials".formatted(hits, trials));
    }
    double z = Normal.quantile(1 - (1 - confidence) / 2);
    double p = (double) hits / trials;
    double base = 1 + z * z / trials;
    double middle = (p + z * z / (2 * trials)) / base;
    double half = z / base * Math.sqrt(p * (1 - p) / trials + z * z / (4.0 * trials * trials));
    return new Interval(p, Math.max(0, middle - half), Math.min(1, middle + half), confidence);
  }

  /// An estimate with a known standard error.
  static Interval normal(double estimate, double error, double confidence) {
    double z = Normal.quantile(1 - (1 - confidence) / 2);
    return new Interval(estimate, estimate - z * error, estimate + z * error, confidence);
  }

  /// Linear between order statistics, as NumPy's default.
  static double percentile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double x : values) sum += x;
    return sum / values.length;
  }
}
