package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// MLflow's face of what runs read and made.
public final class InputRoutes {
  private static final int EXPERIMENTS_MAX = 20;
  private static final int SUMMARIES_MAX = 1_000;
  private static final int INPUTS_MAX = 1_000;

  private InputRoutes() {}

  public static void add(Wire wire, Db db) {
    wire.write("POST", "/mlflow/runs/log-inputs", Permission.EDIT, InputRoutes::inputs);
    wire.write("POST", "/mlflow/runs/outputs", Permission.EDIT, InputRoutes::outputs);
    wire.read("POST", "/mlflow/experiments/search-datasets", message -> summaries(message, db));
  }

  private static Object inputs(Message message, Tx tx) {
    String id = message.requiredRun();
    Map<String, DatasetInput> datasets = new LinkedHashMap<>();
    for (Message input : message.messages("datasets")) {
      DatasetInput dataset = dataset(input);
      datasets.putIfAbsent(dataset.name() + '\n' + dataset.digest(), dataset);
    }
    List<RunModel> models = models(message, RunModel.Role.INPUT);
    checkCount(datasets.size() + models.size());
    Run run = Runs.active(tx, id);
    for (DatasetInput dataset : datasets.values()) {
      InputStore.putDataset(tx, run.id(), run.experiment(), dataset);
    }
    InputStore.putModels(tx, run.id(), models);
    return Answer.of();
  }

  private static Object outputs(Message message, Tx tx) {
    String id = message.requiredRun();
    List<RunModel> models = models(message, RunModel.Role.OUTPUT);
    if (models.isEmpty()) throw message.missing("models");
    checkCount(models.size());
    InputStore.putModels(tx, Runs.active(tx, id).id(), models);
    return Answer.of();
  }

  private static DatasetInput dataset(Message input) {
    Message dataset = input.message("dataset");
    if (dataset == null) throw input.missing("dataset");
    SortedMap<String, String> tags = new TreeMap<>();
    for (Message tag : input.messages("tags")) {
      tags.put(tag.required("key"), tag.text("value", ""));
    }
    return new DatasetInput(
        dataset.required("name"),
        dataset.required("digest"),
        dataset.required("source_type"),
        dataset.text("source", ""),
        dataset.text("schema"),
        dataset.text("profile"),
        tags);
  }

  private static List<RunModel> models(Message message, RunModel.Role role) {
    Map<String, RunModel> models = new LinkedHashMap<>();
    for (Message model : message.messages("models")) {
      String id = model.required("model_id");
      models.put(id, new RunModel(id, role, model.whole("step", 0)));
    }
    return List.copyOf(models.values());
  }

  private static void checkCount(int count) {
    if (count <= INPUTS_MAX) return;
    throw new Problem(
        Fault.BATCH_TOO_LARGE,
        "a call links %,d datasets and models".formatted(count),
        "Send at most %,d at once".formatted(INPUTS_MAX));
  }

  private static Object summaries(Message message, Db db) {
    List<String> ids = message.texts("experiment_ids");
    if (ids.isEmpty()) {
      throw message.invalid(
          "experiment_ids", "SearchDatasets request must specify at least one experiment_id");
    }
    if (ids.size() > EXPERIMENTS_MAX) {
      throw message.invalid(
          "experiment_ids",
          "SearchDatasets request cannot specify more than %d experiment_ids. Received %d experiment_ids"
              .formatted(EXPERIMENTS_MAX, ids.size()));
    }
    List<Long> experiments = new ArrayList<>();
    for (String id : ids) experiments.add(Experiments.number(id));
    List<InputStore.Summary> found =
        db.read(tx -> InputStore.summaries(tx, experiments, SUMMARIES_MAX));
    return Answer.of("dataset_summaries", found.stream().map(InputRoutes::summary).toList());
  }

  private static Answer summary(InputStore.Summary summary) {
    return Answer.of("experiment_id", summary.experiment())
        .put("name", summary.name())
        .put("digest", summary.digest())
        .put("context", summary.context());
  }

  /// The `inputs` of a run as its answer carries them; an empty object where it read nothing.
  static Answer inputs(@Nullable List<DatasetInput> datasets, @Nullable List<RunModel> models) {
    return Answer.of()
        .put(
            "dataset_inputs",
            datasets == null ? null : datasets.stream().map(InputRoutes::input).toList())
        .put("model_inputs", models == null ? null : linked(models, RunModel.Role.INPUT));
  }

  /// The `outputs` of a run as its answer carries them.
  static Answer outputs(@Nullable List<RunModel> models) {
    return Answer.of()
        .put("model_outputs", models == null ? null : linked(models, RunModel.Role.OUTPUT));
  }

  private static Answer input(DatasetInput input) {
    List<Answer> tags =
        input.tags().entrySet().stream()
            .map(tag -> Answer.of("key", tag.getKey()).put("value", tag.getValue()))
            .toList();
    Answer dataset =
        Answer.of("name", input.name())
            .put("digest", input.digest())
            .put("source_type", input.sourceType())
            .put("source", input.source())
            .put("schema", input.schema())
            .put("profile", input.profile());
    return Answer.of("tags", tags).put("dataset", dataset);
  }

  private static List<Answer> linked(List<RunModel> models, RunModel.Role role) {
    return models.stream()
        .filter(model -> model.role() == role)
        .map(model ->
            role == RunModel.Role.INPUT
                ? Answer.of("model_id", model.model())
                : Answer.of("model_id", model.model()).put("step", model.step()))
        .toList();
  }
}
