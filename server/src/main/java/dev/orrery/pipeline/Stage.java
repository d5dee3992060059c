package dev.orrery.pipeline;

/// The stages of a run, in their order.
public enum Stage {
  /// Rows as they were known at a moment, validated and versioned.
  DATA,
  /// The definitions of the features, compiled and versioned.
  FEATURES,
  /// Every candidate fitted, and measured on rows it has not seen.
  TRAIN,
  /// The best of them judged.
  GATE,
  /// What passed becomes a version.
  REGISTER,
  /// The version goes into service.
  DEPLOY
}
