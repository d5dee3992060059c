package dev.orrery.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One attempt at a stage.
///
/// @param attempt from 1
/// @param definitions the digest of the project's definitions that it went by
/// @param millis what it took by a stopwatch, whatever the clock of the platform shows
/// @param output what it made; null unless finished
/// @param failure what went wrong; null unless failed
public record StageRun(
    UUID run,
    Stage stage,
    long attempt,
    Digest definitions,
    State state,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable Long millis,
    @Nullable JsonNode output,
    @Nullable Failure failure) {
  /// How an attempt stands.
  public enum State {
    RUNNING,
    FINISHED,
    FAILED,
    /// Its process ended before it did.
    LOST
  }
}
