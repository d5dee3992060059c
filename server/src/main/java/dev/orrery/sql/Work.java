package dev.orrery.sql;

import org.jspecify.annotations.Nullable;

/// What one caller wants done in one transaction.
///
/// It may run on another thread, and on PostgreSQL again after a conflict with another transaction:
/// it touches nothing but its `Tx`, and keeps no hold of it afterwards.
@FunctionalInterface
public interface Work<T extends @Nullable Object> {
  T in(Tx tx);
}
