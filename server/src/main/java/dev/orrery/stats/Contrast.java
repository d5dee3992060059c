package dev.orrery.stats;

/// The difference of two independent groups, second less first, with its interval: what an A/B test
/// ends with.
public final class Contrast {
  private Contrast() {}

  /// The difference of two shares by Newcombe's hybrid of two Wilson intervals (*Statistics in
  /// Medicine* 17, 1998, method 10), which holds its level for shares near 0 and 1 too.
  public static Interval ofShares(
      long hitsFirst, long first, long hitsSecond, long second, double confidence) {
    Interval a = Interval.ofShare(hitsFirst, first, confidence);
    Interval b = Interval.ofShare(hitsSecond, second, confidence);
    double difference = b.estimate() - a.estimate();
    double down = Math.hypot(b.estimate() - b.low(), a.high() - a.estimate());
    double up = Math.hypot(b.high() - b.estimate(), a.estimate() - a.low());
    return new Interval(
        difference, Math.max(-1, difference - down), Math.min(1, difference + up), confidence);
  }

  /// Count, mean and variance of a group.
  ///
  /// @param variance of the sample, by n - 1
  public record Group(long n, double mean, double variance) {
    /// From sums, as they are kept while rows go by.
    public static Group ofSums(long n, double sum, double squares) {
      double mean = n == 0 ? Double.NaN : sum / n;
      double variance = n < 2 ? Double.NaN : Math.max(0, (squares - n * mean * mean) / (n - 1));
      return new Group(n, mean, variance);
    }
  }

  /// The difference of two means whose groups may vary differently, by Welch (1947) with
  /// Satterthwaite's degrees of freedom.
  ///
  /// @return NaN throughout if a group has fewer than two values
  public static Interval ofMeans(Group first, Group second, double confidence) {
    double difference = second.mean() - first.mean();
    double a = first.variance() / first.n();
    double b = second.variance() / second.n();
    if (first.n() < 2 || second.n() < 2) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN, confidence);
    }
    double square = a + b;
    if (square == 0) return new Interval(difference, difference, difference, confidence);
    double degrees = square * square / (a * a / (first.n() - 1) + b * b / (second.n() - 1));
    double half = StudentT.quantile(1 - (1 - confidence) / 2, degrees) * Math.sqrt(square);
    return new Interval(difference, difference - half, difference + half, confidence);
  }

  /// Sums over the units of a group, each of which has several values: what a ratio of totals, such
  /// as conversions a request, needs when the units and not the values were drawn.
  ///
  /// @param units how many
  /// @param sum of all values, `squares` of the units' sums squared
  /// @param values how many there are, `valueSquares` of the units' counts squared
  /// @param products of each unit's sum and count
  public record Clusters(
      long units, double sum, double squares, double values, double valueSquares, double products) {
    /// Values a unit's total by the units' count.
    public double ratio() {
      return sum / values;
    }

    /// The variance of [#ratio] by the delta method (Deng, Knoblich and Lu, KDD 2018).
    double variance() {
      double ratio = ratio();
      double residuals = squares - 2 * ratio * products + ratio * ratio * valueSquares;
      double mean = values / units;
      return Math.max(0, residuals) / (units - 1) / units / (mean * mean);
    }
  }

  /// The difference of two ratios of totals over drawn units.
  ///
  /// @return NaN throughout if a group has fewer than two units
  public static Interval ofClusters(Clusters first, Clusters second, double confidence) {
    if (first.units() < 2 || second.units() < 2) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN, confidence);
    }
    return Interval.normal(
        second.ratio() - first.ratio(),
        Math.sqrt(first.variance() + second.variance()),
        confidence);
  }
}
