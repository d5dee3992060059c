package dev.orrery.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One version of a registered model.
///
/// @param number 1, 2, 3: never used twice
/// @param stage `None`, `Staging`, `Production` or `Archived`
/// @param status `READY`, or why it is not
/// @param source where its files came from
/// @param run the run that made it; may be empty
public record ModelVersion(
    String name,
    String number,
    String stage,
    String status,
    String source,
    String run,
    String description,
    List<String> aliases,
    Map<String, String> tags,
    Optional<Instant> createdAt) {
  static ModelVersion of(Fields fields) {
    return new ModelVersion(
        fields.text("name"),
        fields.text("version"),
        fields.text("current_stage"),
        fields.text("status"),
        fields.text("source"),
        fields.text("run_id"),
        fields.text("description"),
        fields.texts("aliases"),
        fields.pairs("tags"),
        fields.instant("creation_timestamp"));
  }
}
