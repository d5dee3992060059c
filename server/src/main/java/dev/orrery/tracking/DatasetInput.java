package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A dataset that a run read.
///
/// @param schema its columns as JSON, as the client described them
/// @param profile what was counted of it, as JSON
/// @param tags such as `mlflow.data.context`: what it was read for
public record DatasetInput(
    String name,
    String digest,
    String sourceType,
    String source,
    @Nullable String schema,
    @Nullable String profile,
    SortedMap<String, String> tags) {
  /// The tag that tells what a dataset was read for: `training`, `eval`.
  public static final String CONTEXT_TAG = "mlflow.data.context";

  static final int NAME_MAX = 500;
  static final int DIGEST_MAX = 36;
  static final int SOURCE_MAX = 65_535;
  static final int SCHEMA_MAX = 1_048_575;
  static final int PROFILE_MAX = 16_777_215;
  static final int TAG_KEY_MAX = 255;
  static final int TAG_VALUE_MAX = 500;

  public DatasetInput {
    checkLength("name", name, NAME_MAX);
    checkLength("digest", digest, DIGEST_MAX);
    checkLength("source", source, SOURCE_MAX);
    if (schema != null) checkLength("schema", schema, SCHEMA_MAX);
    if (profile != null) checkLength("profile", profile, PROFILE_MAX);
    for (Map.Entry<String, String> tag : tags.entrySet()) {
      checkLength("key", tag.getKey(), TAG_KEY_MAX);
      checkLength("value", tag.getValue(), TAG_VALUE_MAX);
    }
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
  }

  private static void checkLength(String noun, String value, int max) {
    if (value.length() > max) {
      throw new Problem(
          Fault.BAD_DATASET_INPUT,
          "'%s' exceeds the maximum length of %d characters".formatted(noun, max),
          "Shorten it; it has %d".formatted(value.length()));
    }
  }
}
