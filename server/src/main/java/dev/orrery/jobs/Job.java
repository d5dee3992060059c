package dev.orrery.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A piece of durable work, as it stood when it was read.
///
/// @param attempt how often it has been taken by a worker, and its epoch; 0 before the first time
/// @param failures how many of the attempts failed; the others were cut short
/// @param problem what went wrong last, if anything did
public record Job(
    UUID id,
    String kind,
    String key,
    JsonNode payload,
    State state,
    long attempt,
    long failures,
    @Nullable String problem,
    Instant submittedAt) {
  public enum State {
    READY,
    RUNNING,
    DONE,
    FAILED
  }
}
