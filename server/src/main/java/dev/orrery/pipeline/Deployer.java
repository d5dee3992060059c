package dev.orrery.pipeline;

import dev.orrery.registry.ModelVersion;

/// Puts a version into service.
@FunctionalInterface
public interface Deployer {
  /// How a version goes into service.
  enum Rollout {
    /// At once: nothing is in service.
    DIRECT,
    /// Beside the champion, by its strategy.
    CANARY
  }

  /// Begins to put a version into service; what that leads to is not waited for.
  ///
  /// It may be called again for the same version, by a run that was cut short in between: then it
  /// changes nothing.
  ///
  /// @param why for the record: the reasons of the run
  /// @return what was done, for people: `canary of 10 % at late-arrival`
  String deploy(ModelVersion version, Rollout rollout, String why);
}
