package dev.orrery.registry;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A name under which versions of a model are kept.
///
/// @param project whether a project's pipeline registers versions of it
/// @param aliases the version that each stands for
public record RegisteredModel(
    String name,
    @Nullable String description,
    boolean project,
    Instant createdAt,
    Instant updatedAt,
    SortedMap<String, String> tags,
    SortedMap<String, Long> aliases) {
  /// The tag of a registered model that is a prompt and no model.
  static final String PROMPT_TAG = "mlflow.prompt.is_prompt";

  public RegisteredModel {
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    aliases = Collections.unmodifiableSortedMap(new TreeMap<>(aliases));
  }

  boolean isPrompt() {
    return isPrompt(tags);
  }

  static boolean isPrompt(java.util.Map<String, String> tags) {
    return "true".equalsIgnoreCase(tags.get(PROMPT_TAG));
  }
}
