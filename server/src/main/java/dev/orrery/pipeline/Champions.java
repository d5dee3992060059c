package dev.orrery.pipeline;

import dev.orrery.base.Name;
import dev.orrery.registry.ModelVersion;
import java.util.Optional;

/// Tells which version of a model is in service.
@FunctionalInterface
public interface Champions {
  /// Empty if none is.
  Optional<ModelVersion> of(Name model);
}
