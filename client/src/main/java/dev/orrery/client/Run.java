package dev.orrery.client;

import static java.util.stream.Collectors.toUnmodifiableMap;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One try: what went in, what came out.
///
/// @param lifecycle `active` or `deleted`
/// @param artifactUri where its files are, such as `mlflow-artifacts:/1/<id>/artifacts`
/// @param latest of each metric the point with the largest step
/// @param datasets what it read
/// @param outputs the logged models it made, by id
public record Run(
    String id,
    String name,
    String experimentId,
    Status status,
    String lifecycle,
    String user,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    String artifactUri,
    Map<String, Metric> latest,
    Map<String, String> params,
    Map<String, String> tags,
    List<Dataset> datasets,
    List<String> outputs) {
  /// How far a run is.
  public enum Status {
    RUNNING,
    SCHEDULED,
    FINISHED,
    FAILED,
    KILLED
  }

  /// Data that a run read.
  ///
  /// @param digest tells one state of the data from another
  /// @param context what for, such as `training`; may be empty
  public record Dataset(
      String name, String digest, String sourceType, String source, String context) {}

  static Run of(Fields fields) {
    Fields info = fields.object("info");
    Fields data = fields.object("data");
    return new Run(
        info.found("run_id").orElse(info.text("run_uuid")),
        info.text("run_name"),
        info.text("experiment_id"),
        Status.valueOf(info.found("status").orElse("RUNNING")),
        info.text("lifecycle_stage"),
        info.text("user_id"),
        info.instant("start_time"),
        info.instant("end_time"),
        info.text("artifact_uri"),
        data.list("metrics", Metric::of).stream().collect(toUnmodifiableMap(Metric::key, m -> m)),
        data.pairs("params"),
        data.pairs("tags"),
        fields.object("inputs").list("dataset_inputs", Run::dataset),
        fields.object("outputs").list("model_outputs", output -> output.text("model_id")));
  }

  private static Dataset dataset(Fields input) {
    Fields dataset = input.object("dataset");
    return new Dataset(
        dataset.text("name"),
        dataset.text("digest"),
        dataset.text("source_type"),
        dataset.text("source"),
        input.pairs("tags").getOrDefault("mlflow.data.context", ""));
  }

  /// The latest value of a metric, if there is one.
  public Optional<Double> metric(String key) {
    return Optional.ofNullable(latest.get(key)).map(Metric::value);
  }
}
