package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.Collections;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What one check found.
///
/// @param predictions of the period
/// @param latencyP50 milliseconds, over the period's rows
/// @param drift whether drift could be judged
/// @param outcomes known in the window
/// @param figures what could be measured over the window, by metric: `auc_roc`, `accuracy` ...,
///   `psi` and `ks_statistic` of the feature that is farthest off. What is not in it is unknown.
public record Check(
    Instant from,
    Instant to,
    Semver champion,
    State state,
    long predictions,
    @Nullable Double latencyP50,
    @Nullable Double latencyP99,
    FeatureDrift.State drift,
    long outcomes,
    SortedMap<String, Double> figures) {
  /// Whether there was something to check.
  public enum State {
    SERVED,
    NO_DATA;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Check {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }
}
