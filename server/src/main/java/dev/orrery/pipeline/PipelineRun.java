package dev.orrery.pipeline;

import dev.orrery.base.Name;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One way through the stages.
///
/// @param renews whether it trains the champion's kind again, on what became known since
/// @param reasons why it was started: `first`, `data_drift`, ...
/// @param knownUntil the moment as of which it knows the world
/// @param version the id of the model version that it registered: `late-arrival@1.0.1`
/// @param rejections what the gates held against the candidate; empty unless rejected
/// @param failure what went wrong; null unless failed
public record PipelineRun(
    UUID id,
    String project,
    Name model,
    boolean renews,
    List<String> reasons,
    Instant knownUntil,
    State state,
    @Nullable String version,
    List<String> rejections,
    @Nullable Failure failure,
    Instant createdAt,
    @Nullable Instant endedAt) {
  /// How a run stands.
  public enum State {
    WAITING,
    RUNNING,
    /// Its version is in service.
    SUCCEEDED,
    /// Its candidate was not good enough; nothing has changed in service.
    REJECTED,
    FAILED;

    public boolean isEnd() {
      return this != WAITING && this != RUNNING;
    }
  }

  public PipelineRun {
    reasons = List.copyOf(reasons);
    rejections = List.copyOf(rejections);
  }
}
