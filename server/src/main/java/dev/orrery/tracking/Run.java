package dev.orrery.tracking;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One try: what was run, and how it stands.
///
/// @param id 32 lower-case hexadecimal digits
/// @param experiment the experiment's id
/// @param endedAt null while it runs, and after it if nobody said when it ended
/// @param user who started it, as the client says; empty if it does not
/// @param artifactUri where its artifacts go
public record Run(
    String id,
    String experiment,
    String name,
    State state,
    Instant startedAt,
    @Nullable Instant endedAt,
    Lifecycle lifecycle,
    String user,
    String artifactUri) {
  /// How a run stands.
  public enum State {
    RUNNING,
    SCHEDULED,
    FINISHED,
    FAILED,
    KILLED
  }

  public boolean isActive() {
    return lifecycle == Lifecycle.ACTIVE;
  }

  /// The experiment's id as rows carry it.
  long experimentNumber() {
    return Long.parseLong(experiment);
  }
}
