package dev.orrery.tracking;

import dev.orrery.base.Digest;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All SQL of `tracking`.
final class RunStore {
  private static final Comparator<Metric> LATEST =
      Comparator.comparingLong(Metric::step)
          .thenComparing(Metric::at)
          .thenComparingDouble(RunStore::stored);

  private RunStore() {}

  static Optional<Experiment> experiment(Tx tx, String name) {
    return tx.first(
        """
        select id, name, created_at, updated_at from experiment
        where name = ?
        """,
        RunStore::experiment,
        name);
  }

  static Experiment insertExperiment(Tx tx, String name, Instant now) {
    long id =
        tx.query("select coalesce(max(id), -1) + 1 as next from experiment", r -> r.whole("next"))
            .getFirst();
    tx.update(
        """
        insert into experiment (id, name, created_at, updated_at)
        values (?, ?, ?, ?)
        """,
        id,
        name,
        now,
        now);
    return new Experiment(Long.toString(id), name, now, now);
  }

  static List<Experiment> experiments(Tx tx, int limit) {
    return tx.query(
        """
        select id, name, created_at, updated_at from experiment
        order by created_at desc, id
        limit ?
        """,
        RunStore::experiment,
        limit);
  }

  static void insert(Tx tx, Run run) {
    tx.update(
        """
        insert into run (id, experiment, name, state, started_at, ended_at)
        values (?, ?, ?, ?, ?, ?)
        """,
        run.id(),
        Long.parseLong(run.experiment()),
        run.name(),
        run.state(),
        run.startedAt(),
        run.endedAt());
  }

  static Optional<Run> run(Tx tx, String id) {
    return tx.first(
        """
        select id, experiment, name, state, started_at, ended_at from run
        where id = ?
        """,
        RunStore::run,
        id);
  }

  static List<Run> newest(Tx tx, String experiment, int limit) {
    return tx.query(
        """
        select r.id, r.experiment, r.name, r.state, r.started_at, r.ended_at
        from run r
        join experiment e on e.id = r.experiment
        where e.name = ?
        order by r.started_at desc, r.id
        limit ?
        """,
        RunStore::run,
        experiment,
        limit);
  }

  static List<Run> tagged(Tx tx, String key, String value, int limit) {
    return tx.query(
        """
        select r.id, r.experiment, r.name, r.state, r.started_at, r.ended_at
        from run_tag t
        join run r on r.id = t.run
        where t.name = ? and t.value = ?
        order by r.started_at desc, r.id
        limit ?
        """,
        RunStore::run,
        key,
        value,
        limit);
  }

  /// Ends a run that still runs; false if it has ended, or there is none.
  static boolean end(Tx tx, String id, Run.State state, Instant now) {
    return tx.update(
            """
            update run set state = ?, ended_at = ?
            where id = ? and state = 'RUNNING'
            """,
            state,
            now,
            id)
        == 1;
  }

  static void rename(Tx tx, String id, String name) {
    tx.update("update run set name = ? where id = ?", name, id);
  }

  static void putParams(Tx tx, String run, Map<String, String> params) {
    tx.batch(
        """
        insert into run_param (run, name, value)
        values (?, ?, ?)
        on conflict (run, name) do nothing
        """,
        rows(run, params));
  }

  static void putTags(Tx tx, String run, Map<String, String> tags) {
    tx.batch(
        """
        insert into run_tag (run, name, value)
        values (?, ?, ?)
        on conflict (run, name) do update set value = excluded.value
        """,
        rows(run, tags));
  }

  static void putMetrics(Tx tx, String run, List<Metric> metrics) {
    tx.batch(
        """
        insert into run_metric (run, name, step, at, value, is_nan)
        values (?, ?, ?, ?, ?, ?)
        on conflict do nothing
        """,
        rows(run, metrics));
    // One row per metric: PostgreSQL refuses to touch a row twice in one statement.
    var latest = new TreeMap<String, Metric>();
    for (Metric metric : metrics) {
      latest.merge(metric.key(), metric, (a, b) -> LATEST.compare(a, b) < 0 ? b : a);
    }
    tx.batch(
        """
        insert into run_metric_latest (run, name, step, at, value, is_nan)
        values (?, ?, ?, ?, ?, ?)
        on conflict (run, name) do update
        set step = excluded.step, at = excluded.at, value = excluded.value, is_nan = excluded.is_nan
        where (excluded.step, excluded.at, excluded.value)
          > (run_metric_latest.step, run_metric_latest.at, run_metric_latest.value)
        """,
        rows(run, List.copyOf(latest.values())));
  }

  static void putArtifact(Tx tx, String run, Artifact artifact) {
    tx.update(
        """
        insert into run_artifact (run, path, digest, size, stored_at)
        values (?, ?, ?, ?, ?)
        on conflict (run, path) do update
        set digest = excluded.digest, size = excluded.size, stored_at = excluded.stored_at
        """,
        run,
        artifact.path(),
        artifact.digest(),
        artifact.size(),
        artifact.storedAt());
  }

  static SortedMap<String, String> params(Tx tx, String run) {
    return texts(
        tx.query(
            "select name, value from run_param where run = ? order by name", RunStore::text, run));
  }

  static SortedMap<String, String> tags(Tx tx, String run) {
    return texts(
        tx.query(
            "select name, value from run_tag where run = ? order by name", RunStore::text, run));
  }

  static SortedMap<String, Metric> latest(Tx tx, String run) {
    var latest = new TreeMap<String, Metric>();
    tx.query(
            """
            select name, step, at, value, is_nan from run_metric_latest
            where run = ?
            order by name
            """,
            RunStore::metric,
            run)
        .forEach(metric -> latest.put(metric.key(), metric));
    return latest;
  }

  static List<Metric> history(Tx tx, String run, String key, int limit) {
    return tx.query(
        """
        select name, step, at, value, is_nan from run_metric
        where run = ? and name = ?
        order by at, step, value
        limit ?
        """,
        RunStore::metric,
        run,
        key,
        limit);
  }

  static List<Artifact> artifacts(Tx tx, String run) {
    return tx.query(
        """
        select path, digest, size, stored_at from run_artifact
        where run = ?
        order by path
        """,
        RunStore::artifact,
        run);
  }

  static Optional<Artifact> artifact(Tx tx, String run, String path) {
    return tx.first(
        """
        select path, digest, size, stored_at from run_artifact
        where run = ? and path = ?
        """,
        RunStore::artifact,
        run,
        path);
  }

  private static List<@Nullable Object[]> rows(String run, Map<String, String> texts) {
    Function<Map.Entry<String, String>, @Nullable Object[]> row =
        entry -> new Object[] {run, entry.getKey(), entry.getValue()};
    return texts.entrySet().stream().map(row).toList();
  }

  private static List<@Nullable Object[]> rows(String run, List<Metric> metrics) {
    Function<Metric, @Nullable Object[]> row =
        m -> new Object[] {run, m.key(), m.step(), m.at(), stored(m), Double.isNaN(m.value())};
    return metrics.stream().map(row).toList();
  }

  /// NaN is stored, and compares, as 0; minus zero is zero.
  private static double stored(Metric metric) {
    return Double.isNaN(metric.value()) ? 0 : metric.value() + 0.0;
  }

  private static SortedMap<String, String> texts(List<Map.Entry<String, String>> entries) {
    var texts = new TreeMap<String, String>();
    entries.forEach(entry -> texts.put(entry.getKey(), entry.getValue()));
    return texts;
  }

  private static Map.Entry<String, String> text(Row row) {
    return Map.entry(row.text("name"), row.text("value"));
  }

  private static Metric metric(Row row) {
    return new Metric(
        row.text("name"),
        row.flag("is_nan") ? Double.NaN : row.number("value"),
        row.whole("step"),
        row.instant("at"));
  }

  private static Artifact artifact(Row row) {
    return new Artifact(
        row.text("path"),
        new Digest(row.text("digest")),
        row.whole("size"),
        row.instant("stored_at"));
  }

  private static Experiment experiment(Row row) {
    return new Experiment(
        Long.toString(row.whole("id")),
        row.text("name"),
        row.instant("created_at"),
        row.instant("updated_at"));
  }

  private static Run run(Row row) {
    return new Run(
        row.text("id"),
        Long.toString(row.whole("experiment")),
        row.text("name"),
        Run.State.valueOf(row.text("state")),
        row.instant("started_at"),
        row.instantOrNull("ended_at"));
  }
}
