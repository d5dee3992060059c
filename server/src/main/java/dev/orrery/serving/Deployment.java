package dev.orrery.serving;

import dev.orrery.base.Semver;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// One move of an endpoint's traffic.
///
/// @param version the version that the move is about
/// @param previous the champion before the move, if there was one
/// @param percent the share of the requests that the version has after the move
/// @param configuration the digest of the [Blueprint] that the version is served by; null for a
///   version that leaves, and where an older program moved
public record Deployment(
    Kind kind,
    Semver version,
    @Nullable Semver previous,
    int percent,
    String who,
    String why,
    Instant at,
    @Nullable String configuration) {
  /// What a move does.
  public enum Kind {
    /// The first version takes all traffic.
    DEPLOYED,
    CANARY_STARTED,
    CANARY_STEPPED,
    SHADOW_STARTED,
    EXPERIMENT_STARTED,
    /// An A/B test has its verdict; the control answers everything until somebody decides.
    EXPERIMENT_ENDED,
    PROMOTED,
    ABORTED,
    ROLLED_BACK,
    /// The champion stays, and is served by the project's present definitions.
    CONFIGURED
  }

  public Deployment(
      Kind kind,
      Semver version,
      @Nullable Semver previous,
      int percent,
      String who,
      String why,
      Instant at) {
    this(kind, version, previous, percent, who, why, at, null);
  }

  Deployment configured(@Nullable String digest) {
    return new Deployment(kind, version, previous, percent, who, why, at, digest);
  }
}
