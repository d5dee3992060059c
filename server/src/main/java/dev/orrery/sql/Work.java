package dev.orrery.sql;

import org.jspecify.annotations.Nullable;

/// What one caller wants done in one transaction.
///
/// A write runs on another thread, and may run again: after one beside it failed, after a conflict
/// with another process, when a full disk has room again. So a work touches nothing but its `Tx`,
/// and keeps no hold of it afterwards.
@FunctionalInterface
public interface Work<T extends @Nullable Object> {
  T in(Tx tx);
}
