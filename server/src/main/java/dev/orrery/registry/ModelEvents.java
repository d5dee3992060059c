package dev.orrery.registry;

import dev.orrery.sql.Tx;
import java.util.Map;

/// Told of what happens to registered models, in the transaction in which it happens.
@FunctionalInterface
interface ModelEvents {
  ModelEvents NONE = (_, _, _) -> {};

  /// @param event such as `model_version.created`
  /// @param data as the payload of a webhook carries it
  void happened(Tx tx, String event, Map<String, Object> data);
}
