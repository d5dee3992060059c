package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.PageToken;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `/mlflow/experiments`: experiments, as MLflow's clients ask for them.
public final class ExperimentRoutes {
  private static final int PAGE_USUAL = 1_000;
  private static final int PAGE_MAX = 50_000;

  private ExperimentRoutes() {}

  public static void add(Wire wire, Db db, InstantSource clock) {
    reads(wire, db);
    writes(wire, clock);
    tags(wire);
  }

  private static void reads(Wire wire, Db db) {
    wire.read(
        "GET",
        "/mlflow/experiments/get",
        message -> {
          String id = message.required("experiment_id");
          return db.read(tx -> Answer.of("experiment", answer(tx, Experiments.get(tx, id))));
        });
    wire.read(
        "GET",
        "/mlflow/experiments/get-by-name",
        message -> {
          String name = message.required("experiment_name");
          return db.read(tx -> Answer.of("experiment", answer(tx, Experiments.byName(tx, name))));
        });
    wire.read("GET", "/mlflow/experiments/search", message -> search(message, db));
    wire.read("POST", "/mlflow/experiments/search", message -> search(message, db));
  }

  private static void writes(Wire wire, InstantSource clock) {
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
    wire.write(
        "POST",
        "/mlflow/experiments/update",
        Permission.EDIT,
        (message, tx) -> {
          String id = message.required("experiment_id");
          Experiments.rename(tx, id, message.required("new_name"), clock.instant());
          return Answer.of();
        });
    wire.write(
        "POST",
        "/mlflow/experiments/delete",
        Permission.EDIT,
        (message, tx) -> {
          Experiments.delete(tx, message.required("experiment_id"), clock.instant());
          return Answer.of();
        });
    wire.write(
        "POST",
        "/mlflow/experiments/restore",
        Permission.EDIT,
        (message, tx) -> {
          Experiments.restore(tx, message.required("experiment_id"), clock.instant());
          return Answer.of();
        });
  }

  private static void tags(Wire wire) {
    wire.write(
        "POST",
        "/mlflow/experiments/set-experiment-tag",
        Permission.EDIT,
        (message, tx) -> {
          String id = message.required("experiment_id");
          Experiments.setTag(tx, id, message.required("key"), message.text("value", ""));
          return Answer.of();
        });
    wire.write(
        "POST",
        "/mlflow/experiments/delete-experiment-tag",
        Permission.EDIT,
        (message, tx) -> {
          String id = message.required("experiment_id");
          Experiments.deleteTag(tx, id, message.required("key"));
          return Answer.of();
        });
  }

  private static Answer search(Message message, Db db) {
    int limit = message.size("max_results", PAGE_USUAL, 1, PAGE_MAX);
    long offset = PageToken.offset(message.text("page_token"));
    View view = message.constant("view_type", View.class);
    return db.read(tx -> {
      List<Experiment> found =
          ExperimentSearch.find(
              tx,
              message.text("filter", ""),
              view == null ? View.ACTIVE_ONLY : view,
              message.texts("order_by"),
              limit + 1,
              offset);
      boolean isMore = found.size() > limit;
      return Answer.of(
              "experiments", found.stream().limit(limit).map(one -> answer(tx, one)).toList())
          .put("next_page_token", isMore ? PageToken.of(offset + limit) : null);
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
