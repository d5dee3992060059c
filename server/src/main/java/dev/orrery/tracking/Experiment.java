package dev.orrery.tracking;

import java.time.Instant;

/// What gathers runs.
///
/// @param id a number written out; `0` is the experiment `Default`
/// @param location where the artifacts of its runs go: `mlflow-artifacts:/0`, or what its maker
///   said
/// @param updatedAt when it was last renamed, deleted or restored
public record Experiment(
    String id,
    String name,
    Lifecycle lifecycle,
    String location,
    Instant createdAt,
    Instant updatedAt) {
  public boolean isActive() {
    return lifecycle == Lifecycle.ACTIVE;
  }

  /// The id as rows carry it.
  long number() {
    return Long.parseLong(id);
  }
}
