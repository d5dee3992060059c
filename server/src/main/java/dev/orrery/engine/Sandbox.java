package dev.orrery.engine;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Answers one question in SQL that somebody wrote, over Parquet files of one folder: a DuckDB of
/// its own that lives as long as the question, reads nothing else, loads nothing, and runs a single
/// `select` alone, for so long and in so much memory.
public final class Sandbox {
  private static final String MEMORY = "512MB";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int SQL_MAX = 20_000;

  /// What makes one value as long as it is told to: DuckDB counts texts and lists under way neither
  /// against its memory nor looks at the time while it makes them. And what reads names from
  /// values.
  private static final Set<String> REFUSED =
      Set.of(
          "repeat", "lpad", "rpad", "bar", "list_resize", "array_resize", "query", "query_table");

  private Sandbox() {}

  /// An answer.
  ///
  /// @param rows each a value a column: a number, a truth, a text, or null
  /// @param isCut whether there were more rows
  public record Answer(List<String> columns, List<List<@Nullable Object>> rows, boolean isCut) {}

  /// @param folder all that can be read
  /// @param views the names that the question may use, and what each stands for in SQL
  /// @param rowsMax more are cut
  /// @throws Problem BAD_QUERY if it cannot be answered
  public static Answer ask(Path folder, Map<String, String> views, String sql, int rowsMax) {
    return ask(folder, views, sql, rowsMax, PATIENCE);
  }

  static Answer ask(
      Path folder, Map<String, String> views, String sql, int rowsMax, Duration patience) {
    if (sql.length() > SQL_MAX) {
      throw new Problem(
          Fault.BAD_QUERY,
          "the query has %,d characters".formatted(sql.length()),
          "Write at most %,d".formatted(SQL_MAX));
    }
    var settings = new Properties();
    settings.setProperty("threads", "1");
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:", settings)) {
      try (var statement = connection.createStatement()) {
        statement.execute("set allowed_directories = ['%s/']".formatted(escaped(folder)));
        statement.execute("set max_temp_directory_size = '0KB'");
        statement.execute("set enable_external_access = false");
        statement.execute("set lock_configuration = true");
        for (var view : views.entrySet()) {
          statement.execute("create view %s as %s".formatted(view.getKey(), view.getValue()));
        }
      }
      return select(connection, sql, rowsMax, patience);
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).startsWith("INTERRUPT")) {
        throw new Problem(
                Fault.BAD_QUERY,
                "the query took longer than %d s".formatted(patience.toSeconds()),
                "Ask for less at once: fewer days, fewer joins")
            .because(e);
      }
      throw new Problem(
              Fault.BAD_QUERY,
              "the query cannot be answered: " + Texts.shown(firstLine(e)),
              "Write one select over %s; it is DuckDB's SQL"
                  .formatted(String.join(", ", views.keySet())))
          .because(e);
    }
  }

  /// What stands for these Parquet files of the folder, their columns by name.
  public static String files(Path folder, List<String> names) {
    return names.stream()
        .map(name -> "'%s'".formatted(escaped(folder.resolve(name))))
        .collect(
            Collectors.joining(", ", "select * from read_parquet([", "], union_by_name = true)"));
  }

  private static String escaped(Path folder) {
    return folder.toString().replace("'", "''");
  }

  /// The question as it is written anew from its tree, which there is of a `select` alone: it
  /// cannot end early and begin something else.
  private static String written(Connection connection, String sql) throws SQLException {
    String tree = text(connection, "select json_serialize_sql(?::varchar)", sql);
    JsonNode parsed = Json.tree(tree.getBytes(StandardCharsets.UTF_8));
    if (parsed.path("error").asBoolean()) {
      throw new SQLException(parsed.path("error_message").asText("it cannot be read"));
    }
    if (parsed.path("statements").size() != 1) {
      throw new SQLException("there are %d statements".formatted(parsed.path("statements").size()));
    }
    for (JsonNode name : parsed.findValues("function_name")) {
      if (REFUSED.contains(name.asText().toLowerCase(Locale.ROOT))) {
        throw new SQLException("the function '%s' is not allowed here".formatted(name.asText()));
      }
    }
    return text(connection, "select json_deserialize_sql(?::json)", tree);
  }

  private static String text(Connection connection, String sql, String value) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      statement.setString(1, value);
      try (ResultSet found = statement.executeQuery()) {
        if (!found.next()) throw new SQLException("it cannot be read");
        return String.valueOf(found.getString(1));
      }
    }
  }

  private static Answer select(Connection connection, String sql, int rowsMax, Duration patience)
      throws SQLException {
    // Not by json_execute_serialized_sql: that runs it on a connection of its own, which nothing
    // ends.
    try (var statement =
            connection.prepareStatement(
                "select * from (%s) limit %d".formatted(written(connection, sql), rowsMax + 1));
        var watch = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory())) {
      var late =
          watch.schedule(
              () -> {
                statement.cancel();
                return null;
              },
              patience.toMillis(),
              TimeUnit.MILLISECONDS);
      try (ResultSet found = statement.executeQuery()) {
        ResultSetMetaData meta = found.getMetaData();
        var columns = new ArrayList<String>();
        for (int c = 1; c <= meta.getColumnCount(); c++) columns.add(meta.getColumnLabel(c));
        var rows = new ArrayList<List<@Nullable Object>>();
        while (found.next()) {
          var row = new ArrayList<@Nullable Object>(columns.size());
          for (int c = 1; c <= columns.size(); c++) row.add(value(found.getObject(c)));
          rows.add(row);
        }
        boolean isCut = rows.size() > rowsMax;
        if (isCut) rows.removeLast();
        return new Answer(columns, rows, isCut);
      } finally {
        late.cancel(false);
        watch.shutdownNow();
      }
    }
  }

  private static @Nullable Object value(@Nullable Object found) {
    return switch (found) {
      case null -> null;
      case Double number -> Double.isFinite(number) ? number : null;
      case Number number -> number;
      case Boolean truth -> truth;
      case java.sql.Timestamp time -> time.toLocalDateTime() + "Z";
      default -> found.toString();
    };
  }

  private static String firstLine(SQLException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("no message")
        .replaceFirst("^[A-Z][\\w ]+ Error: ", "")
        .toLowerCase(Locale.ROOT);
  }
}
