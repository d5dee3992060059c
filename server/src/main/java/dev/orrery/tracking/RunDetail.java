package dev.orrery.tracking;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All of a run on one page.
///
/// @param experimentName the name of the run's experiment
/// @param environment what it ran in: system, language, libraries, code
/// @param resources what it took: seconds of processor, bytes of memory
/// @param artifacts how many files it left
/// @param models the logged models that it made or took
record RunDetail(
    RunView run,
    String experimentName,
    List<Input> inputs,
    List<Output> outputs,
    Map<String, String> environment,
    Map<String, Double> resources,
    long artifacts,
    List<Model> models) {
  /// Tags under this say what a run ran in.
  static final String ENVIRONMENT = "orrery.env.";

  /// Tags under this say what a run took, as numbers.
  static final String RESOURCE = "orrery.resource.";

  /// What MLflow's clients tell of the environment, by the names it has here.
  private static final Map<String, String> TOLD =
      Map.of(
          "mlflow.source.name", "source",
          "mlflow.source.type", "source_type",
          "mlflow.source.git.commit", "commit",
          "mlflow.source.git.branch", "branch",
          "mlflow.source.git.repoURL", "repository",
          "mlflow.project.env", "project_env",
          "mlflow.docker.image.uri", "image");

  record Input(
      String name,
      String digest,
      String sourceType,
      String source,
      @Nullable String schema,
      @Nullable String context) {
    static Input of(DatasetInput input) {
      return new Input(
          input.name(),
          input.digest(),
          input.sourceType(),
          input.source(),
          input.schema(),
          input.tags().get(DatasetInput.CONTEXT_TAG));
    }
  }

  record Output(String model, long step) {}

  record Model(String id, String name, String status, @Nullable String type, String role) {}

  static Map<String, String> environment(Map<String, String> tags) {
    Map<String, String> environment = new TreeMap<>();
    tags.forEach((name, value) -> {
      if (name.startsWith(ENVIRONMENT)) {
        environment.put(name.substring(ENVIRONMENT.length()), value);
      } else if (TOLD.containsKey(name)) {
        environment.putIfAbsent(TOLD.get(name), value);
      }
    });
    return environment;
  }

  static Map<String, Double> resources(Map<String, String> tags) {
    Map<String, Double> resources = new LinkedHashMap<>();
    tags.forEach((name, value) -> {
      if (!name.startsWith(RESOURCE)) return;
      try {
        resources.put(name.substring(RESOURCE.length()), Double.parseDouble(value));
      } catch (NumberFormatException _) {
        // A client's own tag of that name that is no number: it stands among the tags.
      }
    });
    return resources;
  }
}
