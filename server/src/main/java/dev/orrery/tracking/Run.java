package dev.orrery.tracking;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One try: what was run, and how it stands.
///
/// @param id 32 lower-case hexadecimal digits
/// @param experiment the experiment's id
/// @param endedAt null while it runs
public record Run(
    String id,
    String experiment,
    String name,
    State state,
    Instant startedAt,
    @Nullable Instant endedAt) {
  /// How a run stands; all but the first are ends.
  public enum State {
    RUNNING,
    FINISHED,
    FAILED,
    KILLED
  }
}
