package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.orrery.base.Json;
import java.nio.charset.StandardCharsets;
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
  /// As Jackson would write it, of which tests see to it, for the half of the time.
  byte[] json() {
    var text = new StringBuilder(160 + 60 * score.length);
    text.append("{\"prediction\":").append(prediction.toString().replace(" ", ""));
    text.append(",\"score\":[");
    for (int i = 0; i < score.length; i++) {
      if (i > 0) text.append(',');
      if (Double.isFinite(score[i])) text.append(score[i]);
      else text.append('"').append(score[i]).append('"');
    }
    text.append("],\"ids\":[");
    for (int i = 0; i < ids.size(); i++) {
      text.append(i == 0 ? "\"" : ",\"").append(ids.get(i)).append('"');
    }
    text.append("],\"model\":").append(Json.text(model));
    text.append(",\"version\":\"").append(version).append('"');
    if (fallback != null) text.append(",\"fallback\":\"").append(fallback).append('"');
    return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }
}
