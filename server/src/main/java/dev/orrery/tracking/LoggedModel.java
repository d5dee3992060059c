package dev.orrery.tracking;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A model that was logged on its own, with what was said and measured of it.
///
/// @param id `m-` and 32 hexadecimal digits
/// @param experiment the experiment's id
/// @param type as its maker calls it, such as the name of a library
/// @param sourceRun the run that made it
/// @param artifactUri where its files stand
/// @param metrics by name, time and step
public record LoggedModel(
    String id,
    String experiment,
    String name,
    @Nullable String type,
    @Nullable String sourceRun,
    Status status,
    @Nullable String statusMessage,
    String artifactUri,
    Instant createdAt,
    Instant updatedAt,
    SortedMap<String, String> params,
    SortedMap<String, String> tags,
    List<ModelMetric> metrics) {
  /// Whether its files are all there.
  public enum Status {
    PENDING,
    READY,
    UPLOAD_FAILED;

    /// As MLflow's clients write it.
    public String wire() {
      return "LOGGED_MODEL_" + name();
    }

    static String stored(String text) {
      String upper = text.toUpperCase(Locale.ROOT);
      return upper.startsWith("LOGGED_MODEL_") ? upper.substring(13) : text;
    }
  }

  public LoggedModel {
    params = Collections.unmodifiableSortedMap(new TreeMap<>(params));
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(tags));
    metrics = List.copyOf(metrics);
  }
}
