package dev.orrery.monitor;

/// Rows with a known outcome, counted by their score: cells of equal width from 0 to 1.
record ScoreCells(long[] positives, long[] negatives) {
  static ScoreCells empty() {
    return new ScoreCells(new long[Tally.CELLS], new long[Tally.CELLS]);
  }

  void add(ScoreCells other) {
    for (int i = 0; i < positives.length; i++) {
      positives[i] += other.positives[i];
      negatives[i] += other.negatives[i];
    }
  }

  /// The AUC, within about 1e-5 of that of the scores themselves; NaN if a class has no rows.
  double auc() {
    return PooledAuc.area(positives, negatives);
  }
}
