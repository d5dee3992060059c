package dev.orrery.pipeline;

import dev.orrery.base.Name;
import dev.orrery.data.Dataset;
import dev.orrery.project.Node;
import dev.orrery.registry.ModelVersion;
import java.util.Optional;

/// Tells which version of a model is in service.
@FunctionalInterface
public interface Champions {
  /// Empty if none is.
  Optional<ModelVersion> of(Name model);

  /// What the version in service is given, where that is not what the project defines by now: after
  /// a rollback, or an edit.
  default Optional<Definitions> definitions() {
    return Optional.empty();
  }

  /// How rows are read, and features computed of them.
  ///
  /// @param features the `features` block
  record Definitions(Dataset dataset, Node features) {}
}
