package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.base.Json;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.PageToken;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// MLflow's face of [LoggedModels].
public final class LoggedModelRoutes {
  private static final String MODELS = "/mlflow/logged-models";
  private static final String MODEL = MODELS + "/{model_id}";
  private static final int PAGE = 50;
  private static final int PAGE_MAX = 1_000;
  private static final int ORDER_MAX = 20;

  private final Db db;
  private final LoggedModels models;

  private LoggedModelRoutes(Db db, LoggedModels models) {
    this.db = db;
    this.models = models;
  }

  public static void add(Wire wire, Db db, LoggedModels models) {
    var routes = new LoggedModelRoutes(db, models);
    wire.write("POST", MODELS, Permission.EDIT, routes::create);
    wire.read("GET", MODEL, message -> db.read(tx -> routes.get(message, tx)));
    wire.write("PATCH", MODEL, Permission.EDIT, routes::finish);
    wire.write("DELETE", MODEL, Permission.EDIT, routes::delete);
    wire.write("POST", MODEL + "/params", Permission.EDIT, routes::params);
    wire.write("PATCH", MODEL + "/tags", Permission.EDIT, routes::tags);
    wire.write("DELETE", MODEL + "/tags/{tag_key}", Permission.EDIT, routes::deleteTag);
    wire.read("POST", MODELS + "/search", routes::search);
  }

  private Object create(Message message, Tx tx) {
    String experiment = message.required("experiment_id");
    String name = message.text("name");
    LoggedModel made =
        models.create(
            tx,
            experiment,
            Experiments.get(tx, experiment).location(),
            name == null || name.isEmpty() ? null : name,
            message.text("model_type"),
            message.text("source_run_id"),
            pairs(message, "params"),
            pairs(message, "tags"));
    return Answer.of("model", answer(made));
  }

  private Object get(Message message, Tx tx) {
    return Answer.of("model", answer(models.get(tx, message.required("model_id"))));
  }

  private Object finish(Message message, Tx tx) {
    String id = message.required("model_id");
    LoggedModel.Status status = status(message);
    return Answer.of(
        "model", answer(models.finish(tx, id, status, message.text("status_message"))));
  }

  private static LoggedModel.Status status(Message message) {
    String text = message.required("status");
    for (LoggedModel.Status status : LoggedModel.Status.values()) {
      if (status.wire().equals(text) || Integer.toString(status.ordinal() + 1).equals(text)) {
        return status;
      }
    }
    throw message.invalid(
        "status",
        "It must be LOGGED_MODEL_PENDING, LOGGED_MODEL_READY or LOGGED_MODEL_UPLOAD_FAILED");
  }

  private Object delete(Message message, Tx tx) {
    models.delete(tx, message.required("model_id"));
    return Answer.of();
  }

  private Object params(Message message, Tx tx) {
    models.addParams(tx, message.required("model_id"), pairs(message, "params"));
    return Answer.of();
  }

  private Object tags(Message message, Tx tx) {
    LoggedModel tagged = models.setTags(tx, message.required("model_id"), pairs(message, "tags"));
    return Answer.of("model", answer(tagged));
  }

  private Object deleteTag(Message message, Tx tx) {
    models.deleteTag(tx, message.required("model_id"), message.required("tag_key"));
    return Answer.of();
  }

  private Object search(Message message) {
    List<Long> experiments = new ArrayList<>();
    for (String id : message.texts("experiment_ids")) experiments.add(Experiments.number(id));
    if (experiments.isEmpty()) throw message.missing("experiment_ids");
    String filter = message.text("filter");
    int size = message.size("max_results", PAGE, 1, PAGE_MAX);
    List<LoggedModelSearch.By> order = order(message);
    List<LoggedModelSearch.Dataset> datasets = datasets(message);
    String search = Json.text(List.of(experiments, filter == null ? "" : filter, order, datasets));
    long offset = PageToken.offset(message.text("page_token"), search);
    var asked = new LoggedModelSearch(experiments, filter, datasets, order, offset, size + 1);
    List<LoggedModel> found = db.read(tx -> models.search(tx, asked));
    boolean isMore = found.size() > size;
    return Answer.of("models", found.stream().limit(size).map(LoggedModelRoutes::answer).toList())
        .put("next_page_token", isMore ? PageToken.of(offset + size, search) : null);
  }

  private static List<LoggedModelSearch.By> order(Message message) {
    List<LoggedModelSearch.By> order = new ArrayList<>();
    for (Message by : message.messages("order_by")) {
      String name = by.text("dataset_name");
      order.add(
          new LoggedModelSearch.By(
              by.required("field_name"),
              by.flag("ascending", true),
              name == null || name.isEmpty() ? null : dataset(by, name)));
    }
    if (order.size() > ORDER_MAX) {
      throw message.invalid("order_by", "It must name at most " + ORDER_MAX);
    }
    return order;
  }

  private static List<LoggedModelSearch.Dataset> datasets(Message message) {
    List<LoggedModelSearch.Dataset> datasets = new ArrayList<>();
    for (Message dataset : message.messages("datasets")) {
      datasets.add(dataset(dataset, dataset.required("dataset_name")));
    }
    return datasets;
  }

  private static LoggedModelSearch.Dataset dataset(Message message, String name) {
    String digest = message.text("dataset_digest");
    return new LoggedModelSearch.Dataset(name, digest == null || digest.isEmpty() ? null : digest);
  }

  private static Map<String, String> pairs(Message message, String field) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Message pair : message.messages(field)) {
      String key = pair.required("key");
      String before = pairs.put(key, pair.text("value", ""));
      if (before != null && !before.equals(pairs.get(key))) {
        throw pair.invalid("key", "It stands twice, with different values");
      }
    }
    return pairs;
  }

  static Answer answer(LoggedModel model) {
    Answer info =
        Answer.of()
            .put("model_id", model.id())
            .put("experiment_id", model.experiment())
            .put("name", model.name())
            .put("creation_timestamp_ms", model.createdAt())
            .put("last_updated_timestamp_ms", model.updatedAt())
            .put("artifact_uri", model.artifactUri())
            .put("status", model.status().wire())
            .put("model_type", model.type())
            .put("source_run_id", model.sourceRun())
            .put("status_message", model.statusMessage())
            .put("tags", pairs(model.tags()));
    Answer data =
        Answer.of()
            .put("params", pairs(model.params()))
            .put("metrics", model.metrics().stream().map(LoggedModelRoutes::metric).toList());
    return Answer.of("info", info).put("data", data);
  }

  private static Answer metric(ModelMetric metric) {
    return Answer.of("key", metric.point().key())
        .put("value", metric.point().value())
        .put("timestamp", metric.point().at())
        .put("step", metric.point().step())
        .put("dataset_name", metric.dataset())
        .put("dataset_digest", metric.datasetDigest())
        .put("model_id", metric.model())
        .put("run_id", metric.run());
  }

  private static List<Answer> pairs(Map<String, String> texts) {
    return texts.entrySet().stream()
        .map(text -> Answer.of("key", text.getKey()).put("value", text.getValue()))
        .toList();
  }
}
