package dev.orrery.pipeline;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import java.time.Instant;
import java.util.SequencedMap;

/// Gives what service has taught: predictions joined with their outcomes, as rows of the dataset.
@FunctionalInterface
public interface LiveRows {
  /// The rows whose outcome became known in (after, until], with these columns of the dataset and
  /// `_known_at`; what a row was not asked or told with is missing.
  Table between(Instant after, Instant until, SequencedMap<String, Type> columns);
}
