package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.model.ModelPackage;
import dev.orrery.serving.Deployment;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.ScoredRows;
import dev.orrery.serving.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// What the monitor reads of an endpoint.
public interface Source {
  String endpoint();

  /// Logged rows with event times in [from, to), joined with what was known by a moment.
  ScoredRows scored(Instant from, Instant to, Instant knownBy);

  /// The same without their features, part by part in bounded memory.
  void eachScored(Instant from, Instant to, Instant knownBy, Consumer<ScoredRows> part);

  /// The moves of traffic, newest first.
  List<Deployment> moves(int limit);

  /// The version that keeps running as a shadow, if there is one.
  Optional<Semver> shadow();

  ModelPackage model(Semver version);

  /// Has the shadow score everything that was answered until now.
  void catchUpShadow();

  /// @param models gives the package of a version
  static Source of(Endpoint endpoint, Endpoint.Models models) {
    return new Source() {
      @Override
      public String endpoint() {
        return endpoint.name();
      }

      @Override
      public ScoredRows scored(Instant from, Instant to, Instant knownBy) {
        return endpoint.scored(from, to, knownBy);
      }

      @Override
      public void eachScored(Instant from, Instant to, Instant knownBy, Consumer<ScoredRows> part) {
        endpoint.eachScored(from, to, knownBy, part);
      }

      @Override
      public List<Deployment> moves(int limit) {
        return endpoint.moves(limit);
      }

      @Override
      public Optional<Semver> shadow() {
        return endpoint.traffic().map(Traffic::shadow);
      }

      @Override
      public ModelPackage model(Semver version) {
        return models.load(version);
      }

      @Override
      public void catchUpShadow() {
        endpoint.catchUpShadow();
      }
    };
  }
}
