package dev.orrery.bench;

import java.nio.file.Path;
import java.time.Duration;

/// How thoroughly to measure, and where.
///
/// @param repository the root of the sources, for the flights
/// @param work a folder on a real disk, emptied before and after
record Plan(boolean isQuick, Path repository, Path work) {
  /// How long one figure is measured, after its warm-up.
  Duration span() {
    return Duration.ofMillis(isQuick ? 1_500 : 6_000);
  }

  /// How long before that, so that the JVM has compiled what matters.
  Duration warmUp() {
    return Duration.ofMillis(isQuick ? 1_500 : 6_000);
  }

  Path flights() {
    return repository.resolve("examples/flights");
  }
}
