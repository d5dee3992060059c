package dev.orrery.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A name in the registry, under which versions of a model stand.
///
/// @param aliases the version of each, such as `champion` to `3`
/// @param latest the newest version of each stage
public record RegisteredModel(
    String name,
    String description,
    Map<String, String> tags,
    Map<String, String> aliases,
    List<ModelVersion> latest,
    Optional<Instant> createdAt,
    Optional<Instant> updatedAt) {
  static RegisteredModel of(Fields fields) {
    return new RegisteredModel(
        fields.text("name"),
        fields.text("description"),
        fields.pairs("tags"),
        aliases(fields),
        fields.list("latest_versions", ModelVersion::of),
        fields.instant("creation_timestamp"),
        fields.instant("last_updated_timestamp"));
  }

  private static Map<String, String> aliases(Fields fields) {
    Map<String, String> aliases = new TreeMap<>();
    for (Fields alias : fields.list("aliases", a -> a)) {
      aliases.put(alias.text("alias"), alias.text("version"));
    }
    return Map.copyOf(aliases);
  }
}
