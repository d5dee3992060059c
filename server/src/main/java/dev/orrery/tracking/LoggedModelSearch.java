package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Key;
import dev.orrery.filter.Op;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Value;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A search for logged models.
///
/// @param datasets metrics are compared only where they were measured on one of these; none: any
/// @param offset how many to leave out first
/// @param limit how many at most
record LoggedModelSearch(
    List<Long> experiments,
    @Nullable String filter,
    List<Dataset> datasets,
    List<By> order,
    long offset,
    int limit) {
  /// A dataset by its name and, where one is given, its digest.
  record Dataset(String name, @Nullable String digest) {}

  /// What is ordered by: an attribute, or the latest point of a metric, on this dataset if one is
  /// given. Models that lack it come last either way.
  record By(String field, boolean isAscending, @Nullable Dataset dataset) {}

  static final Vocabulary WORDS =
      Vocabulary.of(
          "logged model",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr")
              .with("name", Field.LISTED)
              .with("model_id", Field.LISTED)
              .with("model_type", Field.LISTED)
              .with("status", Field.LISTED)
              .with("status_message", Field.LISTED)
              .with("source_run_id", Field.LISTED)
              .with("experiment_id", Field.LISTED)
              .with("artifact_location", Field.LISTED, "artifact_uri")
              .with("creation_timestamp", Field.TIME, "creation_time", "creation_timestamp_ms")
              .with(
                  "last_updated_timestamp",
                  Field.TIME,
                  "last_updated_time",
                  "last_updated_timestamp_ms"),
          Entity.free("metric", Field.NUMBER, "metrics"),
          Entity.free("param", Field.LISTED, "params", "parameter", "parameters"),
          Entity.free("tag", Field.LISTED, "tags"));

  private static final Map<String, String> COLUMNS =
      Map.of(
          "name", "l.name",
          "model_id", "l.id",
          "model_type", "l.model_type",
          "status", "l.status",
          "status_message", "l.status_message",
          "source_run_id", "l.source_run",
          "experiment_id", "cast(l.experiment as text)",
          "artifact_location", "l.artifact_uri",
          "creation_timestamp", "l.created_at",
          "last_updated_timestamp", "l.updated_at");

  List<LoggedModel> run(Tx tx, Grammar grammar) {
    if (experiments.isEmpty()) return List.of();
    SqlText sql = select().then(where(grammar)).then(orderBy());
    sql = sql.then(" limit ? offset ?", limit, offset);
    return LoggedModelStore.whole(
        tx, tx.query(sql.sql(), LoggedModelStore::bare, sql.args().toArray()));
  }

  private SqlText select() {
    SqlText select =
        SqlText.of(
            "select l.id, l.experiment, l.name, l.model_type, l.source_run, l.status, "
                + "l.status_message, l.artifact_uri, l.created_at, l.updated_at");
    for (int i = 0; i < order.size(); i++) {
      select = select.then(", ").then(ordered(order.get(i))).then(" as o" + i);
    }
    return select.then(" from logged_model l");
  }

  private SqlText where(Grammar grammar) {
    SqlText where =
        new SqlText(
            " where l.deleted_at is null and l.experiment in ("
                + InputStore.marks(experiments)
                + ")",
            List.copyOf(experiments));
    Optional<Filter> parsed = Filter.parse(filter, WORDS, grammar);
    if (parsed.isPresent()) {
      where = where.then(" and ").then(SqlText.where(parsed.get(), this::compare));
    }
    if (!datasets.isEmpty() && parsed.filter(LoggedModelSearch::hasMetric).isEmpty()) {
      where =
          where
              .then(" and exists (select 1 from logged_model_metric m where m.model = l.id")
              .then(onDatasets())
              .then(")");
    }
    return where;
  }

  private static boolean hasMetric(Filter filter) {
    boolean[] found = {false};
    Filter.each(filter, one -> found[0] |= one.key().entity().equals("metric"));
    return found[0];
  }

  private SqlText compare(Filter.Compare one) {
    String name = one.key().name();
    return switch (one.key().entity()) {
      case "metric" ->
          SqlText.of(
                  "exists (select 1 from logged_model_metric m where m.model = l.id and m.name = ?"
                      + " and m.is_nan = 0 and ",
                  name)
              .then(SqlText.compare("m.value", one.op(), one.value()))
              .then(onDatasets())
              .then(")");
      case "param" -> text("logged_model_param", name, one);
      case "tag" -> text("logged_model_tag", name, one);
      default -> attribute(name, one);
    };
  }

  private static SqlText attribute(String name, Filter.Compare one) {
    String column = COLUMNS.getOrDefault(name, "l.name");
    Value value = name.equals("status") ? status(one.op(), one.value()) : one.value();
    SqlText compared = SqlText.compare(column, one.op(), value);
    return SqlText.of(column + " is not null and ").then(compared);
  }

  /// A status as it is stored: `READY`, also where `LOGGED_MODEL_READY` was written.
  private static Value status(Op op, Value value) {
    if (op == Op.LIKE || op == Op.ILIKE) return value;
    return switch (value) {
      case Value.Text text -> new Value.Text(LoggedModel.Status.stored(text.text()));
      case Value.Texts texts ->
          new Value.Texts(texts.texts().stream().map(LoggedModel.Status::stored).toList());
      case Value.Number number -> number;
    };
  }

  private static SqlText text(String table, String name, Filter.Compare one) {
    return SqlText.of(
            "exists (select 1 from " + table + " t where t.model = l.id and t.name = ? and ", name)
        .then(SqlText.compare("t.value", one.op(), one.value()))
        .then(")");
  }

  private SqlText onDatasets() {
    if (datasets.isEmpty()) return SqlText.of("");
    return SqlText.of(" and (")
        .then(SqlText.join(" or ", datasets.stream().map(LoggedModelSearch::on).toList()))
        .then(")");
  }

  private static SqlText on(Dataset dataset) {
    return dataset.digest() == null
        ? SqlText.of("m.dataset_name = ?", dataset.name())
        : SqlText.of(
            "(m.dataset_name = ? and m.dataset_digest = ?)", dataset.name(), dataset.digest());
  }

  private static SqlText ordered(By by) {
    int dot = by.field().indexOf('.');
    if (dot < 0) return SqlText.of(column(by.field()));
    String entity = by.field().substring(0, dot).toLowerCase(Locale.ROOT);
    if (!entity.equals("metrics") && !entity.equals("metric")) {
      throw badOrder(by.field(), "Only metrics are supported: metrics.NAME, or an attribute");
    }
    SqlText latest =
        SqlText.of(
            "(select m.value from logged_model_metric m where m.model = l.id and m.name = ?"
                + " and m.is_nan = 0",
            by.field().substring(dot + 1));
    Dataset dataset = by.dataset();
    if (dataset != null) latest = latest.then(" and ").then(on(dataset));
    return latest.then(" order by m.at desc, m.step desc, m.run limit 1)");
  }

  private static String column(String field) {
    String lower = field.toLowerCase(Locale.ROOT);
    Entity attributes = WORDS.entities().getFirst();
    String name = attributes.fieldAliases().getOrDefault(lower, lower);
    String column = COLUMNS.get(name);
    if (column == null) {
      throw badOrder(field, Texts.didYouMean(field, attributes.fields().keySet()));
    }
    return column;
  }

  private static Problem badOrder(String field, String remedy) {
    return new Problem(
        Fault.BAD_ORDER, "Invalid order by field name: " + Texts.shown(field), remedy);
  }

  private SqlText orderBy() {
    var clauses = new ArrayList<String>();
    boolean isTimed = false;
    for (int i = 0; i < order.size(); i++) {
      By by = order.get(i);
      clauses.add("o" + i + (by.isAscending() ? " asc" : " desc") + " nulls last");
      isTimed |= by.field().startsWith("creation_time");
    }
    if (!isTimed) clauses.add("l.created_at desc");
    clauses.add("l.id");
    return SqlText.of(" order by " + String.join(", ", clauses));
  }
}
