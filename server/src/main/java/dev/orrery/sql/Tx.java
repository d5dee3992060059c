package dev.orrery.sql;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A transaction in progress; only the thread that runs the [Work] may use it.
///
/// Arguments are texts, whole and floating numbers, booleans (0 or 1), instants (epoch
/// milliseconds), ids, names, digests, versions, enums (their name), JSON nodes, or null.
public interface Tx {
  /// Runs a statement that changes rows.
  ///
  /// @return how many rows it changed
  /// @throws dev.orrery.base.Problem DUPLICATE if a row breaks a rule of its table; let it fly,
  ///   PostgreSQL does not go on after it
  int update(String sql, @Nullable Object... args);

  /// All rows of a query, in its order. The whole answer is held in memory: give it a `limit`.
  <T extends @Nullable Object> List<T> query(
      String sql, RowMapper<T> mapper, @Nullable Object... args);

  /// Shows every row of a query to a function, in its order, without holding them in memory.
  void each(String sql, Consumer<Row> each, @Nullable Object... args);

  /// Runs one statement for each row of arguments.
  ///
  /// @return how many rows each changed
  int[] batch(String sql, List<? extends @Nullable Object[]> rows);

  /// The first row of a query, if there is one.
  default <T> Optional<T> first(String sql, RowMapper<T> mapper, @Nullable Object... args) {
    return query(sql, mapper, args).stream().findFirst();
  }
}
