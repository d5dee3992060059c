package dev.orrery.sql;

import org.jspecify.annotations.Nullable;

/// Makes a value of the row that a query stands on.
@FunctionalInterface
public interface RowMapper<T extends @Nullable Object> {
  T map(Row row);
}
