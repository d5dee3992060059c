package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;

/// What is imported from: a server of MLflow, or a folder that it wrote. Everything is told in the
/// shape of MLflow's REST answers.
sealed interface MlflowSource permits MlflowServer, MlflowFolder {
  /// A point of a metric.
  record Point(double value, long atMillis, long step) {}

  /// A file of a run.
  record File(String path, long size) {}

  /// Where it is, for the record.
  String place();

  /// `{"experiment_id", "name", "lifecycle_stage", "tags": [...]}` of each, deleted ones too.
  List<JsonNode> experiments();

  /// `{"info", "data", "inputs"}` of each run, deleted ones too.
  void runs(String experiment, Consumer<JsonNode> each);

  /// All points of a metric, in pieces of bounded size.
  void history(JsonNode run, String metric, Consumer<List<Point>> each);

  /// All files of a run.
  List<File> artifacts(JsonNode run);

  /// The bytes of a file.
  InputStream open(JsonNode run, String path) throws IOException;

  static String runId(JsonNode run) {
    JsonNode info = run.path("info");
    return info.path(info.hasNonNull("run_id") ? "run_id" : "run_uuid").asText();
  }
}
