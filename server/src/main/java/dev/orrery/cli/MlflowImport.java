package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Brings experiments, runs, metrics and files of MLflow into a server of ours.
///
/// It can be stopped and begun again: runs keep their ids, what is there is not written twice, and
/// a run that came over whole is passed over as long as it is the same at its source.
final class MlflowImport {
  private static final int POINTS = 5_000;

  /// What came over.
  static final class Tally {
    int experiments;
    int runs;
    int unchanged;
    long points;
    int files;
    long bytes;
    final List<String> failures = new ArrayList<>();
  }

  private final MlflowSource source;
  private final Client target;
  private final Terminal terminal;
  private final ProgressLine progress;
  private final boolean withFiles;
  private final Tally tally = new Tally();

  MlflowImport(MlflowSource source, Client target, Terminal terminal, boolean withFiles) {
    this.source = source;
    this.target = target;
    this.terminal = terminal;
    this.progress = new ProgressLine(terminal);
    this.withFiles = withFiles;
  }

  /// @param only the name or id of an experiment; null for all
  Tally all(@Nullable String only) {
    for (JsonNode experiment : source.experiments()) {
      String name = experiment.path("name").asText();
      String id = experiment.path("experiment_id").asText();
      if (only != null && !only.equals(name) && !only.equals(id)) continue;
      Map<String, Object> told = new LinkedHashMap<>();
      told.put("name", name);
      told.put("lifecycle", experiment.path("lifecycle_stage").asText("active"));
      told.put("tags", pairs(experiment.path("tags")));
      String ours = target.post("/api/v1/import/experiments", told).path("id").asText();
      tally.experiments++;
      source.runs(id, run -> run(run, ours, name));
    }
    progress.clear();
    if (only != null && tally.experiments == 0) {
      throw Problem.notFound(
          "experiment",
          only,
          "Name one that %s has, or drop --experiment".formatted(source.place()));
    }
    return tally;
  }

  private void run(JsonNode run, String experiment, String name) {
    String id = MlflowSource.runId(run);
    progress.show(terminal.text("exp.import.run", name, id, tally.runs + tally.unchanged));
    try {
      String digest = Digest.of(run.toString()).hex();
      JsonNode begun = target.post("/api/v1/import/runs", told(run, experiment, digest));
      if (begun.path("complete").asBoolean()) {
        tally.unchanged++;
        return;
      }
      String ours = begun.path("id").asText();
      for (JsonNode metric : run.path("data").path("metrics")) {
        String key = metric.path("key").asText();
        source.history(run, key, points -> points(ours, key, points));
      }
      if (withFiles) files(run, ours, experiment);
      target.post(
          "/api/v1/import/runs/%s/done".formatted(Urls.segment(ours)),
          Map.of("digest", withFiles ? digest : "", "source", source.place()));
      tally.runs++;
    } catch (Problem | IOException e) {
      tally.failures.add("run %s: %s".formatted(id, e.getMessage()));
    }
  }

  private static Map<String, Object> told(JsonNode run, String experiment, String digest) {
    JsonNode info = run.path("info");
    JsonNode data = run.path("data");
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("id", MlflowSource.runId(run));
    told.put("experiment", experiment);
    told.put("name", info.path("run_name").asText(""));
    told.put("user", info.path("user_id").asText(""));
    told.put("status", info.path("status").asText(""));
    told.put("started_at", instant(info.path("start_time")));
    told.put("ended_at", instant(info.path("end_time")));
    told.put("lifecycle", info.path("lifecycle_stage").asText("active"));
    told.put("params", pairs(data.path("params")));
    told.put("tags", pairs(data.path("tags")));
    told.put("inputs", inputs(run.path("inputs").path("dataset_inputs")));
    told.put("digest", digest);
    return told;
  }

  private static @Nullable String instant(JsonNode millis) {
    long at = millis.asLong(0);
    return at <= 0 ? null : Instant.ofEpochMilli(at).toString();
  }

  private static List<Map<String, Object>> inputs(JsonNode inputs) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (JsonNode input : inputs) {
      JsonNode dataset = input.path("dataset");
      Map<String, Object> one = new LinkedHashMap<>();
      for (String field : List.of("name", "digest", "source_type", "source", "schema", "profile")) {
        if (dataset.hasNonNull(field)) one.put(field, dataset.path(field).asText());
      }
      one.put("tags", pairs(input.path("tags")));
      all.add(one);
    }
    return all;
  }

  private static Map<String, String> pairs(JsonNode list) {
    Map<String, String> pairs = new LinkedHashMap<>();
    list.forEach(pair -> pairs.put(pair.path("key").asText(), pair.path("value").asText("")));
    return pairs;
  }

  private void points(String run, String key, List<MlflowSource.Point> points) {
    for (int from = 0; from < points.size(); from += POINTS) {
      List<MlflowSource.Point> some = points.subList(from, Math.min(points.size(), from + POINTS));
      List<List<Object>> rows =
          some.stream()
              .map(point -> List.<Object>of(point.value(), point.atMillis(), point.step()))
              .toList();
      target.post("/api/v1/import/metrics", Map.of("run", run, "key", key, "points", rows));
      tally.points += some.size();
    }
  }

  private void files(JsonNode run, String ours, String experiment) throws IOException {
    List<MlflowSource.File> files = source.artifacts(run);
    if (files.isEmpty()) return;
    Map<String, Long> there = new LinkedHashMap<>();
    for (JsonNode file :
        target.get("/api/v1/import/runs/%s/files".formatted(Urls.segment(ours))).path("files")) {
      there.put(file.path("path").asText(), file.path("size").asLong());
    }
    for (MlflowSource.File file : files) {
      Long size = there.get(file.path());
      if (size != null && size == file.size()) continue;
      String path =
          Arrays.stream(file.path().split("/", -1))
              .map(Urls::segment)
              .collect(Collectors.joining("/"));
      try (InputStream bytes = source.open(run, file.path())) {
        tally.bytes +=
            target.upload(
                "/api/2.0/mlflow-artifacts/artifacts/%s/%s/artifacts/%s"
                    .formatted(experiment, ours, path),
                bytes);
      }
      tally.files++;
    }
  }

  /// What came over, as JSON.
  static JsonNode json(Tally tally) {
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("experiments", tally.experiments);
    told.put("runs", tally.runs);
    told.put("unchanged", tally.unchanged);
    told.put("points", tally.points);
    told.put("files", tally.files);
    told.put("bytes", tally.bytes);
    told.put("failures", tally.failures);
    return Json.MAPPER.valueToTree(told);
  }
}
