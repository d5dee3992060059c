package dev.orrery.client;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A run that this program has begun and will end: closing it ends it as FINISHED.
///
/// Call [#end] with FAILED before, where the program finds that it failed.
public final class ActiveRun implements AutoCloseable {
  private final OrreryClient client;
  private final Run run;
  private boolean isOver;

  ActiveRun(OrreryClient client, Run run) {
    this.client = client;
    this.run = run;
  }

  public String id() {
    return run.id();
  }

  /// As the run was when it began; [Runs#get] tells how it is.
  public Run begun() {
    return run;
  }

  public void param(String key, Object value) {
    client.runs().param(id(), key, value.toString());
  }

  public void params(Map<String, String> params) {
    client.runs().batch(id(), List.of(), params, Map.of());
  }

  public void metric(String key, double value, long step) {
    client.runs().metric(id(), key, value, step);
  }

  /// Points of many metrics at one step, now.
  public void metrics(Map<String, Double> values, long step) {
    List<Metric> points =
        values.entrySet().stream()
            .map(e -> new Metric(e.getKey(), e.getValue(), client.clock().instant(), step))
            .toList();
    client.runs().batch(id(), points, Map.of(), Map.of());
  }

  public void tag(String key, String value) {
    client.runs().tag(id(), key, value);
  }

  public void tags(Map<String, String> tags) {
    client.runs().batch(id(), List.of(), Map.of(), tags);
  }

  /// Stores a file, or a folder with all below it, under its own name.
  public void artifact(Path file) {
    artifact(file, "");
  }

  /// Stores a file, or what is in a folder, in a folder of the run.
  public void artifact(Path file, String folder) {
    if (Files.isDirectory(file)) {
      client.artifacts().uploadFolder(id(), folder, file);
    } else {
      String name = file.getFileName().toString();
      client.artifacts().upload(id(), folder.isEmpty() ? name : folder + "/" + name, file);
    }
  }

  /// A run within this one, of the same experiment.
  public ActiveRun child(String name) {
    Map<String, String> tags = Map.of("mlflow.parentRunId", id());
    return new ActiveRun(client, client.runs().create(run.experimentId(), name, tags));
  }

  public void end(Run.Status status) {
    client.runs().end(id(), status);
    isOver = true;
  }

  @Override
  public void close() {
    if (!isOver) end(Run.Status.FINISHED);
  }
}
