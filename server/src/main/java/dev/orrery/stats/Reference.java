package dev.orrery.stats;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The distribution of one column at training time: all that a drift monitor needs, however many
/// rows there were.
///
/// @param column the column's name
/// @param bins the cells
/// @param counts rows per cell, of all training rows
/// @param sample at most [#SAMPLE_MAX] values that stand at even steps through the sorted training
///   values (so that its distribution is within 1 / length of theirs everywhere), ascending; empty
///   for texts
public record Reference(String column, Bins bins, List<Long> counts, List<Double> sample) {
  public static final int BINS_MAX = 20;
  public static final int CATEGORIES_MAX = 50;
  public static final int SAMPLE_MAX = 1_000;

  public Reference {
    counts = List.copyOf(counts);
    sample = List.copyOf(sample);
    if (counts.size() != bins.count()) {
      throw new IllegalArgumentException(
          "column %s has %d counts for %d bins".formatted(column, counts.size(), bins.count()));
    }
  }

  public static Reference of(String column, double[] values) {
    double[] sorted = Bins.present(values);
    Bins bins = Bins.sortedQuantiles(sorted, BINS_MAX);
    int length = Math.min(sorted.length, SAMPLE_MAX);
    Double[] sample = new Double[length];
    for (int i = 0; i < length; i++) {
      sample[i] = sorted[(int) ((2L * i + 1) * sorted.length / (2L * length))];
    }
    return new Reference(column, bins, boxed(bins.counts(values)), List.of(sample));
  }

  public static Reference of(String column, @Nullable String[] values) {
    Bins bins = Bins.categories(values, CATEGORIES_MAX);
    return new Reference(column, bins, boxed(bins.counts(values)), List.of());
  }

  /// How a numeric column of now differs from this reference.
  public Shift shift(double[] current) {
    double[] present = Bins.present(current);
    long[] now = bins.counts(current);
    double[] then = sample.stream().mapToDouble(Double::doubleValue).toArray();
    if (then.length == 0 || present.length == 0) return shift(now, Double.NaN, Double.NaN);
    KolmogorovSmirnov ks = KolmogorovSmirnov.sorted(then, present);
    return shift(now, ks.statistic(), ks.probability());
  }

  /// How a column of texts of now differs from this reference; the test is chi-square.
  public Shift shift(@Nullable String[] current) {
    long[] now = bins.counts(current);
    boolean known = current.length > 0 && counts.stream().anyMatch(c -> c > 0);
    if (!known) return shift(now, Double.NaN, Double.NaN);
    ChiSquare test = ChiSquare.homogeneity(countsArray(), now);
    return shift(now, test.statistic(), test.probability());
  }

  private Shift shift(long[] now, double statistic, double probability) {
    long rows = 0;
    for (long count : now) rows += count;
    boolean known = rows > 0 && counts.stream().anyMatch(c -> c > 0);
    return new Shift(
        column,
        rows,
        known ? Drift.psi(countsArray(), now) : Double.NaN,
        known ? Drift.jensenShannon(countsArray(), now) : Double.NaN,
        statistic,
        probability,
        boxed(now));
  }

  public long[] countsArray() {
    return counts.stream().mapToLong(Long::longValue).toArray();
  }

  private static List<Long> boxed(long[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  /// One column, now against its reference. NaN where there are no rows to tell from.
  ///
  /// @param rows how many rows stand in the current counts
  /// @param statistic Kolmogorov-Smirnov's D for numbers, chi-square for texts
  /// @param probability of a statistic so large if nothing had changed
  /// @param counts rows per cell now
  public record Shift(
      String column,
      long rows,
      double psi,
      double jensenShannon,
      double statistic,
      double probability,
      List<Long> counts) {
    public Shift {
      counts = List.copyOf(counts);
    }

    public Drift.Band band() {
      return Drift.Band.of(psi);
    }
  }
}
