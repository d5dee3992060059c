package dev.orrery.tracking;

import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The SQL of runs, their parameters, tags and artifacts.
final class RunStore {
  static final String ARTIFACT_URI =
      """
      case when r.location = ''
        then 'mlflow-artifacts:/' || r.experiment || '/' || r.id || '/artifacts'
        else r.location end\
      """;

  static final String COLUMNS =
      "r.id, r.experiment, r.name, r.state, r.started_at, r.ended_at, r.lifecycle, r.user_name, "
          + ARTIFACT_URI
          + " as artifact_uri ";

  /// With more parameters than this, all of the run are looked up at once.
  private static final int SINGLY_MAX = 8;

  private RunStore() {}

  /// Inserts a run; its tags, with its name, are put next.
  ///
  /// @param location where its artifacts go; empty for the usual place
  static void insert(Tx tx, Run run, String location) {
    tx.update(
        """
        insert into run
          (id, experiment, name, state, started_at, ended_at, lifecycle, user_name, location)
        values (?, ?, ?, ?, ?, ?, 'active', ?, ?)
        """,
        run.id(),
        run.experimentNumber(),
        run.name(),
        run.state(),
        run.startedAt(),
        run.endedAt(),
        run.user(),
        location);
  }

  static Optional<Run> run(Tx tx, String id) {
    return tx.first("select " + COLUMNS + " from run r where r.id = ?", RunStore::run, id);
  }

  static List<Run> newest(Tx tx, String experiment, int limit) {
    return tx.query(
        "select "
            + COLUMNS
            + """
            from run r
            join experiment e on e.id = r.experiment
            where e.name = ? and r.lifecycle = 'active'
            order by r.started_at desc, r.id
            limit ?
            """,
        RunStore::run,
        experiment,
        limit);
  }

  static List<Run> tagged(Tx tx, String key, String value, int limit) {
    return tx.query(
        "select "
            + COLUMNS
            + """
            from run_tag t
            join run r on r.id = t.run
            where t.name = ? and substr(t.value, 1, 100) = substr(?, 1, 100) and t.value = ?
              and r.lifecycle = 'active'
            order by r.started_at desc, r.id
            limit ?
            """,
        RunStore::run,
        key,
        value,
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

  /// Sets what is not null.
  static void update(Tx tx, String id, Run.@Nullable State state, @Nullable Instant endedAt) {
    tx.update(
        "update run set state = coalesce(?, state), ended_at = coalesce(?, ended_at) where id = ?",
        state,
        endedAt,
        id);
  }

  static void setLifecycle(Tx tx, String id, Lifecycle lifecycle, @Nullable Instant deletedAt) {
    tx.update(
        "update run set lifecycle = ?, deleted_at = ? where id = ?",
        lifecycle.text(),
        deletedAt,
        id);
  }

  /// Deletes or restores all runs of an experiment.
  static void setLifecycles(
      Tx tx, long experiment, Lifecycle lifecycle, @Nullable Instant deletedAt) {
    tx.update(
        "update run set lifecycle = ?, deleted_at = ? where experiment = ?",
        lifecycle.text(),
        deletedAt,
        experiment);
  }

  static Optional<String> tag(Tx tx, String run, String key) {
    return tx.first(
        "select value from run_tag where run = ? and name = ?", row -> row.text("value"), run, key);
  }

  static boolean deleteTag(Tx tx, String run, String key) {
    return tx.update("delete from run_tag where run = ? and name = ?", run, key) == 1;
  }

  static void rename(Tx tx, String id, String name) {
    TextIndex.mark(tx, id);
    tx.update("update run set name = ? where id = ?", name, id);
  }

  static void putParams(Tx tx, Run run, Map<String, String> params) {
    tx.batch(
        """
        insert into run_param (run, name, value, experiment)
        values (?, ?, ?, ?)
        on conflict (run, name) do nothing
        """,
        rows(run, params));
    TextIndex.mark(tx, run.id());
  }

  static void putTags(Tx tx, Run run, Map<String, String> tags) {
    tx.batch(
        """
        insert into run_tag (run, name, value, experiment)
        values (?, ?, ?, ?)
        on conflict (run, name) do update set value = excluded.value
        """,
        rows(run, tags));
    TextIndex.mark(tx, run.id());
  }

  static SortedMap<String, String> params(Tx tx, String run) {
    return texts(
        tx.query(
            "select name, value from run_param where run = ? order by name", RunStore::text, run));
  }

  /// Those of these parameters that the run has.
  static Map<String, String> params(Tx tx, String run, Set<String> names) {
    if (names.size() > SINGLY_MAX) return params(tx, run);
    var params = new HashMap<String, String>();
    for (String name : names) {
      tx.first(
              "select value from run_param where run = ? and name = ?",
              row -> row.text("value"),
              run,
              name)
          .ifPresent(value -> params.put(name, value));
    }
    return params;
  }

  static SortedMap<String, String> tags(Tx tx, String run) {
    return texts(
        tx.query(
            "select name, value from run_tag where run = ? order by name", RunStore::text, run));
  }

  private static List<@Nullable Object[]> rows(Run run, Map<String, String> texts) {
    Function<Map.Entry<String, String>, @Nullable Object[]> row =
        entry -> new Object[] {run.id(), entry.getKey(), entry.getValue(), run.experimentNumber()};
    return texts.entrySet().stream().map(row).toList();
  }

  private static SortedMap<String, String> texts(List<Map.Entry<String, String>> entries) {
    var texts = new TreeMap<String, String>();
    entries.forEach(entry -> texts.put(entry.getKey(), entry.getValue()));
    return texts;
  }

  private static Map.Entry<String, String> text(Row row) {
    return Map.entry(row.text("name"), row.text("value"));
  }

  static Run run(Row row) {
    return new Run(
        row.text("id"),
        Long.toString(row.whole("experiment")),
        row.text("name"),
        Run.State.valueOf(row.text("state")),
        row.instant("started_at"),
        row.instantOrNull("ended_at"),
        Lifecycle.of(row.text("lifecycle")),
        row.text("user_name"),
        row.text("artifact_uri"));
  }
}
