package dev.orrery.registry;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.filter.Grammar;
import dev.orrery.mlflow.Answer;
import dev.orrery.mlflow.Message;
import dev.orrery.mlflow.PageToken;
import dev.orrery.mlflow.Wire;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `/mlflow/registered-models` and `/mlflow/model-versions`: the registry as MLflow's clients know
/// it.
final class MlflowModels {
  private static final String MODELS = "/mlflow/registered-models";
  private static final String VERSIONS = "/mlflow/model-versions";
  private static final String WHY = "by an MLflow client";
  private static final int MODELS_USUAL = 100;
  private static final int MODELS_MAX = 1_000;
  private static final int VERSIONS_USUAL = 10_000;
  private static final int VERSIONS_MAX = 200_000;

  private final Models models;
  private final Promotions promotions;
  private final Registrar registrar;

  private MlflowModels(Models models, Promotions promotions, Registrar registrar) {
    this.models = models;
    this.promotions = promotions;
    this.registrar = registrar;
  }

  static void add(Wire wire, Models models, Promotions promotions, Registrar registrar) {
    var routes = new MlflowModels(models, promotions, registrar);
    routes.addModels(wire);
    routes.addVersions(wire);
  }

  private void addModels(Wire wire) {
    wire.write("POST", MODELS + "/create", Permission.EDIT, this::create);
    wire.read(
        "GET",
        MODELS + "/get",
        message -> read(tx -> one(tx, models.get(tx, message.required("name")))));
    wire.read("GET", MODELS + "/search", this::searchModels);
    wire.write(
        "PATCH",
        MODELS + "/update",
        Permission.EDIT,
        (message, tx) ->
            one(
                tx,
                models.describe(tx, message.required("name"), message.text("description", ""))));
    wire.write(
        "POST",
        MODELS + "/rename",
        Permission.EDIT,
        (message, tx) ->
            one(tx, models.rename(tx, message.required("name"), message.required("new_name"))));
    wire.write(
        "DELETE",
        MODELS + "/delete",
        Permission.EDIT,
        (message, tx) -> {
          models.delete(tx, message.required("name"), who(message));
          return Answer.of();
        });
    wire.read("GET", MODELS + "/get-latest-versions", this::latest);
    wire.read("POST", MODELS + "/get-latest-versions", this::latest);
    wire.write(
        "POST",
        MODELS + "/set-tag",
        Permission.EDIT,
        (message, tx) -> {
          models.putTag(
              tx, message.required("name"), message.required("key"), message.text("value", ""));
          return Answer.of();
        });
    wire.write(
        "DELETE",
        MODELS + "/delete-tag",
        Permission.EDIT,
        (message, tx) -> {
          models.deleteTag(tx, message.required("name"), message.required("key"));
          return Answer.of();
        });
    wire.write(
        "POST",
        MODELS + "/alias",
        Permission.OPERATE,
        (message, tx) -> {
          models.putAlias(
              tx,
              message.required("name"),
              message.required("alias"),
              version(message),
              who(message),
              WHY);
          return Answer.of();
        });
    wire.read(
        "GET",
        MODELS + "/alias",
        message ->
            read(tx ->
                one(models.byAlias(tx, message.required("name"), message.required("alias")))));
    wire.write(
        "DELETE",
        MODELS + "/alias",
        Permission.OPERATE,
        (message, tx) -> {
          models.deleteAlias(
              tx, message.required("name"), message.required("alias"), who(message), WHY);
          return Answer.of();
        });
  }

  private void addVersions(Wire wire) {
    wire.write("POST", VERSIONS + "/create", Permission.EDIT, this::register);
    wire.read(
        "GET",
        VERSIONS + "/get",
        message -> read(tx -> one(models.version(tx, message.required("name"), version(message)))));
    wire.read(
        "GET",
        VERSIONS + "/get-download-uri",
        message ->
            read(tx ->
                Answer.of(
                    "artifact_uri",
                    models.version(tx, message.required("name"), version(message)).storage())));
    wire.read("GET", VERSIONS + "/search", this::searchVersions);
    wire.write(
        "PATCH",
        VERSIONS + "/update",
        Permission.EDIT,
        (message, tx) ->
            one(
                models.describe(
                    tx,
                    message.required("name"),
                    version(message),
                    message.text("description", ""))));
    wire.write(
        "POST",
        VERSIONS + "/transition-stage",
        Permission.OPERATE,
        (message, write) ->
            promotions.moving(message.text("name", ""), () -> promoted(message), write),
        this::transition);
    wire.write(
        "DELETE",
        VERSIONS + "/delete",
        Permission.EDIT,
        (message, tx) -> {
          models.delete(tx, message.required("name"), version(message), who(message));
          return Answer.of();
        });
    wire.write(
        "POST",
        VERSIONS + "/set-tag",
        Permission.EDIT,
        (message, tx) -> {
          models.putTag(
              tx,
              message.required("name"),
              version(message),
              message.required("key"),
              message.text("value", ""));
          return Answer.of();
        });
    wire.write(
        "DELETE",
        VERSIONS + "/delete-tag",
        Permission.EDIT,
        (message, tx) -> {
          models.deleteTag(tx, message.required("name"), version(message), message.required("key"));
          return Answer.of();
        });
  }

  private Object create(Message message, Tx tx) {
    RegisteredModel model =
        models.create(tx, message.required("name"), message.text("description"), tags(message));
    return one(tx, model);
  }

  private Object register(Message message, Tx tx) {
    RegisteredVersion version =
        registrar.register(
            tx,
            new Registrar.Asked(
                message.required("name"),
                message.required("source"),
                empty(message.text("run_id")),
                empty(message.text("run_link")),
                empty(message.text("model_id")),
                message.text("description"),
                tags(message),
                null,
                null),
            who(message));
    return one(version);
  }

  /// The pipeline's version that a message wants in Production.
  private Optional<ModelVersion> promoted(Message message) {
    if (!Stage.PRODUCTION.word().equalsIgnoreCase(message.text("stage", ""))) {
      return Optional.empty();
    }
    return models.made(message.required("name"), Long.toString(version(message)));
  }

  private Object transition(Message message, Tx tx) {
    return one(
        promotions.move(
            tx,
            message.required("name"),
            version(message),
            Stage.of(message.required("stage")),
            message.flag("archive_existing_versions", false),
            who(message),
            WHY));
  }

  private Object latest(Message message) {
    return read(tx -> {
      var found = models.latest(tx, message.required("name"), message.texts("stages"));
      return Answer.of("model_versions", found.stream().map(MlflowModels::answer).toList());
    });
  }

  private Object searchModels(Message message) {
    long offset = PageToken.offset(message.text("page_token"));
    int limit = message.size("max_results", MODELS_USUAL, 1, MODELS_MAX);
    return read(tx -> {
      var page =
          ModelSearch.models(
              tx,
              new ModelSearch.Asked(
                  message.text("filter"),
                  message.texts("order_by"),
                  Grammar.MLFLOW,
                  limit,
                  offset));
      return Answer.of(
              "registered_models", page.found().stream().map(model -> answer(tx, model)).toList())
          .put("next_page_token", page.more() ? PageToken.of(offset + limit) : null);
    });
  }

  private Object searchVersions(Message message) {
    long offset = PageToken.offset(message.text("page_token"));
    int limit = message.size("max_results", VERSIONS_USUAL, 1, VERSIONS_MAX);
    return read(tx -> {
      var page =
          ModelSearch.versions(
              tx,
              new ModelSearch.Asked(
                  message.text("filter"),
                  message.texts("order_by"),
                  Grammar.MLFLOW,
                  limit,
                  offset));
      return Answer.of("model_versions", page.found().stream().map(MlflowModels::answer).toList())
          .put("next_page_token", page.more() ? PageToken.of(offset + limit) : null);
    });
  }

  private interface Reading {
    Object in(Tx tx);
  }

  private Object read(Reading reading) {
    return models.db().read(reading::in);
  }

  private Answer one(Tx tx, RegisteredModel model) {
    return Answer.of("registered_model", answer(tx, model));
  }

  private static Answer one(RegisteredVersion version) {
    return Answer.of("model_version", answer(version));
  }

  private Answer answer(Tx tx, RegisteredModel model) {
    List<Answer> aliases = new ArrayList<>();
    model
        .aliases()
        .forEach((alias, version) ->
            aliases.add(Answer.of("alias", alias).put("version", Long.toString(version))));
    return Answer.of("name", model.name())
        .put("creation_timestamp", model.createdAt())
        .put("last_updated_timestamp", model.updatedAt())
        .put("description", model.description())
        .put(
            "latest_versions",
            models.latest(tx, model.name(), List.of()).stream().map(MlflowModels::answer).toList())
        .put("tags", pairs(model.tags()))
        .put("aliases", aliases);
  }

  static Answer answer(RegisteredVersion version) {
    return Answer.of("name", version.model())
        .put("version", Long.toString(version.version()))
        .put("creation_timestamp", version.createdAt())
        .put("last_updated_timestamp", version.updatedAt())
        .put("current_stage", version.stage().word())
        .put("description", version.description())
        .put("source", version.source())
        .put("run_id", version.run())
        .put("status", version.status())
        .put("status_message", version.statusMessage())
        .put("tags", pairs(version.tags()))
        .put("run_link", version.runLink())
        .put("aliases", version.aliases())
        .put("model_id", version.loggedModel());
  }

  private static List<Answer> pairs(Map<String, String> tags) {
    List<Answer> pairs = new ArrayList<>();
    tags.forEach((key, value) -> pairs.add(Answer.of("key", key).put("value", value)));
    return pairs;
  }

  private static SortedMap<String, String> tags(Message message) {
    var tags = new TreeMap<String, String>();
    for (Message tag : message.messages("tags")) {
      tags.put(tag.required("key"), tag.text("value", ""));
    }
    return tags;
  }

  /// The number of a version, which clients send as a text or a number.
  private static long version(Message message) {
    var node = message.json("version");
    if (node == null || node.asText().isEmpty()) throw message.missing("version");
    if (node.isContainerNode() || node.isBoolean()) {
      throw new Problem(
          Fault.BAD_MODEL,
          "Parameter 'version' must be an integer, got a %s"
              .formatted(node.isBoolean() ? "boolean" : "structure"),
          "Give the number of a version");
    }
    return Checks.version(node.asText());
  }

  private static @Nullable String empty(@Nullable String text) {
    return text == null || text.isEmpty() ? null : text;
  }

  private static String who(Message message) {
    return message.principal().name();
  }
}
