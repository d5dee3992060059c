package dev.orrery.stats;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The cells in which a column is counted, fitted on a reference and then kept as they are.
///
/// The last cell is always for missing values. A numeric column's other cells are the half-open
/// intervals between ascending edges, open to both sides: `x <= e0`, `e0 < x <= e1`, ..., `x > ek`.
/// A column of texts has one cell per known value and, before the missing one, a cell for all other
/// values. A record of this shape is its own JSON.
///
/// @param edges ascending edges of a numeric column; null for texts
/// @param values the known values of a text column; null for numbers
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Bins(@Nullable List<Double> edges, @Nullable List<String> values) {
  public Bins {
    if ((edges == null) == (values == null)) {
      throw new IllegalArgumentException("bins have either edges or values");
    }
    if (edges != null) {
      edges = List.copyOf(edges);
      for (int i = 0; i < edges.size(); i++) {
        if (edges.get(i).isNaN() || (i > 0 && edges.get(i - 1) >= edges.get(i))) {
          throw new IllegalArgumentException("the edges of bins do not ascend at " + i);
        }
      }
    }
    if (values != null) values = List.copyOf(values);
  }

  /// Bins of about equal reference counts; fewer where values repeat. A column of few values gets
  /// one bin for each.
  ///
  /// @param reference values in any order; NaN is missing, infinities count like other numbers
  /// @param countMax at most so many bins beside the missing one, >= 1
  public static Bins quantiles(double[] reference, int countMax) {
    return sortedQuantiles(present(reference), countMax);
  }

  /// The same over sorted values without NaN.
  static Bins sortedQuantiles(double[] sorted, int countMax) {
    List<Double> distinct = new ArrayList<>();
    for (int i = 0; i < sorted.length && distinct.size() <= countMax; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) distinct.add(sorted[i]);
    }
    if (distinct.size() <= countMax) {
      return new Bins(
          distinct.isEmpty() ? List.of() : distinct.subList(0, distinct.size() - 1), null);
    }
    List<Double> edges = new ArrayList<>();
    double last = sorted[sorted.length - 1];
    for (int k = 1; k < countMax; k++) {
      double edge = sorted[(int) ((long) k * sorted.length / countMax)];
      boolean further = edges.isEmpty() || edge > edges.getLast();
      if (further && edge < last) edges.add(edge + 0.0);
    }
    return new Bins(edges, null);
  }

  /// One bin for each of the most frequent values; ties go to the smaller text.
  ///
  /// @param reference values; null is missing
  /// @param countMax at most so many known values, >= 1
  public static Bins categories(@Nullable String[] reference, int countMax) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String value : reference) if (value != null) counts.merge(value, 1, Integer::sum);
    List<String> frequent =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Integer>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(countMax)
            .map(Map.Entry::getKey)
            .toList();
    return new Bins(null, frequent);
  }

  /// The number of cells, the one for missing values included.
  public int count() {
    if (edges != null) return edges.size() + 2;
    return values == null ? 0 : values.size() + 2;
  }

  public boolean numeric() {
    return edges != null;
  }

  /// Counts numbers per cell.
  ///
  /// @throws IllegalStateException if these are bins of texts
  public long[] counts(double[] column) {
    double[] e = edgesOf();
    long[] counts = new long[count()];
    for (double x : column) counts[cell(e, x)]++;
    return counts;
  }

  /// Counts texts per cell.
  ///
  /// @throws IllegalStateException if these are bins of numbers
  public long[] counts(@Nullable String[] column) {
    if (values == null) throw new IllegalStateException("these bins count numbers");
    Map<String, Integer> cells = new HashMap<>();
    for (int i = 0; i < values.size(); i++) cells.put(values.get(i), i);
    long[] counts = new long[count()];
    for (String value : column) {
      int cell = value == null ? values.size() + 1 : cells.getOrDefault(value, values.size());
      counts[cell]++;
    }
    return counts;
  }

  /// What each cell holds, for people: `<= 3`, `3 .. 7`, `> 7`, `ATL`, `(other)`, `(missing)`.
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    if (edges != null) {
      for (int i = 0; i <= edges.size(); i++) {
        if (edges.isEmpty()) labels.add("any");
        else if (i == 0) labels.add("<= " + number(edges.getFirst()));
        else if (i == edges.size()) labels.add("> " + number(edges.getLast()));
        else labels.add(number(edges.get(i - 1)) + " .. " + number(edges.get(i)));
      }
    }
    if (values != null) {
      labels.addAll(values);
      labels.add("(other)");
    }
    labels.add("(missing)");
    return List.copyOf(labels);
  }

  private static String number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : "%.4g".formatted(x);
  }

  private double[] edgesOf() {
    if (edges == null) throw new IllegalStateException("these bins count texts");
    return edges.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static int cell(double[] edges, double x) {
    if (Double.isNaN(x)) return edges.length + 1;
    int low = 0;
    int high = edges.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (edges[middle] < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// The values that are not NaN, sorted, with 0.0 in place of -0.0.
  static double[] present(double[] column) {
    double[] present = new double[column.length];
    int n = 0;
    for (double x : column) if (!Double.isNaN(x)) present[n++] = x + 0.0;
    present = Arrays.copyOf(present, n);
    Arrays.parallelSort(present);
    return present;
  }
}
