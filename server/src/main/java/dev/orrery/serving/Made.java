package dev.orrery.serving;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a version was made from and by, as its training recorded it.
///
/// @param history the data version it was trained on
/// @param features the digest of the features' definitions; null if it is not recorded
/// @param featuresVersion their version; null if it is not recorded
/// @param definitions the `data` and `features` blocks that it was trained on, as JSON; null if
///   they are not recorded
/// @param surroundings by name: `java` (the major version), `lightgbm`, `feature_code` (the version
///   of the code that computes features)
public record Made(
    String history,
    @Nullable String features,
    @Nullable String featuresVersion,
    @Nullable String definitions,
    SortedMap<String, String> surroundings) {
  public Made {
    surroundings = Collections.unmodifiableSortedMap(new TreeMap<>(surroundings));
  }

  /// Of a version whose definitions are not recorded.
  public Made(String history, @Nullable String features, SortedMap<String, String> surroundings) {
    this(history, features, null, null, surroundings);
  }
}
