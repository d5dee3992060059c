package dev.orrery.tracking;

import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All SQL of logged models, but for their search.
final class LoggedModelStore {
  /// More points of one model than this are not shown with it.
  static final int POINTS_MAX = 10_000;

  static final String COLUMNS =
      "id, experiment, name, model_type, source_run, status, status_message, artifact_uri, "
          + "created_at, updated_at";

  private record Text(String model, String name, String value) {}

  private LoggedModelStore() {}

  static void insert(Tx tx, LoggedModel model) {
    tx.update(
        """
        insert into logged_model
          (id, experiment, name, model_type, source_run, status, status_message, artifact_uri,
           created_at, updated_at)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        model.id(),
        Long.parseLong(model.experiment()),
        model.name(),
        model.type(),
        model.sourceRun(),
        model.status(),
        model.statusMessage(),
        model.artifactUri(),
        model.createdAt(),
        model.updatedAt());
  }

  /// The model of this id, unless it was deleted.
  static Optional<LoggedModel> find(Tx tx, String id) {
    List<LoggedModel> bare =
        tx.query(
            "select " + COLUMNS + " from logged_model where id = ? and deleted_at is null",
            LoggedModelStore::bare,
            id);
    return whole(tx, bare).stream().findFirst();
  }

  /// The logged models that a run made, took or is the source of, in brief.
  static List<RunDetail.Model> ofRun(Tx tx, String run, List<RunModel> linked) {
    return tx.query(
        """
        select m.id, m.name, m.status, m.model_type from logged_model m
        where m.deleted_at is null
          and (m.source_run = ? or m.id in (select l.model from run_model l where l.run = ?))
        order by m.created_at desc, m.id
        limit 1000
        """,
        row -> {
          String id = row.text("id");
          boolean isInput =
              linked.stream()
                  .anyMatch(link -> link.model().equals(id) && link.role() == RunModel.Role.INPUT);
          return new RunDetail.Model(
              id,
              row.text("name"),
              row.text("status"),
              row.textOrNull("model_type"),
              isInput ? "input" : "output");
        },
        run,
        run);
  }

  static boolean exists(Tx tx, String id) {
    return tx.first("select id from logged_model where id = ?", row -> row.text("id"), id)
        .isPresent();
  }

  static void finish(
      Tx tx, String id, LoggedModel.Status status, @Nullable String message, Instant now) {
    tx.update(
        "update logged_model set status = ?, status_message = ?, updated_at = ? where id = ?",
        status,
        message,
        now,
        id);
  }

  static void delete(Tx tx, String id, Instant now) {
    tx.update(
        "update logged_model set deleted_at = ?, updated_at = ? where id = ? and deleted_at is"
            + " null",
        now,
        now,
        id);
  }

  static void touch(Tx tx, String id, Instant now) {
    tx.update("update logged_model set updated_at = ? where id = ?", now, id);
  }

  static void putParams(Tx tx, String id, Map<String, String> params) {
    tx.batch(
        """
        insert into logged_model_param (model, name, value)
        values (?, ?, ?)
        on conflict (model, name) do nothing
        """,
        rows(id, params));
  }

  static void putTags(Tx tx, String id, Map<String, String> tags) {
    tx.batch(
        """
        insert into logged_model_tag (model, name, value)
        values (?, ?, ?)
        on conflict (model, name) do update set value = excluded.value
        """,
        rows(id, tags));
  }

  static boolean deleteTag(Tx tx, String id, String name) {
    return tx.update("delete from logged_model_tag where model = ? and name = ?", id, name) > 0;
  }

  static SortedMap<String, String> params(Tx tx, String id) {
    var params = new TreeMap<String, String>();
    tx.query(
            "select model, name, value from logged_model_param where model = ?",
            LoggedModelStore::text,
            id)
        .forEach(text -> params.put(text.name(), text.value()));
    return params;
  }

  static void putMetrics(Tx tx, List<ModelMetric> metrics) {
    Function<ModelMetric, @Nullable Object[]> row =
        metric -> {
          double value = metric.point().value();
          return new Object[] {
            metric.model(),
            metric.point().key(),
            metric.point().at(),
            metric.point().step(),
            metric.run(),
            Double.isNaN(value) ? 0 : value + 0.0,
            Double.isNaN(value),
            metric.dataset(),
            metric.datasetDigest()
          };
        };
    tx.batch(
        """
        insert into logged_model_metric
          (model, name, at, step, run, value, is_nan, dataset_name, dataset_digest)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (model, name, at, step, run) do nothing
        """,
        metrics.stream().map(row).toList());
  }

  /// The models with all that belongs to them, in the same order.
  static List<LoggedModel> whole(Tx tx, List<LoggedModel> bare) {
    var whole = new ArrayList<LoggedModel>();
    for (int from = 0; from < bare.size(); from += 500) {
      List<LoggedModel> some = bare.subList(from, Math.min(bare.size(), from + 500));
      fill(tx, some, whole);
    }
    return whole;
  }

  private static void fill(Tx tx, List<LoggedModel> some, List<LoggedModel> whole) {
    String[] ids = some.stream().map(LoggedModel::id).toArray(String[]::new);
    String marks = InputStore.marks(some);
    Map<String, SortedMap<String, String>> params = texts(tx, "logged_model_param", marks, ids);
    Map<String, SortedMap<String, String>> tags = texts(tx, "logged_model_tag", marks, ids);
    Map<String, List<ModelMetric>> metrics = metrics(tx, marks, ids);
    for (LoggedModel model : some) {
      whole.add(
          new LoggedModel(
              model.id(),
              model.experiment(),
              model.name(),
              model.type(),
              model.sourceRun(),
              model.status(),
              model.statusMessage(),
              model.artifactUri(),
              model.createdAt(),
              model.updatedAt(),
              params.getOrDefault(model.id(), new TreeMap<>()),
              tags.getOrDefault(model.id(), new TreeMap<>()),
              metrics.getOrDefault(model.id(), List.of())));
    }
  }

  private static Map<String, SortedMap<String, String>> texts(
      Tx tx, String table, String marks, String[] ids) {
    var found = new TreeMap<String, SortedMap<String, String>>();
    tx.query(
            "select model, name, value from " + table + " where model in (" + marks + ")",
            LoggedModelStore::text,
            (Object[]) ids)
        .forEach(text ->
            found
                .computeIfAbsent(text.model(), _ -> new TreeMap<>())
                .put(text.name(), text.value()));
    return found;
  }

  private static Map<String, List<ModelMetric>> metrics(Tx tx, String marks, String[] ids) {
    var found = new TreeMap<String, List<ModelMetric>>();
    tx.query(
            "select model, name, at, step, run, value, is_nan, dataset_name, dataset_digest "
                + "from logged_model_metric where model in ("
                + marks
                + ") order by model, name, at, step, run limit "
                + POINTS_MAX,
            LoggedModelStore::metric,
            (Object[]) ids)
        .forEach(
            metric -> found.computeIfAbsent(metric.model(), _ -> new ArrayList<>()).add(metric));
    return found;
  }

  static LoggedModel bare(Row row) {
    return new LoggedModel(
        row.text("id"),
        Long.toString(row.whole("experiment")),
        row.text("name"),
        row.textOrNull("model_type"),
        row.textOrNull("source_run"),
        LoggedModel.Status.valueOf(row.text("status")),
        row.textOrNull("status_message"),
        row.text("artifact_uri"),
        row.instant("created_at"),
        row.instant("updated_at"),
        new TreeMap<>(),
        new TreeMap<>(),
        List.of());
  }

  private static ModelMetric metric(Row row) {
    return new ModelMetric(
        row.text("model"),
        row.text("run"),
        new Metric(
            row.text("name"),
            row.flag("is_nan") ? Double.NaN : row.number("value"),
            row.whole("step"),
            row.instant("at")),
        row.textOrNull("dataset_name"),
        row.textOrNull("dataset_digest"));
  }

  private static Text text(Row row) {
    return new Text(row.text("model"), row.text("name"), row.text("value"));
  }

  private static List<@Nullable Object[]> rows(String model, Map<String, String> texts) {
    Function<Map.Entry<String, String>, @Nullable Object[]> row =
        entry -> new Object[] {model, entry.getKey(), entry.getValue()};
    return texts.entrySet().stream().map(row).toList();
  }
}
