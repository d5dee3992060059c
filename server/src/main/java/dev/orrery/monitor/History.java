package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.serving.Deployment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Who was the champion when, by the moves of traffic.
///
/// @param moves newest first
record History(List<Deployment> moves) {
  /// The champion just before a moment, or the first one if that came later; empty if nothing was
  /// ever deployed. A move at the very moment does not count, so that a check gives the same
  /// whether it runs before or after what else is due then.
  Optional<Semver> championBefore(Instant moment) {
    Optional<Semver> first = Optional.empty();
    for (Deployment move : moves) {
      Optional<Semver> champion = championAfter(move);
      if (champion.isEmpty()) continue;
      if (move.at().isBefore(moment)) return champion;
      first = champion;
    }
    return first;
  }

  /// The oldest move that is known.
  Optional<Deployment> oldest() {
    return moves.isEmpty() ? Optional.empty() : Optional.of(moves.getLast());
  }

  /// The version that was deployed first.
  Optional<Semver> first() {
    return oldest().flatMap(History::championAfter);
  }

  private static Optional<Semver> championAfter(Deployment move) {
    return switch (move.kind()) {
      case DEPLOYED, PROMOTED, ROLLED_BACK, CONFIGURED -> Optional.of(move.version());
      case CANARY_STARTED,
          CANARY_STEPPED,
          SHADOW_STARTED,
          EXPERIMENT_STARTED,
          EXPERIMENT_ENDED,
          ABORTED ->
          Optional.ofNullable(move.previous());
    };
  }
}
