package dev.orrery.serving;

import java.util.List;

/// How a new version would best be released, and whether answers are better given live or in
/// batches, with the arithmetic behind it.
///
/// @param strategy `blue_green`, `canary`, `shadow` or `ab_test`
/// @param mode `live` or `batch`
/// @param configured the project's own strategy
/// @param facts what was found in the log, in words
/// @param strategyReasons one sentence each, with figures
/// @param modeReasons the same for live or batch
public record Advice(
    String strategy,
    String mode,
    String configured,
    List<String> facts,
    List<String> strategyReasons,
    List<String> modeReasons) {
  public Advice {
    facts = List.copyOf(facts);
    strategyReasons = List.copyOf(strategyReasons);
    modeReasons = List.copyOf(modeReasons);
  }
}
