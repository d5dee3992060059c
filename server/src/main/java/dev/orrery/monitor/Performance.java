package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// How good some answers were, by the outcomes known of them. A figure that the rows do not define
/// is null.
///
/// @param predictions how many answers there were, with an outcome or without
public record Performance(
    long predictions,
    long truePositives,
    long falsePositives,
    long trueNegatives,
    long falseNegatives,
    @Nullable Double aucRoc,
    @Nullable Double logLoss,
    @Nullable Double brier) {
  /// How many of them have an outcome.
  @JsonProperty
  public long outcomes() {
    return truePositives + falsePositives + trueNegatives + falseNegatives;
  }

  @JsonProperty
  public @Nullable Double accuracy() {
    return share(truePositives + trueNegatives, outcomes());
  }

  @JsonProperty
  public @Nullable Double precision() {
    return share(truePositives, truePositives + falsePositives);
  }

  @JsonProperty
  public @Nullable Double recall() {
    return share(truePositives, truePositives + falseNegatives);
  }

  @JsonProperty
  public @Nullable Double f1() {
    return share(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
  }

  private static @Nullable Double share(long part, long whole) {
    return whole == 0 ? null : (Double) ((double) part / whole);
  }
}
