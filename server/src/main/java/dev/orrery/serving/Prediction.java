package dev.orrery.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.engine.Table;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One logged prediction, as people see it.
///
/// @param arm `champion` or `canary`
/// @param row the raw columns as they were sent
/// @param features what the model was given
/// @param actual the target, once it is known
public record Prediction(
    UUID id,
    Instant at,
    String model,
    String version,
    String arm,
    double score,
    int prediction,
    SequencedMap<String, @Nullable Object> row,
    SequencedMap<String, @Nullable Object> features,
    @Nullable Double actual,
    @Nullable ObjectNode outcome,
    @Nullable Instant knownAt) {
  static Prediction of(
      UUID id, String model, Frame.Predictions frame, int row, Outcomes.@Nullable Stored outcome) {
    return new Prediction(
        id,
        frame.at(),
        model,
        frame.version(),
        frame.arm(),
        frame.scores()[row],
        frame.predictions()[row],
        values(frame.raw(), row),
        values(frame.features(), row),
        outcome == null ? null : outcome.target(),
        outcome == null ? null : outcome.detail(),
        outcome == null ? null : Instant.ofEpochMilli(outcome.knownAt()));
  }

  private static SequencedMap<String, @Nullable Object> values(Table table, int row) {
    SequencedMap<String, @Nullable Object> values = new LinkedHashMap<>();
    table.columns().forEach((name, column) -> values.put(name, column.value(row)));
    return values;
  }
}
