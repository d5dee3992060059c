package dev.orrery.monitor;

import java.util.Arrays;

/// The area under the ROC curve of rows that come one by one.
///
/// Exact up to [#EXACT_MAX] rows; from there on scores are counted in cells a 262,144th wide, and
/// pairs that share a cell count half.
final class PooledAuc {
  static final int EXACT_MAX = 1 << 20;
  private static final int CELLS = 1 << 18;

  private final int exactMax;
  private double[] positive = new double[256];
  private double[] negative = new double[256];
  private int positives;
  private int negatives;
  private long[] positiveCells = {};
  private long[] negativeCells = {};

  PooledAuc() {
    this(EXACT_MAX);
  }

  PooledAuc(int exactMax) {
    this.exactMax = exactMax;
  }

  void add(double score, boolean isPositive) {
    if (positiveCells.length > 0) {
      (isPositive ? positiveCells : negativeCells)[cell(score)]++;
      return;
    }
    if (isPositive) {
      if (positives == positive.length) positive = Arrays.copyOf(positive, 2 * positives);
      positive[positives++] = score;
    } else {
      if (negatives == negative.length) negative = Arrays.copyOf(negative, 2 * negatives);
      negative[negatives++] = score;
    }
    if (positives + negatives >= exactMax) fold();
  }

  /// NaN if one of the classes has no rows.
  double value() {
    if (positiveCells.length > 0) return area(positiveCells, negativeCells);
    if (positives == 0 || negatives == 0) return Double.NaN;
    double[] high = Arrays.copyOf(positive, positives);
    double[] low = Arrays.copyOf(negative, negatives);
    Arrays.parallelSort(high);
    Arrays.parallelSort(low);
    double pairs = 0;
    int below = 0;
    int upTo = 0;
    for (double score : high) {
      while (below < low.length && low[below] < score) below++;
      while (upTo < low.length && low[upTo] <= score) upTo++;
      pairs += (below + upTo) / 2.0;
    }
    return pairs / ((double) positives * negatives);
  }

  /// The area where pairs in one cell count half; NaN if one of the classes has no rows.
  static double area(long[] positive, long[] negative) {
    double pairs = 0;
    double below = 0;
    double all = 0;
    for (int i = 0; i < positive.length; i++) {
      pairs += positive[i] * (below + negative[i] / 2.0);
      below += negative[i];
      all += positive[i];
    }
    return all == 0 || below == 0 ? Double.NaN : pairs / (all * below);
  }

  private void fold() {
    positiveCells = new long[CELLS];
    negativeCells = new long[CELLS];
    for (int i = 0; i < positives; i++) positiveCells[cell(positive[i])]++;
    for (int i = 0; i < negatives; i++) negativeCells[cell(negative[i])]++;
    positive = new double[0];
    negative = new double[0];
  }

  private static int cell(double score) {
    return (int) Math.clamp(score * CELLS, 0, CELLS - 1);
  }
}
