package dev.orrery.scorer;

import java.util.Arrays;

/// The thresholds of one feature, and how many of them a value is over.
///
/// A grid of even cells over the thresholds says in one step where to look; what is left is found
/// by as many halvings for every value, without a branch. Both are exact: the cell of a value grows
/// with the value (rounding keeps order), so thresholds of earlier cells are under it and those of
/// later cells are not.
final class Thresholds {
  private static final int CELLS_MAX = 4_096;

  /// Ascending, each once; behind them as many infinite ones as a look may pass the end.
  private final double[] values;

  private final int count;
  private final double lowest;
  private final double cellsPerUnit;

  /// Per cell, how many thresholds lie in earlier cells.
  private final int[] before;

  /// The first halving's step, a power of two: twice that is more than the thresholds of any cell.
  private final int firstStep;

  /// @param sorted ascending, each once, no NaN and no -0.0
  Thresholds(double[] sorted) {
    this.count = sorted.length;
    int from = count > 0 && sorted[0] == Double.NEGATIVE_INFINITY ? 1 : 0;
    int to = finite(sorted);
    this.lowest = from < to ? sorted[from] : 0;
    double width = from < to ? sorted[to - 1] - lowest : 0;
    int cells = Math.min(CELLS_MAX, Math.max(1, Integer.highestOneBit(Math.max(1, count)) * 8));
    double perUnit = cells / width;
    this.cellsPerUnit = Double.isFinite(perUnit) ? perUnit : 0;
    int[] filled = new int[cells];
    this.before = new int[cells];
    for (double value : sorted) filled[cell(value)]++;
    int most = 0;
    for (int c = 0; c < cells; c++) {
      if (c > 0) before[c] = before[c - 1] + filled[c - 1];
      most = Math.max(most, filled[c]);
    }
    this.firstStep = most == 0 ? 0 : Integer.highestOneBit(most);
    this.values = Arrays.copyOf(sorted, count + 2 * firstStep);
    Arrays.fill(values, count, values.length, Double.POSITIVE_INFINITY);
  }

  int count() {
    return count;
  }

  /// The place of a threshold.
  int place(double threshold) {
    return Arrays.binarySearch(values, 0, count, threshold + 0.0);
  }

  /// How many thresholds x is over; x is not NaN.
  int over(double x) {
    if (Math.abs(x) == Double.POSITIVE_INFINITY) return overInfinite(x > 0);
    int low = before[cell(x)];
    for (int step = firstStep; step > 0; step >>>= 1) {
      // The difference of two doubles has the sign of their order, also when it is tiny.
      double gap = values[low + step - 1] - x;
      low += step & (int) (Double.doubleToRawLongBits(gap) >> 63);
    }
    return low;
  }

  private int overInfinite(boolean positive) {
    return positive ? finite(Arrays.copyOf(values, count)) : 0;
  }

  private static int finite(double[] sorted) {
    int to = sorted.length;
    while (to > 0 && sorted[to - 1] == Double.POSITIVE_INFINITY) to--;
    return to;
  }

  private int cell(double x) {
    int cell = (int) ((x - lowest) * cellsPerUnit);
    return Math.max(0, Math.min(before.length - 1, cell));
  }
}
