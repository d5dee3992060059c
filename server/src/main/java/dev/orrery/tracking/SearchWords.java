package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Key;
import dev.orrery.filter.Op;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import java.util.Map;

/// What MLflow's searches of runs may name, and the condition that each comparison is. The run is
/// `r` in them.
final class SearchWords {
  static final Vocabulary MLFLOW =
      Vocabulary.of(
          "run",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr", "run")
              .with("run_id", Field.LISTED)
              .with("run_name", Field.TEXT, "run name")
              .with("status", Field.TEXT)
              .with("artifact_uri", Field.TEXT)
              .with("user_id", Field.TEXT)
              .with("start_time", Field.TIME, "created")
              .with("end_time", Field.TIME),
          Entity.free("metric", Field.NUMBER, "metrics"),
          Entity.free("param", Field.TEXT, "params", "parameter", "parameters"),
          Entity.free("tag", Field.TEXT, "tags"),
          Entity.fixed("dataset", "datasets")
              .with("name", Field.LISTED.unordered())
              .with("digest", Field.LISTED.unordered())
              .with("context", Field.LISTED.unordered()));

  /// What our own searches may name besides: more keys, and lists for every text.
  static final Vocabulary FULL =
      Vocabulary.of(
          "run",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr", "run")
              .with("run_id", Field.LISTED, "id")
              .with("run_name", Field.LISTED, "run name", "name")
              .with("status", Field.LISTED)
              .with("artifact_uri", Field.LISTED)
              .with("user_id", Field.LISTED, "user")
              .with("experiment_id", Field.LISTED, "experiment")
              .with("start_time", Field.TIME, "created", "started_at")
              .with("end_time", Field.TIME, "ended_at")
              .with("duration", Field.NUMBER),
          Entity.free("metric", Field.NUMBER, "metrics"),
          Entity.free("param", Field.LISTED, "params", "parameter", "parameters"),
          Entity.free("tag", Field.LISTED, "tags"),
          Entity.fixed("dataset", "datasets")
              .with("name", Field.LISTED.unordered())
              .with("digest", Field.LISTED.unordered())
              .with("context", Field.LISTED.unordered()));

  private static final Map<String, String> COLUMNS =
      Map.of(
          "run_id", "r.id",
          "run_name", "r.name",
          "status", "r.state",
          "artifact_uri", RunStore.ARTIFACT_URI,
          "user_id", "r.user_name",
          "experiment_id", "cast(r.experiment as text)",
          "start_time", "r.started_at",
          "end_time", "r.ended_at",
          "duration", "((r.ended_at - r.started_at) / 1000.0)");

  private SearchWords() {}

  static String column(String attribute) {
    String column = COLUMNS.get(attribute);
    if (column == null) throw new IllegalArgumentException("no column for " + attribute);
    return column;
  }

  /// Whether runs that have not ended lack it.
  static boolean needsEnd(String attribute) {
    return attribute.equals("end_time") || attribute.equals("duration");
  }

  /// The condition on a run `r`.
  static SqlText condition(Filter.Compare one) {
    return condition(one, "r.id");
  }

  /// Never unknown: true or false, so that `NOT` is everything else. What lacks the key does not
  /// pass, whatever the operator. Not a number differs from every number, and passes nothing else.
  ///
  /// @param run the id of the run as SQL: `r.id`, or what is joined with it
  static SqlText condition(Filter.Compare one, String run) {
    String name = one.key().name();
    return switch (one.key().entity()) {
      case "metric" -> {
        String nan = one.op() == Op.NE ? " and (m.is_nan = 1 or " : " and (m.is_nan = 0 and ";
        yield SqlText.of(
                "exists (select 1 from metric_series m where m.run = "
                    + run
                    + " and m.name = ?"
                    + nan,
                name)
            .then(SqlText.compare("m.value", one.op(), one.value()))
            .then("))");
      }
      case "param", "tag" ->
          SqlText.of(
                  "exists (select 1 from run_%s t where t.run = %s and t.name = ? and "
                      .formatted(one.key().entity(), run),
                  name)
              .then(SqlText.compare("t.value", one.op(), one.value()))
              .then(")");
      case "dataset" -> dataset(name, one);
      default -> {
        SqlText compared = SqlText.compare(column(name), one.op(), one.value());
        yield needsEnd(name) ? SqlText.of("r.ended_at is not null and ").then(compared) : compared;
      }
    };
  }

  private static SqlText dataset(String name, Filter.Compare one) {
    boolean isContext = name.equals("context");
    String of =
        isContext
            ? "exists (select 1 from run_input_tag t where t.run = r.id and t.name ="
                + " 'mlflow.data.context' and "
            : "exists (select 1 from run_input i join logged_dataset d on d.id = i.dataset where"
                + " i.run = r.id and ";
    return SqlText.of(of)
        .then(SqlText.compare(isContext ? "t.value" : "d." + name, one.op(), one.value()))
        .then(")");
  }
}
