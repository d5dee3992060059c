package dev.orrery.tracking;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.mlflow.Answer;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Runs with all that is shown of them, read with few queries and written as MLflow writes them.
final class RunPage {
  /// How many runs are asked for in one query: few sizes, so that statements stay prepared.
  private static final int MANY = 100;

  private static final int SOME = 10;

  private record Text(String run, String name, String value) {}

  private record Latest(String run, Metric metric) {}

  private final List<Run> runs;
  private final Map<String, List<Text>> params = new HashMap<>();
  private final Map<String, List<Text>> tags = new HashMap<>();
  private final Map<String, List<Latest>> metrics = new HashMap<>();
  private final Map<String, List<DatasetInput>> datasets;
  private final Map<String, List<RunModel>> models;

  private RunPage(Tx tx, List<Run> runs, List<String> ids) {
    this.runs = runs;
    this.datasets = InputStore.datasets(tx, ids);
    this.models = InputStore.models(tx, ids);
  }

  static RunPage of(Tx tx, List<Run> runs) {
    List<String> ids = runs.stream().map(Run::id).toList();
    var page = new RunPage(tx, runs, ids);
    int size = ids.size() == 1 ? 1 : ids.size() <= SOME ? SOME : MANY;
    for (int from = 0; from < ids.size(); from += size) {
      page.fill(tx, padded(ids.subList(from, Math.min(ids.size(), from + size)), size));
    }
    return page;
  }

  /// Ids to the number that the statement has, the last one repeated.
  private static Object[] padded(List<String> ids, int size) {
    List<Object> padded = new ArrayList<>(ids);
    while (padded.size() < size) padded.add(ids.getLast());
    return padded.toArray();
  }

  private void fill(Tx tx, Object[] ids) {
    String marks = String.join(", ", Collections.nCopies(ids.length, "?"));
    for (Latest latest :
        tx.query(
            """
            select run, name, step, at, value, is_nan from metric_series
            where run in (%s)
            order by run, name
            """
                .formatted(marks),
            row -> new Latest(row.text("run"), MetricStore.metric(row)),
            ids)) {
      metrics.computeIfAbsent(latest.run(), _ -> new ArrayList<>()).add(latest);
    }
    fill(tx, "run_param", marks, ids, params);
    fill(tx, "run_tag", marks, ids, tags);
  }

  private static void fill(
      Tx tx, String table, String marks, Object[] ids, Map<String, List<Text>> into) {
    String sql =
        "select run, name, value from %s where run in (%s) order by run, name"
            .formatted(table, marks);
    for (Text text : tx.query(sql, RunPage::text, ids)) {
      into.computeIfAbsent(text.run(), _ -> new ArrayList<>()).add(text);
    }
  }

  private static Text text(Row row) {
    return new Text(row.text("run"), row.text("name"), row.text("value"));
  }

  /// The runs, each as an object of `info`, `data`, `inputs` and `outputs`.
  List<Answer.Part> parts() {
    return runs.stream().map(run -> (Answer.Part) json -> write(json, run)).toList();
  }

  private void write(JsonGenerator json, Run run) throws IOException {
    json.writeStartObject();
    json.writeFieldName("info");
    info(json, run);
    json.writeFieldName("data");
    json.writeStartObject();
    List<Latest> latest = metrics.getOrDefault(run.id(), List.of());
    if (!latest.isEmpty()) {
      json.writeArrayFieldStart("metrics");
      for (Latest one : latest) {
        Metric metric = one.metric();
        MetricRoutes.write(json, metric.key(), metric);
      }
      json.writeEndArray();
    }
    pairs(json, "params", params.getOrDefault(run.id(), List.of()));
    pairs(json, "tags", tags.getOrDefault(run.id(), List.of()));
    json.writeEndObject();
    json.writeFieldName("inputs");
    Answer.write(json, InputRoutes.inputs(datasets.get(run.id()), models.get(run.id())));
    json.writeFieldName("outputs");
    Answer.write(json, InputRoutes.outputs(models.get(run.id())));
    json.writeEndObject();
  }

  static void info(JsonGenerator json, Run run) throws IOException {
    json.writeStartObject();
    json.writeStringField("run_id", run.id());
    json.writeStringField("run_uuid", run.id());
    json.writeStringField("run_name", run.name());
    json.writeStringField("experiment_id", run.experiment());
    json.writeStringField("user_id", run.user());
    json.writeStringField("status", run.state().name());
    json.writeNumberField("start_time", run.startedAt().toEpochMilli());
    Instant endedAt = run.endedAt();
    if (endedAt != null) json.writeNumberField("end_time", endedAt.toEpochMilli());
    json.writeStringField("artifact_uri", run.artifactUri());
    json.writeStringField("lifecycle_stage", run.lifecycle().text());
    json.writeEndObject();
  }

  private static void pairs(JsonGenerator json, String field, List<Text> texts) throws IOException {
    if (texts.isEmpty()) return;
    json.writeArrayFieldStart(field);
    for (Text text : texts) {
      json.writeStartObject();
      json.writeStringField("key", text.name());
      json.writeStringField("value", text.value());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
