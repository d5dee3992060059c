package dev.orrery.sql;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection with its prepared statements; for one thread at a time.
final class Session implements Tx, AutoCloseable {
  private static final int PREPARED_MAX = 200;

  private interface Use<T> {
    T of(PreparedStatement statement) throws SQLException;
  }

  private final Connection connection;
  private final SequencedMap<String, PreparedStatement> prepared = new LinkedHashMap<>();
  private long changes;

  Session(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  /// A number that stays the same as long as no row is changed.
  long changes() {
    return changes;
  }

  @Override
  public int update(String sql, @Nullable Object... args) {
    return using(
        sql,
        statement -> {
          bind(statement, args);
          int changed = statement.executeUpdate();
          changes += changed;
          return changed;
        });
  }

  @Override
  public <T extends @Nullable Object> List<T> query(
      String sql, RowMapper<T> mapper, @Nullable Object... args) {
    // Such as an insert that returns its key.
    if (!sql.startsWith("select")) changes++;
    return using(
        sql,
        statement -> {
          bind(statement, args);
          List<T> found = new ArrayList<>();
          try (ResultSet results = statement.executeQuery()) {
            Row row = new Row(results);
            while (results.next()) found.add(mapper.map(row));
          }
          return found;
        });
  }

  @Override
  public void each(String sql, Consumer<Row> each, @Nullable Object... args) {
    using(
        sql,
        statement -> {
          bind(statement, args);
          try (ResultSet results = statement.executeQuery()) {
            Row row = new Row(results);
            while (results.next()) each.accept(row);
          }
          return sql;
        });
  }

  @Override
  public int[] batch(String sql, List<? extends @Nullable Object[]> rows) {
    if (rows.isEmpty()) return new int[0];
    changes++;
    return using(
        sql,
        statement -> {
          for (@Nullable Object[] row : rows) {
            bind(statement, row);
            statement.addBatch();
          }
          return statement.executeBatch();
        });
  }

  /// Runs SQL without arguments or answer, such as `begin`.
  void run(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw SqlFaults.of(e, sql);
    }
  }

  /// A statement that is in use leaves the cache, so that a mapper may run the same SQL again; one
  /// that failed never returns to it.
  private <T> T using(String sql, Use<T> use) {
    PreparedStatement statement = null;
    boolean sound = false;
    try {
      statement = prepared.remove(sql);
      if (statement == null) statement = connection.prepareStatement(sql);
      T result = use.of(statement);
      sound = true;
      return result;
    } catch (SQLException e) {
      throw SqlFaults.of(e, sql);
    } finally {
      if (statement != null) {
        if (sound) keep(sql, statement);
        else close(statement);
      }
    }
  }

  private void keep(String sql, PreparedStatement statement) {
    PreparedStatement twin = prepared.putLast(sql, statement);
    if (twin != null) close(twin);
    if (prepared.size() > PREPARED_MAX) close(prepared.pollFirstEntry().getValue());
  }

  private static void bind(PreparedStatement statement, @Nullable Object[] args)
      throws SQLException {
    for (int i = 0; i < args.length; i++) bind(statement, i + 1, args[i]);
  }

  private static void bind(PreparedStatement statement, int at, @Nullable Object arg)
      throws SQLException {
    switch (arg) {
      case null -> statement.setNull(at, Types.NULL);
      case String text -> statement.setString(at, text);
      case Long whole -> statement.setLong(at, whole);
      case Integer whole -> statement.setInt(at, whole);
      case Short whole -> statement.setInt(at, whole);
      case Double number -> statement.setDouble(at, number);
      case Float number -> statement.setDouble(at, number);
      case Boolean flag -> statement.setInt(at, flag ? 1 : 0);
      case Instant instant -> statement.setLong(at, instant.toEpochMilli());
      case UUID id -> statement.setString(at, id.toString());
      case Name name -> statement.setString(at, name.text());
      case Digest digest -> statement.setString(at, digest.hex());
      case Semver version -> statement.setString(at, version.toString());
      case Enum<?> constant -> statement.setString(at, constant.name());
      case JsonNode json -> statement.setString(at, Json.text(json));
      default ->
          throw new IllegalArgumentException(
              "argument " + at + " is a " + arg.getClass().getName() + ", which SQL cannot carry");
    }
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception _) {
      // It is being dropped; what matters was reported when it was used.
    }
  }

  @Override
  public void close() {
    prepared.values().forEach(Session::close);
    prepared.clear();
    close(connection);
  }
}
