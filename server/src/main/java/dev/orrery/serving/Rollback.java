package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.orrery.base.Semver;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A rollback that was made, and what it restored.
///
/// @param ms how long it took, from the request to the first request that it answers
public record Rollback(@JsonUnwrapped Deployment move, Restored restored, double ms) {
  /// What serves again.
  ///
  /// @param threshold from which score on its decision is 1
  /// @param features the version of the features' definitions; null if it is not recorded
  /// @param featuresDigest the digest of the definitions that are computed now
  /// @param configuration the digest of what it was deployed with
  public record Restored(
      Semver version,
      double threshold,
      @Nullable String features,
      String featuresDigest,
      String configuration) {}

  /// @param now what serves since
  static Rollback of(Deployment move, Live now, Optional<Made> made, double ms) {
    var restored =
        new Restored(
            move.version(),
            now.champion().model().threshold(),
            made.map(Made::featuresVersion).orElse(null),
            now.terms().feed().features().set().digest().hex(),
            Objects.requireNonNullElse(move.configuration(), ""));
    return new Rollback(move, restored, ms);
  }
}
