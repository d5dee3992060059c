package dev.orrery.data;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the columns of a table look like: counts, extremes, quantiles, the most frequent texts.
public record Profile(long rows, List<ColumnProfile> columns) {
  private static final int TOP_MAX = 10;
  private static final double[] QUANTILES = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

  /// One column.
  ///
  /// @param quantiles at 1, 5, 25, 50, 75, 95 and 99 %; empty but for numbers
  /// @param top the most frequent texts with their counts; empty but for texts
  public record ColumnProfile(
      String name,
      Table.Type type,
      long missing,
      long distinct,
      @Nullable Double mean,
      @Nullable Double std,
      @Nullable String min,
      @Nullable String max,
      List<Double> quantiles,
      List<Count> top) {}

  public record Count(String value, long rows) {}

  public static Profile of(Table table) {
    var profiles = new ArrayList<ColumnProfile>();
    table.columns().forEach((name, column) -> profiles.add(of(name, column)));
    return new Profile(table.rows(), profiles);
  }

  private static ColumnProfile of(String name, Column column) {
    return switch (column) {
      case Numbers(double[] values) -> numbers(name, values);
      case Strings strings -> strings(name, strings.values());
      case Times(long[] micros) -> times(name, micros);
    };
  }

  private static ColumnProfile numbers(String name, double[] values) {
    double[] sorted = Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
    long missing = values.length - sorted.length;
    if (sorted.length == 0) return empty(name, Table.Type.NUMBER, missing);
    double mean = Arrays.stream(sorted).sum() / sorted.length;
    double squares = 0;
    long distinct = 1;
    for (int i = 0; i < sorted.length; i++) {
      squares += (sorted[i] - mean) * (sorted[i] - mean);
      if (i > 0 && sorted[i] != sorted[i - 1]) distinct++;
    }
    var quantiles = new ArrayList<Double>();
    for (double q : QUANTILES) quantiles.add(sorted[(int) (q * (sorted.length - 1))]);
    return new ColumnProfile(
        name,
        Table.Type.NUMBER,
        missing,
        distinct,
        mean,
        Math.sqrt(squares / sorted.length),
        Double.toString(sorted[0]),
        Double.toString(sorted[sorted.length - 1]),
        quantiles,
        List.of());
  }

  private static ColumnProfile strings(String name, @Nullable String[] values) {
    Map<String, Long> counts = new HashMap<>();
    long missing = 0;
    for (String value : values) {
      if (value == null) missing++;
      else counts.merge(value, 1L, Long::sum);
    }
    if (counts.isEmpty()) return empty(name, Table.Type.STRING, missing);
    List<Count> top =
        counts.entrySet().stream()
            .map(e -> new Count(e.getKey(), e.getValue()))
            .sorted(Comparator.comparingLong(Count::rows).reversed().thenComparing(Count::value))
            .limit(TOP_MAX)
            .toList();
    return new ColumnProfile(
        name, Table.Type.STRING, missing, counts.size(), null, null, null, null, List.of(), top);
  }

  private static ColumnProfile times(String name, long[] micros) {
    long[] sorted = Arrays.stream(micros).filter(t -> t != Times.NONE).sorted().toArray();
    long missing = micros.length - sorted.length;
    if (sorted.length == 0) return empty(name, Table.Type.TIME, missing);
    long distinct = Arrays.stream(sorted).distinct().count();
    return new ColumnProfile(
        name,
        Table.Type.TIME,
        missing,
        distinct,
        null,
        null,
        instant(sorted[0]).toString(),
        instant(sorted[sorted.length - 1]).toString(),
        List.of(),
        List.of());
  }

  private static ColumnProfile empty(String name, Table.Type type, long missing) {
    return new ColumnProfile(name, type, missing, 0, null, null, null, null, List.of(), List.of());
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
