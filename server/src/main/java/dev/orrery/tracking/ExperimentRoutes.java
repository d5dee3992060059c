package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `/mlflow/experiments`: experiments, as MLflow's clients ask for them.
public final class ExperimentRoutes {
  private ExperimentRoutes() {}

  public static void add(Wire wire, Db db, InstantSource clock) {
    wire.write(
        "POST",
        "/mlflow/experiments/create",
        Permission.EDIT,
        (message, tx) ->
            Answer.of(
                "experiment_id",
                Experiments.create(
                        tx,
                        message.required("name"),
                        message.text("artifact_location", ""),
                        tags(message.messages("tags")),
                        clock.instant())
                    .id()));
    wire.read(
        "GET",
        "/mlflow/experiments/get",
        message -> {
          String id = message.required("experiment_id");
          return db.read(tx -> Answer.of("experiment", answer(tx, Experiments.get(tx, id))));
        });
  }

  private static Map<String, String> tags(List<Message> messages) {
    var tags = new LinkedHashMap<String, String>();
    messages.forEach(tag -> tags.put(tag.required("key"), tag.text("value", "")));
    return tags;
  }

  static Answer answer(Tx tx, Experiment experiment) {
    return Answer.of()
        .put("experiment_id", experiment.id())
        .put("name", experiment.name())
        .put("artifact_location", experiment.location())
        .put("lifecycle_stage", experiment.lifecycle().text())
        .put("last_update_time", experiment.updatedAt())
        .put("creation_time", experiment.createdAt())
        .put("tags", pairs(ExperimentStore.tags(tx, experiment.number())));
  }

  /// Tags or parameters as MLflow writes them.
  static List<Answer> pairs(Map<String, String> texts) {
    return texts.entrySet().stream()
        .map(e -> Answer.of("key", e.getKey()).put("value", e.getValue()))
        .toList();
  }
}
