package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which versions an endpoint serves: the state that is stored, and that a move turns into another.
///
/// @param stack the champions so far, the present one last; a rollback takes it off
/// @param shadow the version that scores what others answered, from the log
/// @param history the data version whose rows came before the first prediction: what the live
///   features start from
/// @param epoch counts the moves
public record Traffic(
    List<Semver> stack,
    @Nullable Canary canary,
    @Nullable Semver shadow,
    String history,
    long epoch) {
  /// How many champions a rollback can walk back.
  private static final int STACK_MAX = 100;

  /// A version under trial.
  ///
  /// @param step which of the steps it is at, from 0
  /// @param percent its share of the requests
  /// @param since when the trial began
  /// @param stepSince when this step began
  public record Canary(Semver version, int step, int percent, Instant since, Instant stepSince) {}

  public Traffic {
    stack = List.copyOf(stack);
  }

  @JsonIgnore
  public Semver champion() {
    return stack.getLast();
  }

  Traffic withChampion(Semver version) {
    var longer = new ArrayList<>(stack);
    longer.add(version);
    while (longer.size() > STACK_MAX) longer.removeFirst();
    return new Traffic(longer, null, shadow, history, epoch + 1);
  }

  Traffic withCanary(@Nullable Canary other) {
    return new Traffic(stack, other, shadow, history, epoch + 1);
  }

  /// The state after one rollback; the canary, if any, ends too.
  Traffic rolledBack() {
    return new Traffic(stack.subList(0, stack.size() - 1), null, shadow, history, epoch + 1);
  }
}
