package dev.orrery.web;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the server counts and times, shown as Prometheus text under `/metrics`.
///
/// Names are dotted and get the prefix `orrery`; tags are pairs of name and value, and their values
/// come from a small fixed set, never from a caller. Keep the counter or timer in a field: finding
/// it costs more than using it.
public final class Meters {
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final Exemplars exemplars = new Exemplars();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(new Config(), exemplars, Clock.SYSTEM);

  private static final Duration[] BOUNDS = {
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
    Duration.ofSeconds(30)
  };

  /// Exemplars stand behind buckets, and nowhere else: the specification knows no others of a
  /// histogram.
  private static final class Config implements PrometheusConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public Properties prometheusProperties() {
      var properties = new Properties();
      properties.setProperty("io.prometheus.exporter.exemplarsOnAllMetricTypes", "false");
      return properties;
    }
  }

  /// Counts upwards.
  @FunctionalInterface
  public interface Count {
    void add(double amount);

    default void one() {
      add(1);
    }
  }

  /// Tells by which labels a request is found again.
  @FunctionalInterface
  public interface Found {
    /// Pairs of name and value, at most 128 characters in all; null for none.
    String @Nullable [] labels();
  }

  /// Takes durations with what they were of.
  @FunctionalInterface
  public interface Exemplified {
    /// @param found asked where the request names no trace, and only if this is kept as the
    ///   exemplar of a bucket
    void nanos(long nanos, Found found);
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
    Timer timer = histogram(name, meaning, tags);
    return nanos -> timer.record(Duration.ofNanos(nanos));
  }

  /// The same with an exemplar for each bucket, which OpenMetrics shows.
  public Exemplified exemplifiedTimer(String name, String meaning, String... tags) {
    Timer timer = histogram(name, meaning, tags);
    NamingConvention names = registry.config().namingConvention();
    String[] labels =
        timer.getId().getConventionTags(names).stream()
            .flatMap(tag -> Stream.of(tag.getKey(), tag.getValue()))
            .toArray(String[]::new);
    double[] bounds = Arrays.stream(BOUNDS).mapToDouble(bound -> bound.toNanos() / 1e9).toArray();
    Exemplars.Series series =
        exemplars.series(timer.getId().getConventionName(names), bounds, labels);
    return (nanos, otherwise) -> {
      timer.record(nanos, TimeUnit.NANOSECONDS);
      series.seen(nanos, () -> Trace.labels(otherwise));
    };
  }

  private Timer histogram(String name, String meaning, String... tags) {
    return Timer.builder("orrery." + name)
        .description(meaning)
        .tags(tags)
        .serviceLevelObjectives(BOUNDS)
        .register(registry);
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

  /// All of it for a scraper.
  ///
  /// @param accept what it reads: OpenMetrics 1.0.0, with exemplars, if it wants that at least as
  ///   much as plain text; else Prometheus' text format
  Response shown(@Nullable String accept) {
    boolean isOpen = accept != null && prefersOpenMetrics(accept);
    String type = isOpen ? OPEN_METRICS : "text/plain; version=0.0.4; charset=utf-8";
    String shown = isOpen ? registry.scrape(OPEN_METRICS) : registry.scrape();
    return Response.bytes(type, shown.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean prefersOpenMetrics(String accept) {
    double open = 0;
    double plain = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",", 100)) {
      String[] parts = range.split(";", 20);
      double weight = weight(parts);
      switch (parts[0].strip()) {
        case "application/openmetrics-text" -> open = Math.max(open, weight);
        case "text/plain" -> plain = Math.max(plain, weight);
        default -> {}
      }
    }
    return open > 0 && open >= plain;
  }

  private static double weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i].strip();
      if (!part.startsWith("q=")) continue;
      try {
        return Double.parseDouble(part.substring(2));
      } catch (NumberFormatException _) {
        return 0;
      }
    }
    return 1;
  }
}
