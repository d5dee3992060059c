package dev.orrery.retrain;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One attempt to renew the model.
///
/// @param at when it began
/// @param from the champion then
/// @param to the candidate; null until there is one
/// @param training its id; null until it is started
/// @param why it stands as it does: what the gates said, or the canary's judge
public record Retrain(
    Instant at,
    List<String> reasons,
    Semver from,
    @Nullable Semver to,
    @Nullable String training,
    State state,
    String why,
    Instant updatedAt) {
  /// How an attempt stands.
  public enum State {
    /// Decided, its training not yet started.
    STARTING,
    TRAINING,
    /// The candidate is in service for a share of the traffic.
    CANARY,
    PROMOTED,
    /// The candidate was worse in service.
    ABORTED,
    /// The candidate was not good enough for service.
    REJECTED,
    FAILED;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public boolean isEnd() {
      return switch (this) {
        case STARTING, TRAINING, CANARY -> false;
        case PROMOTED, ABORTED, REJECTED, FAILED -> true;
      };
    }
  }

  public Retrain {
    reasons = List.copyOf(reasons);
  }

  /// Whether the candidate became the champion; null while that is open.
  @JsonProperty
  public @Nullable Boolean promoted() {
    return state.isEnd() ? (Boolean) (state == State.PROMOTED) : null;
  }

  Retrain with(State next, @Nullable Semver candidate, String because, Instant now) {
    return new Retrain(at, reasons, from, candidate, training, next, because, now);
  }

  Retrain with(Trainings.Training started, Instant now) {
    return new Retrain(
        at, reasons, from, started.candidate(), started.id(), State.TRAINING, "", now);
  }
}
