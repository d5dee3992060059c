package dev.orrery.client;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The runs of a server: begin them, say what happens to them, find them again.
public final class Runs {
  private static final int HISTORY_PAGE = 25_000;

  private final Http http;
  private final InstantSource clock;

  Runs(Http http, InstantSource clock) {
    this.http = http;
    this.clock = clock;
  }

  /// Begins a run now.
  public Run create(String experiment, String name, Map<String, String> tags) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("experiment_id", experiment);
    body.put("run_name", name);
    body.put("user_id", System.getProperty("user.name", ""));
    body.put("start_time", clock.millis());
    body.put("tags", Pairs.of(tags));
    return Run.of(http.post("/runs/create", body).object("run"));
  }

  public Run get(String id) {
    return Run.of(http.get("/runs/get", Map.of("run_id", id)).object("run"));
  }

  public Page<Run> search(List<String> experiments, Search search) {
    Map<String, Object> body = new LinkedHashMap<>(search.fields());
    body.put("experiment_ids", experiments);
    body.put("run_view_type", search.view());
    return Page.of(http.post("/runs/search", body), "runs", Run::of);
  }

  /// Everything a search finds, page by page.
  public List<Run> all(List<String> experiments, Search search) {
    return Page.all(token -> search(experiments, search.page(token)));
  }

  /// Ends a run now.
  public void end(String id, Run.Status status) {
    update(id, Map.of("status", status.name(), "end_time", clock.millis()));
  }

  public void status(String id, Run.Status status) {
    update(id, Map.of("status", status.name()));
  }

  public void rename(String id, String name) {
    update(id, Map.of("run_name", name));
  }

  private void update(String id, Map<String, ?> what) {
    Map<String, Object> body = new LinkedHashMap<>(what);
    body.put("run_id", id);
    http.post("/runs/update", body);
  }

  /// Marks a run deleted; [#restore] takes it back.
  public void delete(String id) {
    http.post("/runs/delete", Map.of("run_id", id));
  }

  public void restore(String id) {
    http.post("/runs/restore", Map.of("run_id", id));
  }

  /// A parameter is written once; the same value again is well.
  public void param(String id, String key, String value) {
    http.post("/runs/log-parameter", Map.of("run_id", id, "key", key, "value", value));
  }

  /// A point of a metric, now.
  public void metric(String id, String key, double value, long step) {
    metric(id, new Metric(key, value, clock.instant(), step));
  }

  /// One point in one call. Many are faster by [#batch] or [OrreryClient#metricLog].
  public void metric(String id, Metric point) {
    Map<String, Object> body = point.fields();
    body.put("run_id", id);
    http.post("/runs/log-metric", body);
  }

  public void tag(String id, String key, String value) {
    http.post("/runs/set-tag", Map.of("run_id", id, "key", key, "value", value));
  }

  public void untag(String id, String key) {
    http.post("/runs/delete-tag", Map.of("run_id", id, "key", key));
  }

  /// Writes all of it or, on Orrery, nothing: at most 1000 points, 100 parameters and 100 tags.
  public void batch(
      String id, List<Metric> metrics, Map<String, String> params, Map<String, String> tags) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("run_id", id);
    body.put("metrics", metrics.stream().map(Metric::fields).toList());
    body.put("params", Pairs.of(params));
    body.put("tags", Pairs.of(tags));
    http.post("/runs/log-batch", body);
  }

  /// All points of a metric, by time, step and value.
  public List<Metric> history(String id, String key) {
    return Page.all(token -> {
      Map<String, Object> query = new LinkedHashMap<>();
      query.put("run_id", id);
      query.put("metric_key", key);
      query.put("max_results", HISTORY_PAGE);
      token.ifPresent(text -> query.put("page_token", text));
      return Page.of(http.get("/metrics/get-history", query), "metrics", Metric::of);
    });
  }

  /// Says which data a run read.
  ///
  /// @param schema and profile: JSON as MLflow's clients write it, or null
  public void input(
      String id, Run.Dataset data, @Nullable String schema, @Nullable String profile) {
    Map<String, Object> dataset = new LinkedHashMap<>();
    dataset.put("name", data.name());
    dataset.put("digest", data.digest());
    dataset.put("source_type", data.sourceType());
    dataset.put("source", data.source());
    if (schema != null) dataset.put("schema", schema);
    if (profile != null) dataset.put("profile", profile);
    Map<String, String> tags =
        data.context().isEmpty() ? Map.of() : Map.of("mlflow.data.context", data.context());
    Map<String, Object> input = Map.of("dataset", dataset, "tags", Pairs.of(tags));
    http.post("/runs/log-inputs", Map.of("run_id", id, "datasets", List.of(input)));
  }

  /// Says which logged model a run made, at a step.
  public void output(String id, String model, long step) {
    Map<String, Object> output = Map.of("model_id", model, "step", step);
    http.post("/runs/outputs", Map.of("run_id", id, "models", List.of(output)));
  }

  /// A point of a metric that is the run's and a logged model's too.
  public void metric(String id, Metric point, String model) {
    Map<String, Object> body = point.fields();
    body.put("run_id", id);
    body.put("model_id", model);
    http.post("/runs/log-metric", body);
  }
}
