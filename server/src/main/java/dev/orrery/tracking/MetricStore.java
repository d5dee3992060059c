package dev.orrery.tracking;

import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// The SQL of metrics: a series for each metric of a run, with the point that is shown, and the
/// points of it.
final class MetricStore {
  /// The order in which the last is shown.
  private static final Comparator<Metric> LATEST =
      Comparator.comparingLong(Metric::step)
          .thenComparing(Metric::at)
          .thenComparingDouble(MetricStore::stored);

  /// With more metrics than this in a batch, all of the run are looked up at once.
  private static final int SINGLY_MAX = 8;

  private record Series(long id, Metric latest) {}

  /// Where a point stands in its history.
  ///
  /// @param at milliseconds since 1970
  record Place(long at, long step, double value, boolean isNan) {}

  private MetricStore() {}

  /// Notes points; one that is there already is kept once.
  static void put(Tx tx, Run run, List<Metric> metrics) {
    if (metrics.isEmpty()) return;
    Map<String, Metric> latest = new LinkedHashMap<>();
    for (Metric metric : metrics) {
      latest.merge(metric.key(), metric, (a, b) -> LATEST.compare(a, b) < 0 ? b : a);
    }
    Map<String, Series> known = known(tx, run.id(), latest);
    List<@Nullable Object[]> newer = new ArrayList<>();
    List<Metric> first = new ArrayList<>();
    Map<String, Long> ids = new HashMap<>();
    latest.forEach((key, metric) -> {
      Series series = known.get(key);
      if (series == null) {
        first.add(metric);
        return;
      }
      ids.put(key, series.id());
      if (LATEST.compare(series.latest(), metric) < 0) {
        newer.add(
            new Object[] {metric.step(), metric.at(), stored(metric), isNan(metric), series.id()});
      }
    });
    insert(tx, run, first, ids);
    tx.batch(
        "update metric_series set step = ?, at = ?, value = ?, is_nan = ? where id = ?", newer);
    List<@Nullable Object[]> points = new ArrayList<>(metrics.size());
    for (Metric metric : metrics) {
      points.add(
          new Object[] {
            ids.get(metric.key()), metric.at(), metric.step(), stored(metric), isNan(metric)
          });
    }
    tx.batch(
        """
        insert into metric_point (series, at, step, value, is_nan)
        values (?, ?, ?, ?, ?)
        on conflict do nothing
        """,
        points);
  }

  private static Map<String, Series> known(Tx tx, String run, Map<String, Metric> wanted) {
    Map<String, Series> known = new HashMap<>();
    if (wanted.size() > SINGLY_MAX) {
      tx.query(
          "select id, name, step, at, value, is_nan from metric_series where run = ?",
          row -> known.put(row.text("name"), series(row)),
          run);
      return known;
    }
    for (String name : wanted.keySet()) {
      tx.first(
              """
              select id, name, step, at, value, is_nan from metric_series
              where run = ? and name = ?
              """,
              MetricStore::series,
              run,
              name)
          .ifPresent(series -> known.put(name, series));
    }
    return known;
  }

  /// Begins series. The ids of many are asked for at once, after all are there.
  private static void insert(Tx tx, Run run, List<Metric> first, Map<String, Long> ids) {
    if (first.isEmpty()) return;
    List<@Nullable Object[]> rows = new ArrayList<>(first.size());
    for (Metric metric : first) {
      rows.add(
          new Object[] {
            run.id(),
            metric.key(),
            metric.step(),
            metric.at(),
            stored(metric),
            isNan(metric),
            run.experimentNumber(),
            run.startedAt()
          });
    }
    String insert =
        """
        insert into metric_series
          (run, name, step, at, value, is_nan, experiment, started_at)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        """;
    if (first.size() == 1) {
      long id =
          tx.query(insert + " returning id", row -> row.whole("id"), rows.getFirst()).getFirst();
      ids.put(first.getFirst().key(), id);
      return;
    }
    tx.batch(insert, rows);
    tx.query(
        "select id, name from metric_series where run = ?",
        row -> ids.put(row.text("name"), row.whole("id")),
        run.id());
  }

  /// The point that is shown of each metric of a run.
  static SortedMap<String, Metric> latest(Tx tx, String run) {
    var latest = new TreeMap<String, Metric>();
    tx.query(
            "select name, step, at, value, is_nan from metric_series where run = ?",
            MetricStore::metric,
            run)
        .forEach(metric -> latest.put(metric.key(), metric));
    return latest;
  }

  static List<Metric> history(Tx tx, String run, String key, int limit, long offset) {
    return tx.query(
        """
        select s.name, p.step, p.at, p.value, p.is_nan
        from metric_series s
        join metric_point p on p.series = s.id
        where s.run = ? and s.name = ?
        order by p.at, p.step, p.value
        limit ? offset ?
        """,
        MetricStore::metric,
        run,
        key,
        limit,
        offset);
  }

  static Optional<Long> series(Tx tx, String run, String key) {
    return tx.first(
        "select id from metric_series where run = ? and name = ?",
        row -> row.whole("id"),
        run,
        key);
  }

  /// Points of a series in the order of a history, after one of them.
  static void after(Tx tx, long series, Place last, int limit, Consumer<Row> each) {
    tx.each(
        """
        select at, step, value, is_nan from metric_point
        where series = ? and (at, step, value, is_nan) > (?, ?, ?, ?)
        order by at, step, value, is_nan
        limit ?
        """,
        each,
        series,
        last.at(),
        last.step(),
        last.value(),
        last.isNan(),
        limit);
  }

  /// The steps at which a metric has points, from the first to the last.
  static long[] steps(Tx tx, String run, String key) {
    LongStream.Builder steps = LongStream.builder();
    tx.each(
        """
        select distinct p.step
        from metric_series s
        join metric_point p on p.series = s.id
        where s.run = ? and s.name = ?
        order by p.step
        """,
        row -> steps.add(row.whole("step")),
        run,
        key);
    return steps.build().toArray();
  }

  /// The points at some steps, by step and time.
  static List<Metric> atSteps(Tx tx, String run, String key, Set<Long> steps) {
    List<Metric> found = new ArrayList<>();
    tx.each(
        """
        select s.name, p.step, p.at, p.value, p.is_nan
        from metric_series s
        join metric_point p on p.series = s.id
        where s.run = ? and s.name = ?
        order by p.step, p.at, p.value
        """,
        row -> {
          if (steps.contains(row.whole("step"))) found.add(metric(row));
        },
        run,
        key);
    return found;
  }

  static Metric metric(Row row) {
    return new Metric(
        row.text("name"),
        row.flag("is_nan") ? Double.NaN : row.number("value"),
        row.whole("step"),
        row.instant("at"));
  }

  private static Series series(Row row) {
    return new Series(row.whole("id"), metric(row));
  }

  private static boolean isNan(Metric metric) {
    return Double.isNaN(metric.value());
  }

  /// NaN is stored, and compares, as 0; minus zero is zero.
  private static double stored(Metric metric) {
    return Double.isNaN(metric.value()) ? 0 : metric.value() + 0.0;
  }
}
