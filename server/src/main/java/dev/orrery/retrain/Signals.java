package dev.orrery.retrain;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a decision is made on.
///
/// @param figures what the monitor measured over its window, by metric: `accuracy`, `auc_roc`,
///   `psi` ...; what is not in it is unknown
/// @param daysSinceTraining since the last training began; null if there was none
/// @param newRows that became known since the champion's data; null if that is not known
public record Signals(
    SortedMap<String, Double> figures, @Nullable Double daysSinceTraining, @Nullable Long newRows) {
  public Signals {
    figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
  }
}
