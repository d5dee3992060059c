package dev.orrery.tracking;

import java.time.Instant;

/// A point of a metric.
///
/// @param value any double: NaN and the infinities are values like others
/// @param step counts what the metric follows, such as trees or epochs; may be negative
public record Metric(String key, double value, long step, Instant at) {}
