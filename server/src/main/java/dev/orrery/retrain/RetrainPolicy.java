package dev.orrery.retrain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// When a model is trained again. A limit is broken strictly: a figure at the limit is not.
///
/// @param accuracyMin least values of metrics of quality: `accuracy`, `auc_roc` ...
/// @param accuracyMax greatest values of metrics of quality of which less is better: `log_loss`
/// @param driftMax greatest values of `psi` and `ks_statistic`
/// @param daysMax days without a training; null for no limit
/// @param newRowsMax rows that became known since the champion's data; null for no limit
public record RetrainPolicy(
    SequencedMap<String, Double> accuracyMin,
    SequencedMap<String, Double> accuracyMax,
    SequencedMap<String, Double> driftMax,
    @Nullable Double daysMax,
    @Nullable Long newRowsMax) {
  public RetrainPolicy {
    accuracyMin = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(accuracyMin));
    accuracyMax = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(accuracyMax));
    driftMax = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(driftMax));
  }

  /// Whether it has no limit at all, and so never asks for a training.
  public boolean isEmpty() {
    return accuracyMin.isEmpty()
        && accuracyMax.isEmpty()
        && driftMax.isEmpty()
        && daysMax == null
        && newRowsMax == null;
  }

  public Decision decide(Signals signals) {
    var reasons = new ArrayList<String>();
    var missing = new ArrayList<String>();
    boolean degraded = broken(accuracyMin, false, signals, missing);
    degraded |= broken(accuracyMax, true, signals, missing);
    if (degraded) reasons.add(Decision.ACCURACY_DEGRADATION);
    if (broken(driftMax, true, signals, missing)) reasons.add(Decision.DATA_DRIFT);
    if (daysMax != null) {
      Double days = signals.daysSinceTraining();
      if (days == null) missing.add("days_since_training");
      else if (days > daysMax) reasons.add(Decision.SCHEDULED_RETRAIN);
    }
    if (newRowsMax != null) {
      Long rows = signals.newRows();
      if (rows == null) missing.add("new_data_count");
      else if (rows > newRowsMax) reasons.add(Decision.NEW_DATA_AVAILABLE);
    }
    return new Decision(reasons, missing);
  }

  private static boolean broken(
      SequencedMap<String, Double> limits, boolean above, Signals signals, List<String> missing) {
    boolean broken = false;
    for (var limit : limits.entrySet()) {
      Double figure = signals.figures().get(limit.getKey());
      if (figure == null) missing.add(limit.getKey());
      else broken |= above ? figure > limit.getValue() : figure < limit.getValue();
    }
    return broken;
  }
}
