package dev.orrery.engine;

import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// Gives DuckDB a table column by column: an array is one list there, which costs a third of
/// appending its values one by one. A column that the table has twice is given once.
final class Handover {
  /// Rows in one list.
  private static final int CHUNK = 50_000;

  private Handover() {}

  /// Puts the table into a temporary one of this connection.
  ///
  /// @return the query that gives its rows, in order
  static String of(Connection connection, Table table) throws SQLException {
    List<String> names = List.copyOf(table.columns().keySet());
    List<Column> columns = List.copyOf(table.columns().values());
    List<Column> distinct = distinct(columns);
    try (var statement = connection.createStatement()) {
      statement.execute(
          IntStream.range(0, distinct.size())
              .mapToObj(i -> "c%d %s[]".formatted(i, sqlType(distinct.get(i))))
              .collect(Collectors.joining(", ", "create temp table out_rows (", ")")));
    }
    try (DuckDBAppender appender =
        ((DuckDBConnection) connection).createAppender("temp", "main", "out_rows")) {
      for (int from = 0; from < table.rows(); from += CHUNK) {
        int to = Math.min(table.rows(), from + CHUNK);
        appender.beginRow();
        for (Column column : distinct) append(appender, column, from, to);
        appender.endRow();
        appender.flush();
      }
    }
    String lists =
        IntStream.range(0, distinct.size())
            .mapToObj(i -> "unnest(c%d) as c%d".formatted(i, i))
            .collect(Collectors.joining(", "));
    return IntStream.range(0, names.size())
        .mapToObj(i -> {
          String from = "c" + place(distinct, columns.get(i));
          if (columns.get(i) instanceof Times) from = "make_timestamp(%s)".formatted(from);
          return "%s as %s".formatted(from, Engine.quoted(names.get(i)));
        })
        .collect(Collectors.joining(", ", "select ", " from (select " + lists + " from out_rows)"));
  }

  private static List<Column> distinct(List<Column> columns) {
    return IntStream.range(0, columns.size())
        .filter(i -> place(columns, columns.get(i)) == i)
        .mapToObj(columns::get)
        .toList();
  }

  /// Where this very column stands first.
  private static int place(List<Column> columns, Column sought) {
    int at = 0;
    while (columns.get(at) != sought) at++;
    return at;
  }

  private static void append(DuckDBAppender appender, Column column, int from, int to)
      throws SQLException {
    switch (column) {
      case Numbers(double[] values) -> {
        double[] part = Arrays.copyOfRange(values, from, to);
        boolean @Nullable [] nulls = null;
        for (int i = 0; i < part.length; i++) {
          if (!Double.isNaN(part[i])) continue;
          if (nulls == null) nulls = new boolean[part.length];
          nulls[i] = true;
        }
        if (nulls == null) appender.append(part);
        else appender.append(part, nulls);
      }
      case Times(long[] micros) -> {
        long[] part = Arrays.copyOfRange(micros, from, to);
        boolean[] nulls = new boolean[part.length];
        for (int i = 0; i < part.length; i++) nulls[i] = part[i] == Times.NONE;
        appender.append(part, nulls);
      }
      case Strings strings -> appender.append(Arrays.asList(strings.values()).subList(from, to));
    }
  }

  private static String sqlType(Column column) {
    return switch (column.type()) {
      case NUMBER -> "double";
      case STRING -> "varchar";
      case TIME -> "bigint";
    };
  }
}
