package dev.orrery.engine;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/// SQL over files, by DuckDB in this process: reads Parquet and CSV into tables, writes Parquet.
///
/// Safe for use by many threads; each call has a connection of its own. Times without a zone are
/// taken as UTC. A table read into memory has at most [#ROWS_MAX] rows.
public final class Engine implements AutoCloseable {
  static final int ROWS_MAX = 50_000_000;

  private final Properties settings = new Properties();

  /// DuckDB, once it has been asked for something: a server that only tracks never loads it.
  private @Nullable Connection root;

  private boolean isClosed;

  /// @param threads how many threads one query may use
  /// @param memory how much memory all queries together may take, as DuckDB writes it: `1GB`
  public Engine(int threads, String memory) {
    settings.setProperty("threads", Integer.toString(threads));
    settings.setProperty("memory_limit", memory);
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
  }

  /// A column of a file, and what it holds for us.
  public record ColumnType(String name, Table.Type type, String sqlType) {}

  /// The columns of a Parquet or CSV file, in the file's order.
  public List<ColumnType> columns(Path file) {
    return columns(file, source(file));
  }

  private List<ColumnType> columns(Path file, String source) {
    try (var connection = connect();
        var describe = connection.prepareStatement("describe select * from " + source)) {
      describe.setString(1, readable(file).toString());
      var columns = new ArrayList<ColumnType>();
      try (var found = describe.executeQuery()) {
        while (found.next()) {
          String sqlType = found.getString("column_type");
          columns.add(new ColumnType(found.getString("column_name"), type(sqlType), sqlType));
        }
      }
      return columns;
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  /// All rows of a Parquet or CSV file, in the file's order.
  ///
  /// @throws Problem of kind INVALID if the file is damaged or a column's type has no place here
  public Table read(Path file) {
    String source = source(file);
    return read(file, source, columns(file, source));
  }

  /// The same, but of a CSV file every column as the texts that stand there, for callers that know
  /// its types: a field that is empty is missing, and one that is quoted an empty text.
  public Table readTexts(Path file) {
    if (!Csv.isNamedSo(file)) return read(file);
    String source = source(file);
    source =
        source.substring(0, source.length() - 1)
            + ", all_varchar = true, allow_quoted_nulls = false, comment = '')";
    Table table = read(file, source, columns(file, source));
    return table.columns().size() == 1 ? withoutBlanks(table) : table;
  }

  /// A blank line is no row, in a file of one column neither.
  private static Table withoutBlanks(Table table) {
    @Nullable String[] values = table.strings(table.names().getFirst());
    return table.pick(IntStream.range(0, values.length).filter(i -> values[i] != null).toArray());
  }

  private Table read(Path file, String source, List<ColumnType> columns) {
    String sql =
        columns.stream().map(Engine::projected).collect(Collectors.joining(", ", "select ", ""))
            + " from "
            + source;
    try (var connection = connect();
        var select = connection.prepareStatement(sql)) {
      select.setString(1, readable(file).toString());
      return fetch(select, columns);
    } catch (SQLException e) {
      throw unreadable(file, e);
    }
  }

  /// Writes a table as one Parquet file (zstd), its rows in order; the file must not exist yet.
  public void write(Table table, Path file) {
    write(table, file, Packing.SMALL);
  }

  /// How Parquet files are compressed.
  public enum Packing {
    /// As small as can be, for what is written once and read often.
    SMALL("zstd"),
    /// With little work, for what is written while others wait for the processor.
    QUICK("snappy");

    private final String codec;

    Packing(String codec) {
      this.codec = codec;
    }
  }

  public void write(Table table, Path file, Packing packing) {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      String rows = Handover.of(connection, table);
      statement.execute(
          "copy (%s) to '%s' (format parquet, compression %s)"
              .formatted(rows, file.toString().replace("'", "''"), packing.codec));
    } catch (SQLException e) {
      throw new Problem(
              Fault.CANNOT_WRITE_TABLE,
              "cannot write %s: %s".formatted(file, Texts.shown(firstLine(e))),
              "Check the disk's free space and the folder's permissions")
          .because(e);
    }
  }

  /// What a query over files gives; for questions by people and for tests. Each `?` is a value.
  public Table query(String sql, Object... values) {
    try (var connection = connect()) {
      List<ColumnType> columns = new ArrayList<>();
      try (var describe = connection.prepareStatement("describe " + sql)) {
        bind(describe, values);
        try (var found = describe.executeQuery()) {
          while (found.next()) {
            String sqlType = found.getString("column_type");
            columns.add(new ColumnType(found.getString("column_name"), type(sqlType), sqlType));
          }
        }
      }
      String projection =
          columns.stream().map(Engine::projected).collect(Collectors.joining(", ", "select ", ""));
      try (var select = connection.prepareStatement(projection + " from (" + sql + ") as q")) {
        bind(select, values);
        return fetch(select, columns);
      }
    } catch (SQLException e) {
      throw new Problem(
              Fault.BAD_QUERY,
              "the query cannot be answered: " + Texts.shown(firstLine(e)),
              "Mend the SQL; it is DuckDB's")
          .because(e);
    }
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    Connection opened = root;
    if (opened == null) return;
    try {
      opened.close();
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB does not close", e);
    }
  }

  private synchronized Connection connect() throws SQLException {
    if (isClosed) throw new IllegalStateException("the engine is closed");
    Connection opened = root;
    if (opened == null) {
      opened = DriverManager.getConnection("jdbc:duckdb:", settings);
      root = opened;
    }
    return ((DuckDBConnection) opened).duplicate();
  }

  private static void bind(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
  }

  private static Table fetch(PreparedStatement select, List<ColumnType> columns)
      throws SQLException {
    int width = columns.size();
    Object[] growing = new Object[width];
    int capacity = 1024;
    for (int c = 0; c < width; c++) growing[c] = array(columns.get(c).type(), capacity);
    int rows = 0;
    try (ResultSet found = select.executeQuery()) {
      while (found.next()) {
        if (rows == capacity) {
          capacity = Math.min(ROWS_MAX, capacity * 2);
          if (rows == capacity) throw tooManyRows();
          for (int c = 0; c < width; c++) growing[c] = grown(growing[c], capacity);
        }
        for (int c = 0; c < width; c++) put(found, c, growing[c], rows);
        rows++;
      }
    }
    var table = new LinkedHashMap<String, Column>();
    for (int c = 0; c < width; c++) {
      table.put(columns.get(c).name(), column(grown(growing[c], rows)));
    }
    return new Table(table, rows);
  }

  private static Problem tooManyRows() {
    return new Problem(
        Fault.TABLE_TOO_LARGE,
        "the table has over %,d rows".formatted(ROWS_MAX),
        "Split the file, or select fewer rows");
  }

  private static Object array(Table.Type type, int length) {
    return switch (type) {
      case NUMBER -> new double[length];
      case TIME -> new long[length];
      case STRING -> new String[length];
    };
  }

  private static Object grown(Object array, int length) {
    return switch (array) {
      case double[] numbers -> Arrays.copyOf(numbers, length);
      case long[] times -> Arrays.copyOf(times, length);
      case String[] strings -> Arrays.copyOf(strings, length);
      default -> throw new AssertionError(array.getClass());
    };
  }

  private static Column column(Object array) {
    return switch (array) {
      case double[] numbers -> new Numbers(numbers);
      case long[] times -> new Times(times);
      case String[] strings -> new Strings(strings);
      default -> throw new AssertionError(array.getClass());
    };
  }

  private static void put(ResultSet from, int column, Object array, int row) throws SQLException {
    switch (array) {
      case double[] numbers -> {
        double value = from.getDouble(column + 1);
        numbers[row] = from.wasNull() ? Double.NaN : value;
      }
      case long[] times -> {
        long value = from.getLong(column + 1);
        times[row] = from.wasNull() ? Times.NONE : value;
      }
      case @Nullable String[] strings -> strings[row] = from.getString(column + 1);
      default -> throw new AssertionError(array.getClass());
    }
  }

  private static String projected(ColumnType column) {
    String name = quoted(column.name());
    return switch (column.type()) {
      case NUMBER -> "cast(" + name + " as double) as " + name;
      case STRING -> "cast(" + name + " as varchar) as " + name;
      case TIME -> "epoch_us(cast(" + name + " as timestamp)) as " + name;
    };
  }

  private static Table.Type type(String sqlType) {
    String word = sqlType.toUpperCase(Locale.ROOT).replaceAll("\\(.*", "");
    return switch (word) {
      case "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "HUGEINT",
          "UTINYINT",
          "USMALLINT",
          "UINTEGER",
          "UBIGINT",
          "FLOAT",
          "DOUBLE",
          "DECIMAL",
          "BOOLEAN" ->
          Table.Type.NUMBER;
      case "DATE",
          "TIMESTAMP",
          "TIMESTAMP_S",
          "TIMESTAMP_MS",
          "TIMESTAMP_NS",
          "TIMESTAMP WITH TIME ZONE" ->
          Table.Type.TIME;
      default -> Table.Type.STRING;
    };
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private static String source(Path file) {
    if (!Csv.isNamedSo(file)) return "read_parquet(?)";
    return "read_csv(?, delim = '%s', quote = '\"', escape = '\"', header = true, skip = 0)"
        .formatted(Csv.delimiter(readable(file)));
  }

  private static Path readable(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new Problem(Fault.NO_SUCH_FILE, "there is no file " + file, "Check the path");
    }
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw new Problem(Fault.NO_SUCH_FILE, "cannot open " + file, "Check its permissions")
          .because(e);
    }
  }

  private static Problem unreadable(Path file, SQLException e) {
    String what =
        Csv.isNamedSo(file)
            ? Csv.wrong(file, Csv.delimiter(file)).orElseGet(() -> firstLine(e))
            : firstLine(e);
    return Csv.unreadable(file, what, "Restore the file, or give a whole Parquet or CSV file")
        .because(e);
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no message");
  }
}
