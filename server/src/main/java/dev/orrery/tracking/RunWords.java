package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Key;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import java.util.Map;

/// What our own searches of runs may name, and the condition that each comparison is. The run is
/// `r` in them.
final class RunWords {
  static final Vocabulary RUNS =
      Vocabulary.of(
          "run",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr", "run")
              .with("run_id", Field.LISTED, "id")
              .with("run_name", Field.LISTED, "run name", "name")
              .with("status", Field.LISTED)
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
          "user_id", "r.user_name",
          "experiment_id", "cast(r.experiment as text)",
          "start_time", "r.started_at",
          "end_time", "r.ended_at",
          "duration", "((r.ended_at - r.started_at) / 1000.0)");

  private RunWords() {}

  static String column(String attribute) {
    return COLUMNS.getOrDefault(attribute, "r.id");
  }

  /// Never unknown: true or false, so that `NOT` is everything else.
  static SqlText condition(Filter.Compare one) {
    String name = one.key().name();
    return switch (one.key().entity()) {
      case "metric" ->
          SqlText.of(
                  "exists (select 1 from metric_series s where s.run = r.id and s.name = ?"
                      + " and s.is_nan = 0 and ",
                  name)
              .then(SqlText.compare("s.value", one.op(), one.value()))
              .then(")");
      case "param" -> text("run_param", name, one);
      case "tag" -> text("run_tag", name, one);
      case "dataset" -> dataset(name, one);
      default -> {
        String column = column(name);
        SqlText compared = SqlText.compare(column, one.op(), one.value());
        boolean isNever = name.equals("end_time") || name.equals("duration");
        yield isNever ? SqlText.of("r.ended_at is not null and ").then(compared) : compared;
      }
    };
  }

  private static SqlText text(String table, String name, Filter.Compare one) {
    return SqlText.of(
            "exists (select 1 from " + table + " t where t.run = r.id and t.name = ? and ", name)
        .then(SqlText.compare("t.value", one.op(), one.value()))
        .then(")");
  }

  private static SqlText dataset(String name, Filter.Compare one) {
    if (name.equals("context")) {
      return SqlText.of(
              "exists (select 1 from run_input_tag t where t.run = r.id and t.name = ? and ",
              DatasetInput.CONTEXT_TAG)
          .then(SqlText.compare("t.value", one.op(), one.value()))
          .then(")");
    }
    return SqlText.of(
            "exists (select 1 from run_input i join logged_dataset d on d.id = i.dataset"
                + " where i.run = r.id and ")
        .then(SqlText.compare("d." + name, one.op(), one.value()))
        .then(")");
  }
}
