package dev.orrery.retrain;

import java.util.List;

/// What a policy makes of signals.
///
/// @param reasons in the order of the policy; empty if nothing speaks for a training
/// @param missing the signals that the policy asks for and that are not known
public record Decision(List<String> reasons, List<String> missing) {
  public static final String ACCURACY_DEGRADATION = "accuracy_degradation";
  public static final String DATA_DRIFT = "data_drift";
  public static final String SCHEDULED_RETRAIN = "scheduled_retrain";
  public static final String NEW_DATA_AVAILABLE = "new_data_available";

  public Decision {
    reasons = List.copyOf(reasons);
    missing = List.copyOf(missing);
  }

  public boolean shouldRetrain() {
    return !reasons.isEmpty();
  }
}
