package dev.orrery.pipeline;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One gate, judged.
///
/// @param name `auc_roc`, `majority`, `model_size`, `champion_log_loss`, ...
/// @param kind where it comes from: `metric`, `beats`, `model_size`, `latency_p99`, `success`,
///   `constraint`, `baseline`, `champion`
/// @param limit as it is written or told: `>= 0.70`, `< 50MB`
/// @param threshold the limit as a number, in the unit of `actual`; null if it is not one
/// @param actual what was measured; null if nothing was
/// @param note what else is to be known, such as an interval
public record GateResult(
    String name,
    String kind,
    String limit,
    @Nullable Double threshold,
    @Nullable Double actual,
    State state,
    Demand demand,
    @Nullable String note) {
  /// The kind of a gate that asks for a better score than a baseline's.
  static final String BEATS = "beats";

  /// What the measurement says.
  public enum State {
    PASSED,
    FAILED,
    /// It was not, or could not be, measured.
    UNKNOWN
  }

  /// What is asked of the gate before a candidate passes.
  public enum Demand {
    MUST_PASS,
    /// It cannot be measured before the version serves, but what can be must not fail.
    MUST_NOT_FAIL,
    TOLD_ONLY
  }

  /// Whether this gate turns the candidate away.
  @JsonIgnore
  public boolean isAgainst() {
    return switch (demand) {
      case MUST_PASS -> state != State.PASSED;
      case MUST_NOT_FAIL -> state == State.FAILED;
      case TOLD_ONLY -> false;
    };
  }

  /// For people: `auc_roc is 0.6812, and must be >= 0.70`.
  public String told() {
    String more = note == null ? "" : " (" + note + ")";
    String value = actual == null ? "unknown" : plain(actual);
    String subject = kind.equals(BEATS) ? "the score against '" + name + "'" : name;
    return "%s is %s, and must be %s%s".formatted(subject, value, limit, more);
  }

  static String plain(double x) {
    if (x == Math.rint(x) && Math.abs(x) < 1e15) return Long.toString((long) x);
    return String.format(Locale.ROOT, Math.abs(x) >= 0.01 ? "%.4f" : "%.3g", x);
  }
}
