package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.model.ModelPackage;
import java.util.concurrent.atomic.AtomicLong;

/// A model version in memory, ready to answer, and how it has fared since it was loaded.
record Loaded(
    Semver version,
    ModelPackage model,
    AtomicLong answered,
    AtomicLong failed,
    Latencies latencies,
    Rate rate,
    Unseen unseen) {
  Loaded(Semver version, ModelPackage model) {
    this(
        version,
        model,
        new AtomicLong(),
        new AtomicLong(),
        new Latencies(),
        new Rate(),
        Unseen.of(version, model));
  }
}
