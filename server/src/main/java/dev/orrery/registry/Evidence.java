package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.artifact.Artifact;
import dev.orrery.artifact.Artifacts;
import dev.orrery.artifact.Location;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.project.ForeignYaml;
import dev.orrery.project.Node;
import dev.orrery.sql.Tx;
import dev.orrery.tracking.LoggedModel;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.Runs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is known of a version that a plain client registers: from its run's parameters, tags and
/// datasets, and from its `MLmodel` file's flavours and signature.
final class Evidence {
  private static final int MLMODEL_BYTES_MAX = 1_000_000;
  private static final Pattern OF_RUN = Pattern.compile("runs:/([0-9a-f]{32})(?:/(.*))?");

  /// Where runs say which architecture a model has, the first that is there.
  private static final List<String> KIND_KEYS =
      List.of("model_type", "model_class", "estimator_class", "estimator_name", "algorithm");

  private static final List<String> ENVIRONMENT_KEYS =
      List.of(
          "mlflow.user",
          "mlflow.source.name",
          "mlflow.source.type",
          "mlflow.source.git.commit",
          "orrery.environment");

  /// Parameters that tell of lineage, and not of how the model was made.
  private static final Set<String> LINEAGE_KEYS =
      Set.of("data_version", "features_version", "feature_version", "code_version");

  /// Of what is no model.
  static final Found NOTHING = new Found(null, new LinkedHashMap<>(), new TreeMap<>());

  private final Artifacts artifacts;
  private final LoggedModels logged;

  Evidence(Artifacts artifacts, LoggedModels logged) {
    this.artifacts = artifacts;
    this.logged = logged;
  }

  /// @param make null if nothing is known
  /// @param lineage what led to it, by kind: `data`, `features`, `code`, `run`, `logged_model`
  /// @param environment what is said of where it was made
  record Found(
      @Nullable Make make,
      SequencedMap<String, List<String>> lineage,
      SortedMap<String, String> environment) {}

  Found of(Tx tx, String storage, @Nullable String run, @Nullable String loggedModel) {
    Optional<Runs.Told> told = run == null ? Optional.empty() : Runs.told(tx, run);
    Optional<LoggedModel> model =
        loggedModel == null ? Optional.empty() : Optional.of(logged.get(tx, loggedModel));
    Optional<Node> mlmodel = mlmodel(tx, storage);
    var said = new TreeMap<String, String>();
    told.ifPresent(t -> t.tags().forEach(said::put));
    model.ifPresent(m -> m.tags().forEach(said::put));
    var params = new TreeMap<String, String>();
    told.ifPresent(t -> params.putAll(t.params()));
    model.ifPresent(m -> params.putAll(m.params()));
    said.putAll(params);
    return new Found(
        make(params, said, model, mlmodel),
        lineage(said, told, run, loggedModel),
        environment(said, mlmodel));
  }

  private static SortedMap<String, String> environment(
      Map<String, String> said, Optional<Node> mlmodel) {
    var environment = new TreeMap<String, String>();
    for (String key : ENVIRONMENT_KEYS) {
      if (said.containsKey(key)) environment.put(key, said.get(key));
    }
    mlmodel
        .flatMap(file -> file.find("mlflow_version"))
        .filter(Node::isText)
        .ifPresent(version -> environment.put("mlflow_version", version.text()));
    mlmodel
        .flatMap(file -> file.find("flavors"))
        .filter(Node::isBlock)
        .flatMap(all -> all.find("python_function"))
        .filter(Node::isBlock)
        .flatMap(flavour -> flavour.find("python_version"))
        .filter(Node::isText)
        .ifPresent(version -> environment.put("python_version", version.text()));
    return environment;
  }

  private static @Nullable Make make(
      SortedMap<String, String> params,
      SortedMap<String, String> said,
      Optional<LoggedModel> model,
      Optional<Node> mlmodel) {
    if (params.isEmpty() && mlmodel.isEmpty()) return null;
    var kind = new ArrayList<String>();
    mlmodel.ifPresent(file -> kind.addAll(flavours(file)));
    KIND_KEYS.stream()
        .map(said::get)
        .filter(Objects::nonNull)
        .findFirst()
        .or(() -> model.map(LoggedModel::type).filter(type -> !type.isEmpty()))
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .filter(name -> !kind.contains(name))
        .ifPresent(kind::add);
    var parameters = new TreeMap<>(params);
    parameters.keySet().removeAll(LINEAGE_KEYS);
    KIND_KEYS.forEach(parameters::remove);
    List<Column> columns = mlmodel.map(Evidence::columns).orElse(List.of());
    return new Make(
        kind.isEmpty() ? "unknown" : String.join(" ", kind),
        parameters,
        columns.stream().map(Column::field).toList(),
        columns.stream().filter(Column::required).map(Column::field).toList(),
        said.getOrDefault("features_version", said.getOrDefault("feature_version", "")));
  }

  /// The libraries that a model is of, with the class where the file names it.
  private static List<String> flavours(Node file) {
    List<String> flavours = new ArrayList<>();
    file.find("flavors")
        .filter(Node::isBlock)
        .ifPresent(all ->
            all.map()
                .forEach((name, flavour) -> {
                  if (name.equals("python_function")) return;
                  flavours.add(name);
                  if (!flavour.isBlock()) return;
                  flavour
                      .find("model_class")
                      .filter(Node::isText)
                      .map(Node::text)
                      .ifPresent(type -> flavours.add(type.substring(type.lastIndexOf('.') + 1)));
                }));
    return flavours;
  }

  private record Column(Make.Field field, boolean required) {}

  private static List<Column> columns(Node file) {
    List<Column> columns = new ArrayList<>();
    file.find("signature")
        .filter(Node::isBlock)
        .flatMap(signature -> signature.find("inputs"))
        .filter(Node::isText)
        .ifPresent(inputs -> {
          JsonNode list = json(inputs.text());
          int number = 0;
          for (JsonNode input : list) {
            String name = input.path("name").asText("#" + number);
            columns.add(
                new Column(
                    new Make.Field(name, type(input)), input.path("required").asBoolean(true)));
            number++;
          }
        });
    return columns;
  }

  /// What a text holds, which a client wrote: nothing, if it is no JSON.
  private static JsonNode json(String text) {
    try {
      return Json.tree(text.getBytes(StandardCharsets.UTF_8));
    } catch (Problem _) {
      return Json.MAPPER.createArrayNode();
    }
  }

  private static String type(JsonNode input) {
    String type = input.path("type").asText("any");
    if (input.has("tensor-spec")) {
      JsonNode tensor = input.path("tensor-spec");
      return "%s %s%s".formatted(type, tensor.path("dtype").asText(), tensor.path("shape"));
    }
    JsonNode within =
        input.path(type.equals("array") ? "items" : type.equals("map") ? "values" : "properties");
    return within.isMissingNode() ? type : type + " " + within;
  }

  /// The `MLmodel` file among the version's, if it is kept here and can be read.
  private Optional<Node> mlmodel(Tx tx, String storage) {
    Location at = location(storage).orElse(null);
    if (at == null) return Optional.empty();
    String path = at.at("MLmodel").path();
    Optional<Artifact> file =
        artifacts.all(tx, at.owner()).stream().filter(a -> a.path().equals(path)).findFirst();
    if (file.isEmpty() || file.get().size() > MLMODEL_BYTES_MAX) return Optional.empty();
    try {
      Node node = ForeignYaml.read("MLmodel", artifacts.read(file.get()));
      return node.isBlock() ? Optional.of(node) : Optional.empty();
    } catch (Problem e) {
      // A client's file may be anything; then nothing is known from it.
      if (e.kind() == Problem.Kind.INVALID || e.kind() == Problem.Kind.TOO_LARGE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// Whose files a version's are, if they are kept here.
  static Optional<Location> location(String storage) {
    try {
      Matcher ofRun = OF_RUN.matcher(storage);
      if (ofRun.matches()) {
        String path = Objects.requireNonNullElse(ofRun.group(2), "");
        return Optional.of(new Location("run/" + ofRun.group(1), path.replaceAll("/+$", "")));
      }
      if (!storage.startsWith("mlflow-artifacts:")) return Optional.empty();
      Location found = Location.ofUri(storage.replaceAll("/+$", ""));
      return found.owner().equals(Artifacts.SHARED) ? Optional.empty() : Optional.of(found);
    } catch (Problem _) {
      return Optional.empty();
    }
  }

  private static SequencedMap<String, List<String>> lineage(
      Map<String, String> said,
      Optional<Runs.Told> told,
      @Nullable String run,
      @Nullable String loggedModel) {
    SequencedMap<String, List<String>> lineage = new LinkedHashMap<>();
    List<String> data = new ArrayList<>();
    if (said.containsKey("data_version")) data.add(said.get("data_version"));
    told.ifPresent(
        t -> t.datasets().forEach(dataset -> data.add(dataset.name() + "@" + dataset.digest())));
    if (!data.isEmpty()) lineage.put("data", data.stream().distinct().toList());
    String features = said.getOrDefault("features_version", said.get("feature_version"));
    if (features != null) lineage.put("features", List.of(features));
    String code = said.getOrDefault("code_version", said.get("mlflow.source.git.commit"));
    if (code != null) lineage.put("code", List.of(code));
    if (told.isPresent() && run != null) lineage.put("run", List.of(run));
    if (loggedModel != null) lineage.put("logged_model", List.of(loggedModel));
    return lineage;
  }
}
