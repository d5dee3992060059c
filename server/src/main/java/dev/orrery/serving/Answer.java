package dev.orrery.serving;

import dev.orrery.base.Json;
import java.util.List;
import java.util.UUID;

/// What a prediction request is answered with: one entry a row, all by one model version.
///
/// @param prediction 0 or 1, by the version's threshold
/// @param score the model's probability of the positive class
/// @param ids to join outcomes by
public record Answer(
    List<Integer> prediction, double[] score, List<UUID> ids, String model, String version) {
  byte[] json() {
    return Json.bytes(this);
  }
}
