package dev.orrery.web;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// For each bucket of a histogram one observation that fell into it, with labels by which its
/// request is found again. Kept here and put into what the registry shows, since the registry
/// itself knows traces alone.
///
/// An observation takes the bucket's place at most once a second, so that keeping them costs next
/// to nothing; what is shown is thus the newest to within a second.
final class Exemplars extends PrometheusRegistry {
  private static final long RENEW_NANOS = 1_000_000_000L;

  private record Key(String name, Labels labels) {}

  private record Kept(double seconds, String[] labels, long nanos) {}

  private final Map<Key, Series> all = new ConcurrentHashMap<>();

  /// The buckets of one histogram.
  static final class Series {
    private final double[] bounds;
    private final AtomicReferenceArray<@Nullable Kept> kept;

    private Series(double[] bounds) {
      this.bounds = bounds;
      this.kept = new AtomicReferenceArray<>(bounds.length + 1);
    }

    /// @param labels asked for only if they are to be kept
    void seen(long nanos, Meters.Found labels) {
      double seconds = nanos / 1e9;
      int at = 0;
      while (at < bounds.length && seconds > bounds[at]) at++;
      Kept before = kept.get(at);
      long now = System.nanoTime();
      if (before != null && now - before.nanos < RENEW_NANOS) return;
      String[] found = labels.labels();
      if (found != null) kept.set(at, new Kept(seconds, found, now));
    }

    private List<Exemplar> shown() {
      List<Exemplar> shown = new ArrayList<>();
      for (int i = 0; i < kept.length(); i++) {
        Kept one = kept.get(i);
        if (one != null) shown.add(new Exemplar(one.seconds, Labels.of(one.labels), 0));
      }
      return shown;
    }
  }

  /// @param name of the histogram as it is shown, without a suffix
  /// @param labels pairs of name and value, as they are shown
  Series series(String name, double[] bounds, String... labels) {
    return all.computeIfAbsent(
        new Key(name, Labels.of(labels)), _ -> new Series(Arrays.copyOf(bounds, bounds.length)));
  }

  @Override
  public MetricSnapshots scrape() {
    List<MetricSnapshot> shown = new ArrayList<>();
    for (MetricSnapshot metric : super.scrape()) {
      shown.add(metric instanceof HistogramSnapshot histogram ? with(histogram) : metric);
    }
    return new MetricSnapshots(shown);
  }

  private HistogramSnapshot with(HistogramSnapshot histogram) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>();
    boolean any = false;
    for (HistogramDataPointSnapshot point : histogram.getDataPoints()) {
      Series series = all.get(new Key(histogram.getMetadata().getName(), point.getLabels()));
      List<Exemplar> exemplars = series == null ? List.of() : series.shown();
      any |= !exemplars.isEmpty();
      points.add(
          exemplars.isEmpty()
              ? point
              : new HistogramDataPointSnapshot(
                  point.getClassicBuckets(),
                  point.getSum(),
                  point.getLabels(),
                  io.prometheus.metrics.model.snapshots.Exemplars.of(exemplars),
                  point.getCreatedTimestampMillis()));
    }
    return any ? new HistogramSnapshot(histogram.getMetadata(), points) : histogram;
  }
}
