package dev.orrery.monitor;

import org.jspecify.annotations.Nullable;

/// Sums up how good answers were, row by row.
final class Tally {
  /// Scores are counted in cells so wide that those of a window can be added up.
  static final int CELLS = 1_000;

  /// Probabilities are kept so far from 0 and 1 in the log loss, as scikit-learn keeps doubles.
  private static final double CLIP = Math.ulp(1.0);

  private final PooledAuc auc = new PooledAuc();
  private final long[] positives = new long[CELLS];
  private final long[] negatives = new long[CELLS];
  private long rows;
  private long truePositives;
  private long falsePositives;
  private long trueNegatives;
  private long falseNegatives;
  private double logLoss;
  private double brier;

  /// @param score what was answered; a row with NaN is passed over
  /// @param decision 0 or 1
  /// @param actual 0 or 1, or NaN where it is not known
  void add(double score, int decision, double actual) {
    if (Double.isNaN(score)) return;
    rows++;
    if (actual != 0 && actual != 1) return;
    boolean positive = actual == 1;
    auc.add(score, positive);
    (positive ? positives : negatives)[(int) Math.clamp(score * CELLS, 0, CELLS - 1)]++;
    if (decision == 1) {
      if (positive) truePositives++;
      else falsePositives++;
    } else if (positive) falseNegatives++;
    else trueNegatives++;
    double kept = Math.clamp(score, CLIP, 1 - CLIP);
    logLoss -= Math.log(positive ? kept : 1 - kept);
    brier += (score - actual) * (score - actual);
  }

  Performance performance() {
    long known = truePositives + falsePositives + trueNegatives + falseNegatives;
    return new Performance(
        rows,
        truePositives,
        falsePositives,
        trueNegatives,
        falseNegatives,
        orNull(auc.value()),
        known == 0 ? null : logLoss / known,
        known == 0 ? null : brier / known);
  }

  ScoreCells cells() {
    return new ScoreCells(positives.clone(), negatives.clone());
  }

  private static @Nullable Double orNull(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
