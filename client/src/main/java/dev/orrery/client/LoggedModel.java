package dev.orrery.client;

import java.util.List;
import java.util.Map;

/// A model as a run stored it, before anybody registers it (MLflow 3).
///
/// @param id `m-` and 32 digits
/// @param status `LOGGED_MODEL_PENDING`, `_READY` or `_UPLOAD_FAILED`
/// @param run the run that made it; may be empty
/// @param metrics what runs measured of it
public record LoggedModel(
    String id,
    String name,
    String experimentId,
    String status,
    String type,
    String run,
    String artifactUri,
    Map<String, String> params,
    Map<String, String> tags,
    List<Metric> metrics) {
  static LoggedModel of(Fields fields) {
    Fields info = fields.object("info");
    Fields data = fields.object("data");
    return new LoggedModel(
        info.text("model_id"),
        info.text("name"),
        info.text("experiment_id"),
        info.text("status"),
        info.text("model_type"),
        info.text("source_run_id"),
        info.text("artifact_uri"),
        data.pairs("params"),
        info.pairs("tags"),
        data.list("metrics", Metric::of));
  }
}
