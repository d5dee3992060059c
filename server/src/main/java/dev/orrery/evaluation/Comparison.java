package dev.orrery.evaluation;

import dev.orrery.stats.Auc;
import dev.orrery.stats.Interval;

/// Two models on the same rows.
///
/// @param rows how many
/// @param logLoss candidate minus champion, mean over rows; below 0 is better
/// @param auc candidate minus champion; above 0 is better
public record Comparison(long rows, Interval logLoss, Interval auc) {
  /// Rows taken as independent of each other.
  ///
  /// @param candidate scores within 0 and 1
  /// @param champion scores of the same rows
  /// @param actual 0 or 1
  public static Comparison of(
      double[] candidate, double[] champion, double[] actual, double confidence) {
    boolean[] positive = Metrics.positive(candidate, actual);
    double[] gaps = gaps(candidate, champion, positive);
    return new Comparison(
        gaps.length,
        Interval.ofMean(gaps, confidence),
        Auc.difference(candidate, champion, positive, confidence));
  }

  /// Rows that share a group, such as a day, may have much in common; the interval of the log loss
  /// takes that into account. (That of the AUC does not.)
  ///
  /// @param group a number per row, at least 2 different
  public static Comparison grouped(
      double[] candidate, double[] champion, double[] actual, long[] group, double confidence) {
    boolean[] positive = Metrics.positive(candidate, actual);
    double[] gaps = gaps(candidate, champion, positive);
    return new Comparison(
        gaps.length,
        Interval.ofGroupedMean(gaps, group, confidence),
        Auc.difference(candidate, champion, positive, confidence));
  }

  /// Whether the candidate is better beyond chance in one figure and not worse in the other.
  public boolean candidateBetter() {
    return (logLoss.below(0) && !auc.below(0)) || (auc.above(0) && !logLoss.above(0));
  }

  /// Whether the candidate is worse beyond chance in one figure.
  public boolean candidateWorse() {
    return logLoss.above(0) || auc.below(0);
  }

  private static double[] gaps(double[] candidate, double[] champion, boolean[] positive) {
    if (candidate.length != champion.length) {
      throw new IllegalArgumentException(
          "%d scores against %d: compare the same rows"
              .formatted(candidate.length, champion.length));
    }
    double[] gaps = new double[candidate.length];
    for (int i = 0; i < gaps.length; i++) {
      gaps[i] =
          Metrics.logLoss(candidate[i], positive[i]) - Metrics.logLoss(champion[i], positive[i]);
    }
    return gaps;
  }
}
