package dev.orrery.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The row that a query stands on, read by column name. A plain accessor refuses null; its `OrNull`
/// twin answers it.
public final class Row {
  private interface Getter<T extends @Nullable Object> {
    T get(ResultSet results) throws SQLException;
  }

  private final ResultSet results;

  Row(ResultSet results) {
    this.results = results;
  }

  public String text(String column) {
    return present(column, textOrNull(column));
  }

  public long whole(String column) {
    return get(
        column,
        r -> {
          long value = r.getLong(column);
          // Only what reads as zero can be null.
          if (value == 0 && r.wasNull()) throw missing(column);
          return value;
        });
  }

  public double number(String column) {
    return get(
        column,
        r -> {
          double value = r.getDouble(column);
          if (value == 0 && r.wasNull()) throw missing(column);
          return value;
        });
  }

  public Instant instant(String column) {
    return Instant.ofEpochMilli(whole(column));
  }

  public UUID id(String column) {
    return UUID.fromString(text(column));
  }

  public boolean flag(String column) {
    return whole(column) != 0;
  }

  public @Nullable String textOrNull(String column) {
    return get(column, r -> r.getString(column));
  }

  public @Nullable Long wholeOrNull(String column) {
    return get(
        column,
        r -> {
          long value = r.getLong(column);
          return value == 0 && r.wasNull() ? null : value;
        });
  }

  public @Nullable Double numberOrNull(String column) {
    return get(
        column,
        r -> {
          double value = r.getDouble(column);
          return value == 0 && r.wasNull() ? null : value;
        });
  }

  public @Nullable Instant instantOrNull(String column) {
    Long millis = wholeOrNull(column);
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  public @Nullable UUID idOrNull(String column) {
    String text = textOrNull(column);
    return text == null ? null : UUID.fromString(text);
  }

  public @Nullable Boolean flagOrNull(String column) {
    Long value = wholeOrNull(column);
    return value == null ? null : value != 0;
  }

  public boolean isNull(String column) {
    return textOrNull(column) == null;
  }

  private <T extends @Nullable Object> T get(String column, Getter<T> getter) {
    try {
      return getter.get(results);
    } catch (SQLException e) {
      throw SqlFaults.of(e, "column " + column);
    }
  }

  private static <T> T present(String column, @Nullable T value) {
    if (value == null) throw missing(column);
    return value;
  }

  private static IllegalStateException missing(String column) {
    return new IllegalStateException("column '" + column + "' is null");
  }
}
