package dev.orrery.client;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// One point of a metric. Two points that are equal in everything are one to the server.
///
/// @param value may be NaN; the infinities come back as the largest doubles
/// @param at kept in milliseconds
/// @param step may be negative
public record Metric(String key, double value, Instant at, long step) {
  static Metric of(Fields fields) {
    return new Metric(
        fields.text("key"),
        fields.number("value"),
        Instant.ofEpochMilli(fields.whole("timestamp")),
        fields.whole("step"));
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("key", key);
    fields.put("value", value);
    fields.put("timestamp", at.toEpochMilli());
    fields.put("step", step);
    return fields;
  }
}
