package dev.orrery.artifact;

import dev.orrery.sql.Tx;

/// Who knows the things that files belong to.
@FunctionalInterface
public interface Owners {
  /// Files of anything, there or not.
  Owners ANY = (_, _) -> {};

  /// Refuses a file for what is not there.
  ///
  /// @param owner such as `run/4f2...`
  /// @throws dev.orrery.base.Problem of kind NOT_FOUND
  void require(Tx tx, String owner);
}
