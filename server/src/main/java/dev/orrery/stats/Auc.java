package dev.orrery.stats;

import java.util.Arrays;

/// The area under the ROC curve: the share of (positive, negative) pairs whose scores stand in the
/// right order, ties counting half.
public final class Auc {
  private Auc() {}

  /// @param scores no NaN
  /// @param positive which rows are positive
  /// @return NaN if one of the classes has no rows
  public static double of(double[] scores, boolean[] positive) {
    sameLength(scores, positive);
    int[] order = ascending(scores);
    long positives = 0;
    double ranks = 0;
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      double score = scores[order[from]];
      while (to < order.length && scores[order[to]] == score) to++;
      long here = 0;
      for (int i = from; i < to; i++) if (positive[order[i]]) here++;
      ranks += here * ((from + 1 + to) / 2.0);
      positives += here;
      from = to;
    }
    double negatives = scores.length - positives;
    if (positives == 0 || negatives == 0) return Double.NaN;
    return (ranks - positives * (positives + 1) / 2.0) / (positives * negatives);
  }

  /// The difference of two scores' areas on the same rows, `first - second`, with its interval by
  /// DeLong, DeLong and Clarke-Pearson (1988), in the fast form of Sun and Xu (2014).
  ///
  /// @return NaN throughout if a class has fewer than two rows
  public static Interval difference(
      double[] first, double[] second, boolean[] positive, double confidence) {
    sameLength(first, positive);
    sameLength(second, positive);
    Placements a = Placements.of(first, positive);
    Placements b = Placements.of(second, positive);
    if (a.positives.length < 2 || a.negatives.length < 2) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN, confidence);
    }
    double gap = mean(a.positives) - mean(b.positives);
    double variance =
        varianceOfGap(a.positives, b.positives) / a.positives.length
            + varianceOfGap(a.negatives, b.negatives) / a.negatives.length;
    return Interval.normal(gap, Math.sqrt(variance), confidence);
  }

  /// For each positive, the share of negatives below it; for each negative, of positives above it.
  private record Placements(double[] positives, double[] negatives) {
    static Placements of(double[] scores, boolean[] positive) {
      int count = 0;
      for (boolean p : positive) if (p) count++;
      double[] positives = new double[count];
      double[] negatives = new double[scores.length - count];
      int p = 0;
      int n = 0;
      for (int i = 0; i < scores.length; i++) {
        if (positive[i]) positives[p++] = scores[i];
        else negatives[n++] = scores[i];
      }
      double[] sortedPositives = positives.clone();
      double[] sortedNegatives = negatives.clone();
      Arrays.sort(sortedPositives);
      Arrays.sort(sortedNegatives);
      for (int i = 0; i < positives.length; i++) {
        positives[i] = below(sortedNegatives, positives[i]) / Math.max(1, negatives.length);
      }
      for (int i = 0; i < negatives.length; i++) {
        negatives[i] = 1 - below(sortedPositives, negatives[i]) / Math.max(1, positives.length);
      }
      return new Placements(positives, negatives);
    }

    /// How many stand below x, equal ones counting half.
    private static double below(double[] sorted, double x) {
      return (lower(sorted, x, false) + lower(sorted, x, true)) / 2.0;
    }

    private static int lower(double[] sorted, double x, boolean orEqual) {
      int low = 0;
      int high = sorted.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        boolean before = orEqual ? sorted[middle] <= x : sorted[middle] < x;
        if (before) low = middle + 1;
        else high = middle;
      }
      return low;
    }
  }

  private static double varianceOfGap(double[] first, double[] second) {
    double mean = mean(first) - mean(second);
    double square = 0;
    for (int i = 0; i < first.length; i++) {
      double gap = first[i] - second[i] - mean;
      square += gap * gap;
    }
    return square / (first.length - 1);
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double x : values) sum += x;
    return sum / values.length;
  }

  /// The row numbers in ascending order of score, rows of equal score in their own order.
  public static int[] ascending(double[] scores) {
    int[] order = new int[scores.length];
    double[] sorted = scores.clone();
    Arrays.parallelSort(sorted);
    int[] next = new int[scores.length];
    for (int i = 0; i < scores.length; i++) {
      if (Double.isNaN(scores[i]))
        throw new IllegalArgumentException("score %d is NaN".formatted(i));
      int at = first(sorted, scores[i]);
      order[at + next[at]++] = i;
    }
    return order;
  }

  private static int first(double[] sorted, double x) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private static void sameLength(double[] scores, boolean[] positive) {
    if (scores.length != positive.length) {
      throw new IllegalArgumentException(
          "%d scores for %d outcomes".formatted(scores.length, positive.length));
    }
  }
}
