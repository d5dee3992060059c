package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.orrery.base.Json;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a prediction request is answered with: one entry a row, all by one model version.
///
/// @param prediction 0 or 1, by the version's threshold
/// @param score the model's probability of the positive class
/// @param ids to join outcomes by; none for a rehearsal's requests, which are not logged
/// @param version `0.0.0` where no version answered, but a rule or a fixed score
/// @param fallback `version`, `rule` or `score` where the champion did not answer; else absent
public record Answer(
    List<Integer> prediction,
    double[] score,
    List<UUID> ids,
    String model,
    String version,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String fallback) {
  byte[] json() {
    return Json.bytes(this);
  }
}
