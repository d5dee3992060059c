package dev.orrery.inference;

import dev.orrery.base.Texts;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns in the server's log of texts that a model's file had not seen in training: of a feature at
/// once, and then at most once an hour with how many there were. A project's endpoint has a rule of
/// the monitor instead.
final class UnseenAlerts {
  private static final Logger LOG = LoggerFactory.getLogger(UnseenAlerts.class);
  private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

  /// Features of all models; those beyond are counted by the metric, and not warned of.
  private static final int FEATURES_MAX = 1_000;

  private final LongSupplier nanos;
  private final Map<Feature, Alert> alerts = new HashMap<>();

  /// @param nanos a clock such as [System#nanoTime()]
  UnseenAlerts(LongSupplier nanos) {
    this.nanos = nanos;
  }

  private record Feature(String model, String version, String name) {}

  private static final class Alert {
    private long rows;
    private long toldAt;
  }

  /// @return whether it was warned of now
  synchronized boolean add(String model, String version, String name, int rows) {
    if (rows == 0) return false;
    var feature = new Feature(model, version, name);
    Alert alert = alerts.get(feature);
    boolean isFirst = alert == null;
    if (alert == null) {
      if (alerts.size() >= FEATURES_MAX) return false;
      alert = new Alert();
      alerts.put(feature, alert);
    }
    alert.rows += rows;
    long now = nanos.getAsLong();
    if (!isFirst && now - alert.toldAt < HOUR_NANOS) return false;
    LOG.warn(
        "{} {} was asked {} with a text for '{}' that training had not seen; it is scored as the"
            + " model scores what is unknown",
        Texts.shown(model),
        Texts.shown(version),
        alert.rows == 1 ? "a row" : "%,d rows".formatted(alert.rows),
        Texts.shown(name));
    alert.rows = 0;
    alert.toldAt = now;
    return true;
  }
}
