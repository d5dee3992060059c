package dev.orrery.client;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What runs belong together.
///
/// @param lifecycle `active` or `deleted`
public record Experiment(
    String id,
    String name,
    String artifactLocation,
    String lifecycle,
    Optional<Instant> createdAt,
    Optional<Instant> updatedAt,
    Map<String, String> tags) {
  static Experiment of(Fields fields) {
    return new Experiment(
        fields.text("experiment_id"),
        fields.text("name"),
        fields.text("artifact_location"),
        fields.text("lifecycle_stage"),
        fields.instant("creation_time"),
        fields.instant("last_update_time"),
        fields.pairs("tags"));
  }
}
