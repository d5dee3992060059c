package dev.orrery.pipeline;

import dev.orrery.engine.Table;
import java.time.Instant;

/// Gives what service has taught: predictions joined with their outcomes, as rows of the dataset.
@FunctionalInterface
public interface LiveRows {
  /// The rows whose outcome became known in (after, until], with the dataset's raw columns and
  /// `_known_at`.
  Table between(Instant after, Instant until);
}
