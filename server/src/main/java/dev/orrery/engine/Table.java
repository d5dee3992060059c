package dev.orrery.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Named columns of one length: the form in which rows travel between the parts.
///
/// A table is not changed after it is made; its arrays are shared, not copied. Missing values are
/// NaN among numbers, null among strings and [Times#NONE] among times.
///
/// @param rows the length of every column
public record Table(SequencedMap<String, Column> columns, int rows) {
  /// What a column holds.
  public enum Type {
    NUMBER,
    STRING,
    TIME
  }

  /// One column.
  public sealed interface Column {
    int rows();

    Type type();

    /// The same column with only these rows, in this order.
    Column pick(int[] rows);

    /// The value for people and JSON: a Double, a String, an Instant, or null if missing.
    @Nullable Object value(int row);
  }

  /// Integers are exact up to 2^53; booleans are 0 and 1; missing is NaN.
  public record Numbers(double[] values) implements Column {
    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Type type() {
      return Type.NUMBER;
    }

    @Override
    public Numbers pick(int[] rows) {
      double[] picked = new double[rows.length];
      for (int i = 0; i < rows.length; i++) picked[i] = values[rows[i]];
      return new Numbers(picked);
    }

    @Override
    public @Nullable Object value(int row) {
      return Double.isNaN(values[row]) ? null : (Object) values[row];
    }
  }

  public record Strings(@Nullable String[] values) implements Column {
    @Override
    public int rows() {
      return values.length;
    }

    @Override
    public Type type() {
      return Type.STRING;
    }

    @Override
    public Strings pick(int[] rows) {
      @Nullable String[] picked = new String[rows.length];
      for (int i = 0; i < rows.length; i++) picked[i] = values[rows[i]];
      return new Strings(picked);
    }

    @Override
    public @Nullable Object value(int row) {
      return values[row];
    }
  }

  /// Instants in microseconds since 1970-01-01T00:00Z.
  public record Times(long[] micros) implements Column {
    /// The missing time.
    public static final long NONE = Long.MIN_VALUE;

    @Override
    public int rows() {
      return micros.length;
    }

    @Override
    public Type type() {
      return Type.TIME;
    }

    @Override
    public Times pick(int[] rows) {
      long[] picked = new long[rows.length];
      for (int i = 0; i < rows.length; i++) picked[i] = micros[rows[i]];
      return new Times(picked);
    }

    @Override
    public @Nullable Object value(int row) {
      return micros[row] == NONE
          ? null
          : java.time.Instant.EPOCH.plus(micros[row], java.time.temporal.ChronoUnit.MICROS);
    }
  }

  public Table {
    for (Column column : columns.values()) {
      if (column.rows() != rows) {
        throw new IllegalArgumentException(
            "a column has %d rows, not %d".formatted(column.rows(), rows));
      }
    }
    if (!(columns instanceof Columns)) {
      columns = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(columns));
    }
  }

  public static Table of(SequencedMap<String, Column> columns) {
    return new Table(columns, columns.isEmpty() ? 0 : columns.firstEntry().getValue().rows());
  }

  /// The columns in their order; not to be changed.
  public Column[] inOrder() {
    return columns instanceof Columns shared
        ? shared.inOrder()
        : columns.values().toArray(Column[]::new);
  }

  public List<String> names() {
    return new ArrayList<>(columns.keySet());
  }

  public boolean has(String name) {
    return columns.containsKey(name);
  }

  /// @throws IllegalArgumentException if there is no such column: callers check names first
  public Column column(String name) {
    Column column = columns.get(name);
    if (column == null) throw new IllegalArgumentException("no column " + name);
    return column;
  }

  public double[] numbers(String name) {
    return ((Numbers) column(name)).values();
  }

  public @Nullable String[] strings(String name) {
    return ((Strings) column(name)).values();
  }

  public long[] micros(String name) {
    return ((Times) column(name)).micros();
  }

  /// The table with only these rows, in this order.
  public Table pick(int[] rows) {
    var picked = new LinkedHashMap<String, Column>();
    columns.forEach((name, column) -> picked.put(name, column.pick(rows)));
    return new Table(picked, rows.length);
  }

  /// The table with only these columns, in this order.
  public Table select(List<String> names) {
    var selected = new LinkedHashMap<String, Column>();
    for (String name : names) selected.put(name, column(name));
    return new Table(selected, rows);
  }

  /// The table with one column more, or another in its place.
  public Table with(String name, Column column) {
    var more = new LinkedHashMap<>(columns);
    more.put(name, column);
    return new Table(more, rows);
  }
}
