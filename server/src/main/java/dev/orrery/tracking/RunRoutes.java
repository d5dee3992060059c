package dev.orrery.tracking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.KeyRules;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.PageToken;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// `/mlflow/runs`: runs, as MLflow's clients write and read them.
public final class RunRoutes {
  private static final int PAGE_USUAL = 1_000;
  private static final int PAGE_MAX = 50_000;
  private static final String HISTORY_TAG = "mlflow.log-model.history";

  private final Db db;
  private final InstantSource clock;
  private final LoggedModels models;

  private RunRoutes(Db db, InstantSource clock, LoggedModels models) {
    this.db = db;
    this.clock = clock;
    this.models = models;
  }

  public static void add(Wire wire, Db db, InstantSource clock, LoggedModels models) {
    var routes = new RunRoutes(db, clock, models);
    wire.read("GET", "/mlflow/runs/get", routes::get);
    wire.read("POST", "/mlflow/runs/search", routes::search);
    routes.lives(wire);
    routes.logs(wire);
  }

  private void lives(Wire wire) {
    wire.write("POST", "/mlflow/runs/create", Permission.EDIT, this::create);
    wire.write("POST", "/mlflow/runs/update", Permission.EDIT, RunRoutes::update);
    wire.write(
        "POST",
        "/mlflow/runs/delete",
        Permission.EDIT,
        (message, tx) -> {
          Runs.delete(tx, message.requiredRun(), clock.instant());
          return Answer.of();
        });
    wire.write(
        "POST",
        "/mlflow/runs/restore",
        Permission.EDIT,
        (message, tx) -> {
          Runs.restore(tx, message.requiredRun());
          return Answer.of();
        });
  }

  private void logs(Wire wire) {
    log(wire, "log-metric", Batch::metric);
    log(wire, "log-parameter", Batch::param);
    log(wire, "set-tag", Batch::tag);
    log(wire, "log-batch", Batch::of);
    wire.write(
        "POST",
        "/mlflow/runs/delete-tag",
        Permission.EDIT,
        (message, tx) -> {
          String run = message.requiredRun();
          Runs.deleteTag(tx, run, message.required("key"));
          return Answer.of();
        });
    wire.write("POST", "/mlflow/runs/log-model", Permission.EDIT, RunRoutes::logModel);
  }

  private interface Reader {
    Batch of(Message message);
  }

  private void log(Wire wire, String path, Reader reader) {
    wire.prepared(
        "POST",
        "/mlflow/runs/" + path,
        Permission.EDIT,
        message -> {
          Batch batch = reader.of(message);
          String run = message.requiredRun();
          return tx -> {
            Runs.log(tx, run, batch, models);
            return Answer.of();
          };
        });
  }

  private Object create(Message message, Tx tx) {
    SequencedMap<String, String> tags = Batch.tags(message);
    String experiment = message.text("experiment_id", "");
    Instant now = clock.instant();
    Long start = message.whole("start_time");
    Run run =
        Runs.start(
            tx,
            Experiments.get(tx, experiment.isEmpty() ? "0" : experiment),
            Ids.at(now).toString().replace("-", ""),
            KeyRules.truncated(message.text("run_name", ""), Words.TAG_MAX),
            KeyRules.truncated(message.text("user_id", ""), Words.TAG_MAX),
            start == null ? now : Instant.ofEpochMilli(start),
            tags);
    return Answer.of("run", RunPage.of(tx, List.of(run)).parts().getFirst());
  }

  private static Object update(Message message, Tx tx) {
    Long end = message.whole("end_time");
    Run run =
        Runs.update(
            tx,
            message.requiredRun(),
            message.constant("status", Run.State.class),
            end == null ? null : Instant.ofEpochMilli(end),
            message.text("run_name"));
    return Answer.of("run_info", (Answer.Part) json -> RunPage.info(json, run));
  }

  private Object get(Message message) {
    String id = message.requiredRun();
    return db.read(
        tx -> Answer.of("run", RunPage.of(tx, List.of(Runs.get(tx, id))).parts().getFirst()));
  }

  private Object search(Message message) {
    int limit = message.size("max_results", PAGE_USUAL, 1, PAGE_MAX);
    long offset = PageToken.offset(message.text("page_token"));
    View view = message.constant("run_view_type", View.class);
    RunSearch search =
        RunSearch.of(
            message.texts("experiment_ids"),
            message.text("filter", ""),
            message.texts("order_by"),
            view == null ? View.ACTIVE_ONLY : view);
    return db.read(tx -> {
      List<Run> found = search.find(tx, limit, offset);
      return Answer.of("runs", RunPage.of(tx, found).parts())
          .put("next_page_token", found.size() == limit ? PageToken.of(offset + limit) : null);
    });
  }

  /// Notes a model in a tag, as clients before logged models did.
  private static Object logModel(Message message, Tx tx) {
    String id = message.requiredRun();
    ObjectNode model = model(message.required("model_json"));
    Run run = Runs.active(tx, id);
    String before = RunStore.tag(tx, id, HISTORY_TAG).orElse("[]");
    ArrayNode history = Json.MAPPER.createArrayNode();
    if (Json.tree(before.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        instanceof ArrayNode known) {
      history.addAll(known);
    }
    String value = Json.text(history.add(model));
    if (value.length() > Words.TAG_MAX) {
      throw new Problem(
          Fault.VALUE_TOO_LONG,
          "the tag %s of run %s would have %,d characters"
              .formatted(HISTORY_TAG, id, value.length()),
          "Log the models as logged models instead");
    }
    Runs.setTags(tx, run, Map.of(HISTORY_TAG, value));
    return Answer.of();
  }

  private static ObjectNode model(String text) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw malformed(text).because(e);
    }
    if (!(node instanceof ObjectNode all)) throw malformed(text);
    List<String> missing =
        java.util.stream.Stream.of("artifact_path", "flavors", "utc_time_created", "run_id")
            .filter(field -> !all.has(field))
            .toList();
    if (!missing.isEmpty()) {
      throw new Problem(
          Fault.BAD_MESSAGE,
          "Model json is missing mandatory fields: {'%s'}".formatted(String.join("', '", missing)),
          "Send what the MLmodel file has");
    }
    ObjectNode kept =
        all.deepCopy()
            .retain("run_id", "utc_time_created", "artifact_path", "model_uuid", "flavors");
    kept.path("flavors")
        .forEach(flavor -> {
          if (flavor instanceof ObjectNode object) object.remove("config");
        });
    return kept;
  }

  private static Problem malformed(String text) {
    return new Problem(
        Fault.BAD_MESSAGE,
        "Malformed model info. \n %s \n is not a valid JSON".formatted(Texts.shown(text)),
        "Send the MLmodel file as a JSON object");
  }
}
