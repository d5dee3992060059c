package dev.orrery.tracking;

import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The SQL of experiments and their tags.
final class ExperimentStore {
  static final String COLUMNS = "e.id, e.name, e.lifecycle, e.location, e.created_at, e.updated_at";

  private ExperimentStore() {}

  static Optional<Experiment> byId(Tx tx, long id) {
    return tx.first(
        "select " + COLUMNS + " from experiment e where e.id = ?", ExperimentStore::experiment, id);
  }

  static Optional<Experiment> byName(Tx tx, String name) {
    return tx.first(
        "select " + COLUMNS + " from experiment e where e.name = ?",
        ExperimentStore::experiment,
        name);
  }

  /// @param location empty for the usual place
  static Experiment insert(Tx tx, String name, String location, Instant now) {
    long id =
        tx.query("select coalesce(max(id), -1) + 1 as next from experiment", r -> r.whole("next"))
            .getFirst();
    tx.update(
        """
        insert into experiment (id, name, lifecycle, location, created_at, updated_at)
        values (?, ?, 'active', ?, ?, ?)
        """,
        id,
        name,
        location,
        now,
        now);
    return byId(tx, id).orElseThrow();
  }

  static List<Experiment> newest(Tx tx, int limit) {
    return tx.query(
        "select "
            + COLUMNS
            + """
             from experiment e
            where e.lifecycle = 'active'
            order by e.created_at desc, e.id
            limit ?
            """,
        ExperimentStore::experiment,
        limit);
  }

  static SortedMap<String, String> tags(Tx tx, long experiment) {
    var tags = new TreeMap<String, String>();
    tx.query(
            "select name, value from experiment_tag where experiment = ?",
            row -> Map.entry(row.text("name"), row.text("value")),
            experiment)
        .forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
    return tags;
  }

  static void putTag(Tx tx, long experiment, String key, String value) {
    tx.update(
        """
        insert into experiment_tag (experiment, name, value)
        values (?, ?, ?)
        on conflict (experiment, name) do update set value = excluded.value
        """,
        experiment,
        key,
        value);
  }

  static boolean deleteTag(Tx tx, long experiment, String key) {
    return tx.update(
            "delete from experiment_tag where experiment = ? and name = ?", experiment, key)
        == 1;
  }

  static void rename(Tx tx, long id, String name, Instant now) {
    tx.update("update experiment set name = ?, updated_at = ? where id = ?", name, now, id);
  }

  static void setLifecycle(Tx tx, long id, Lifecycle lifecycle, Instant now) {
    tx.update(
        "update experiment set lifecycle = ?, updated_at = ? where id = ?",
        lifecycle.text(),
        now,
        id);
  }

  static Experiment experiment(Row row) {
    String id = Long.toString(row.whole("id"));
    String location = row.text("location");
    return new Experiment(
        id,
        row.text("name"),
        Lifecycle.of(row.text("lifecycle")),
        location.isEmpty() ? "mlflow-artifacts:/" + id : location,
        row.instant("created_at"),
        row.instant("updated_at"));
  }
}
