package dev.orrery.web;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/// What the server counts and times, shown as Prometheus text under `/metrics`.
///
/// Names are dotted and get the prefix `orrery`; tags are pairs of name and value, and their values
/// come from a small fixed set, never from a caller. Keep the counter or timer in a field: finding
/// it costs more than using it.
public final class Meters {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  /// Counts upwards.
  @FunctionalInterface
  public interface Count {
    void add(double amount);

    default void one() {
      add(1);
    }
  }

  /// Takes durations.
  @FunctionalInterface
  public interface Clocked {
    void nanos(long nanos);
  }

  public Count counter(String name, String meaning, String... tags) {
    Counter counter =
        Counter.builder("orrery." + name).description(meaning).tags(tags).register(registry);
    return counter::increment;
  }

  /// The same under a name that others expect, without our prefix.
  public Count plainCounter(String name, String meaning, String... tags) {
    Counter counter = Counter.builder(name).description(meaning).tags(tags).register(registry);
    return counter::increment;
  }

  /// Durations as a histogram from 0.1 ms to 30 s.
  public Clocked timer(String name, String meaning, String... tags) {
    Timer timer =
        Timer.builder("orrery." + name)
            .description(meaning)
            .tags(tags)
            .serviceLevelObjectives(
                Duration.ofNanos(100_000),
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(10),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30))
            .register(registry);
    return nanos -> timer.record(Duration.ofNanos(nanos));
  }

  /// A value that is asked for whenever it is shown.
  public void gauge(String name, String meaning, DoubleSupplier value, String... tags) {
    Gauge.builder("orrery." + name, value, DoubleSupplier::getAsDouble)
        .description(meaning)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /// The same under a name that dashboards made for others expect, without our prefix.
  public void plainGauge(String name, String meaning, DoubleSupplier value, String... tags) {
    Gauge.builder(name, value, DoubleSupplier::getAsDouble)
        .description(meaning)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /// All of it in Prometheus' text format.
  public String text() {
    return registry.scrape();
  }
}
