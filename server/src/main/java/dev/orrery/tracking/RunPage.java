package dev.orrery.tracking;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.mlflow.Answer;
import dev.orrery.sql.Tx;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Runs with all that is shown of them, read with few queries and written as MLflow writes them.
final class RunPage {
  /// How many runs are asked for in one query: few sizes, so that statements stay prepared.
  private static final int MANY = 100;

  private static final int SOME = 10;

  private record Text(int run, String name, String value) {}

  private record Latest(int run, Metric metric) {}

  private final List<Run> runs;
  private final List<List<Text>> params = new ArrayList<>();
  private final List<List<Text>> tags = new ArrayList<>();
  private final List<List<Latest>> metrics = new ArrayList<>();
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
    for (int i = 0; i < runs.size(); i++) {
      page.params.add(new ArrayList<>());
      page.tags.add(new ArrayList<>());
      page.metrics.add(new ArrayList<>());
    }
    for (int from = 0; from < ids.size(); from += size) {
      page.fill(tx, from, padded(ids.subList(from, Math.min(ids.size(), from + size)), size));
    }
    return page;
  }

  /// Ids to the number that the statement has, filled up with what no run is called.
  private static Object[] padded(List<String> ids, int size) {
    List<Object> padded = new ArrayList<>(ids);
    while (padded.size() < size) padded.add("");
    return padded.toArray();
  }

  /// The rows say by a number which run they are of: an id would be read again for each.
  private void fill(Tx tx, int from, Object[] ids) {
    String numbered =
        IntStream.range(0, ids.length)
            .mapToObj(i -> "(%d, ?)".formatted(i))
            .collect(Collectors.joining(", ", "(values ", ") v"));
    for (Latest latest :
        tx.query(
            """
            select v.column1 as number, m.name, m.step, m.at, m.value, m.is_nan
            from %s cross join metric_series m
            where m.run = v.column2
            order by v.column1, m.name
            """
                .formatted(numbered),
            row -> new Latest(from + (int) row.whole("number"), MetricStore.metric(row)),
            ids)) {
      metrics.get(latest.run()).add(latest);
    }
    fill(tx, "run_param", numbered, from, ids, params);
    fill(tx, "run_tag", numbered, from, ids, tags);
  }

  private static void fill(
      Tx tx, String table, String numbered, int from, Object[] ids, List<List<Text>> into) {
    String sql =
        """
        select v.column1 as number, t.name, t.value
        from %s cross join %s t
        where t.run = v.column2
        order by v.column1, t.name
        """
            .formatted(numbered, table);
    for (Text text :
        tx.query(
            sql,
            row -> new Text(from + (int) row.whole("number"), row.text("name"), row.text("value")),
            ids)) {
      into.get(text.run()).add(text);
    }
  }

  /// The runs, each as an object of `info`, `data`, `inputs` and `outputs`.
  List<Answer.Part> parts() {
    return IntStream.range(0, runs.size())
        .mapToObj(i -> (Answer.Part) json -> write(json, i))
        .toList();
  }

  private void write(JsonGenerator json, int at) throws IOException {
    Run run = runs.get(at);
    json.writeStartObject();
    json.writeFieldName("info");
    info(json, run);
    json.writeFieldName("data");
    json.writeStartObject();
    List<Latest> latest = metrics.get(at);
    if (!latest.isEmpty()) {
      json.writeArrayFieldStart("metrics");
      for (Latest one : latest) {
        Metric metric = one.metric();
        MetricRoutes.write(json, metric.key(), metric);
      }
      json.writeEndArray();
    }
    pairs(json, "params", params.get(at));
    pairs(json, "tags", tags.get(at));
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
