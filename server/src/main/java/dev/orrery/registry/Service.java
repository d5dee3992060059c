package dev.orrery.registry;

import dev.orrery.base.Semver;
import dev.orrery.sql.Tx;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What serves a project's model, as the registry knows it: traffic and stage move together, in one
/// transaction.
public interface Service {
  /// What an endpoint serves.
  ///
  /// @param champion answers what the canary does not: it stands in Production
  /// @param canary is at trial, if one is: it stands in Staging
  record Standing(String endpoint, Semver champion, @Nullable Semver canary) {
    boolean serves(Semver version) {
      return version.equals(champion) || version.equals(canary);
    }
  }

  /// A move of traffic.
  ///
  /// @param before null before the first move
  /// @param move what was done, as a word: `promoted`
  /// @param isBack whether it went back to an earlier champion
  record Moved(
      @Nullable Standing before,
      Standing now,
      String move,
      boolean isBack,
      String who,
      String why) {}

  /// Empty until a first version is deployed.
  Optional<Standing> standing();

  /// Does a write while nobody else moves traffic. What it moves takes effect once it is durable,
  /// and before this returns.
  ///
  /// @param next the version that the write may deploy: it is loaded and proven before
  /// @param force whether it may be one that was made with another Java, library or feature code
  /// @throws dev.orrery.base.Problem if the endpoint cannot serve that; the write is not begun then
  <T> T moving(@Nullable ModelVersion next, boolean force, Supplier<T> write);

  /// Puts a version into traffic by the endpoint's strategy, within such a write.
  ///
  /// @return what is served then
  Standing deploy(Tx tx, ModelVersion version, String who, String why);

  /// Returns to the champion before, within such a write.
  ///
  /// @return what is served then
  Standing rollback(Tx tx, String who, String why);
}
