package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.replay.Played;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a demo came to, as programs read it; computed by the server from its log of predictions and
/// the outcomes joined to them.
///
/// @param seconds of real time, all sessions together
record DemoReport(
    double seconds,
    long predictions,
    long outcomes,
    List<Month> months,
    List<Retrain> retrains,
    LatencyMs latencyMs) {

  /// @param month such as `2001-03`
  /// @param firstModelAuc of the version that was never retrained, on the same rows
  record Month(String month, @Nullable Double servedAuc, @Nullable Double firstModelAuc) {}

  /// @param to null where training gave no version
  /// @param promoted null where that is open still
  record Retrain(
      String at,
      List<String> reasons,
      String from,
      @Nullable String to,
      @Nullable Boolean promoted) {}

  /// Of the prediction requests, as their client saw them.
  record LatencyMs(double p50, double p99) {}

  static DemoReport of(JsonNode performance, JsonNode retrains, Played played) {
    long predictions = 0;
    long outcomes = 0;
    List<Month> months = new ArrayList<>();
    for (JsonNode line : performance) {
      predictions += line.path("predictions").asLong();
      outcomes += line.path("outcomes").asLong();
      months.add(
          new Month(
              line.path("period").asText(),
              number(line.path("served_auc")),
              number(line.path("first_model_auc"))));
    }
    months.sort(Comparator.comparing(Month::month));
    List<Retrain> told = new ArrayList<>();
    for (JsonNode retrain : retrains) {
      List<String> reasons = new ArrayList<>();
      retrain.path("reasons").forEach(reason -> reasons.add(reason.asText()));
      JsonNode promoted = retrain.path("promoted");
      JsonNode to = retrain.path("to");
      told.add(
          new Retrain(
              retrain.path("at").asText(),
              reasons,
              retrain.path("from").asText(),
              to.isTextual() ? to.asText() : null,
              promoted.isBoolean() ? (Boolean) promoted.asBoolean() : null));
    }
    told.sort(Comparator.comparing(Retrain::at));
    return new DemoReport(
        Math.round(played.seconds() * 10) / 10.0,
        predictions,
        outcomes,
        months,
        told,
        new LatencyMs(played.p50Ms(), played.p99Ms()));
  }

  private static @Nullable Double number(JsonNode value) {
    return value.isNumber() ? (Double) value.asDouble() : null;
  }
}
