package dev.orrery.project;

import dev.orrery.base.Place;
import dev.orrery.base.Quantity;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// How one measurement is judged: what it must reach, what is aimed at, what it must not pass.
///
/// @param name what is measured: `auc_roc`, `p99_latency`
/// @param min below this it fails
/// @param target what is aimed at; below it when there is no `max`, above it when there is one, the
///   measurement is good enough but not yet what is wanted
/// @param max above this it fails
public record Criterion(
    String name,
    @Nullable Quantity min,
    @Nullable Quantity target,
    @Nullable Quantity max,
    Place place) {
  /// What a measurement amounts to. What was not measured is never met.
  public enum Verdict {
    MET,
    BELOW_TARGET,
    FAILED,
    UNKNOWN
  }

  /// Judges a measurement in the quantities' base unit: seconds, bytes, per second, a share of 1.
  public Verdict judge(OptionalDouble measured) {
    if (measured.isEmpty() || Double.isNaN(measured.getAsDouble())) return Verdict.UNKNOWN;
    double value = measured.getAsDouble();
    if (min != null && !min.admits(value, Quantity.Bound.AT_LEAST)) return Verdict.FAILED;
    if (max != null && !max.admits(value, Quantity.Bound.AT_MOST)) return Verdict.FAILED;
    if (target == null) return Verdict.MET;
    boolean isLessBetter = max != null && min == null;
    var wanted = isLessBetter ? Quantity.Bound.AT_MOST : Quantity.Bound.AT_LEAST;
    if (target.admits(value, wanted)) return Verdict.MET;
    return min == null && max == null ? Verdict.FAILED : Verdict.BELOW_TARGET;
  }

  /// The limits as they are written: `min 0.85, target 0.90`.
  public String limits() {
    StringBuilder limits = new StringBuilder();
    append(limits, "min", min);
    append(limits, "target", target);
    append(limits, "max", max);
    return limits.toString();
  }

  private static void append(StringBuilder limits, String word, @Nullable Quantity quantity) {
    if (quantity == null) return;
    if (!limits.isEmpty()) limits.append(", ");
    limits.append(word).append(' ').append(quantity.text());
  }
}
