package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Registered models and their versions, whoever registers them: name, describe, tag, alias, find.
///
/// Where versions stand and how they got there is [Promotions]'s. Methods that take a [Tx] are part
/// of its transaction. Safe for use by many threads and processes.
public final class Models {
  private static final int LIST_MAX = 100_000;

  private final Db db;
  private final InstantSource clock;
  private final Promotions promotions;
  private final Lineage lineage;
  private final ModelEvents events;

  Models(Db db, Promotions promotions, Lineage lineage, ModelEvents events, InstantSource clock) {
    this.db = db;
    this.clock = clock;
    this.promotions = promotions;
    this.lineage = lineage;
    this.events = events;
  }

  Db db() {
    return db;
  }

  // models

  /// @throws Problem MODEL_EXISTS if the name is taken
  public RegisteredModel create(
      Tx tx, String name, @Nullable String description, SortedMap<String, String> tags) {
    Checks.name(name);
    Checks.description(description);
    tags.forEach(Checks::tag);
    refuseTaken(tx, name, RegisteredModel.isPrompt(tags));
    ModelStore.insert(tx, name, description, false, clock.instant());
    tags.forEach((key, value) -> ModelStore.putModelTag(tx, name, key, value));
    var data = new LinkedHashMap<String, Object>();
    data.put("name", name);
    data.put("tags", tags);
    data.put("description", Objects.requireNonNullElse(description, ""));
    tell(tx, RegisteredModel.isPrompt(tags), "registered_model.created", data);
    return get(tx, name);
  }

  private static void refuseTaken(Tx tx, String name, boolean isPrompt) {
    ModelStore.model(tx, name)
        .ifPresent(taken -> {
          if (taken.isPrompt() != isPrompt) {
            throw new Problem(
                Fault.MODEL_EXISTS,
                "Tried to create a %s with name '%s', but the name is already taken by a %s. MLflow"
                        .formatted(
                            isPrompt ? "prompt" : "registered model",
                            name,
                            isPrompt ? "registered model" : "prompt")
                    + " does not allow creating a model and a prompt with the same name",
                "Choose another name");
          }
          throw exists(name, isPrompt);
        });
  }

  private static Problem exists(String name, boolean isPrompt) {
    return new Problem(
        Fault.MODEL_EXISTS,
        "%s (name=%s) already exists"
            .formatted(isPrompt ? "Prompt" : "Registered Model", Texts.shown(name)),
        "Choose another name, or register a version of it");
  }

  /// @throws Problem NOT_FOUND if there is none
  public RegisteredModel get(Tx tx, String name) {
    return ModelStore.model(tx, name).orElseThrow(() -> unknown(name));
  }

  public RegisteredModel get(String name) {
    return db.read(tx -> get(tx, name));
  }

  public RegisteredModel describe(Tx tx, String name, @Nullable String description) {
    Checks.description(description);
    get(tx, name);
    ModelStore.describe(tx, name, description, clock.instant());
    return get(tx, name);
  }

  /// @throws Problem PROJECT_MODEL if a project's pipeline registers it: its name stands there
  public RegisteredModel rename(Tx tx, String name, String to) {
    Checks.name(to);
    RegisteredModel model = get(tx, name);
    refuseProjects(model, "renamed");
    if (to.equals(name)) return model;
    if (ModelStore.model(tx, to).isPresent()) throw exists(to, false);
    ModelStore.rename(tx, name, to, clock.instant());
    for (Semver semver : ModelStore.semvers(tx, to)) {
      lineage.rename(tx, new Node("model", name + "@" + semver), to + "@" + semver);
    }
    return get(tx, to);
  }

  /// Deletes a model with all its versions; the history of its moves stays.
  public void delete(Tx tx, String name, String who) {
    RegisteredModel model = get(tx, name);
    refuseProjects(model, "deleted");
    ModelStore.delete(tx, name);
    promotions.noteDeletion(tx, name, who);
  }

  private static void refuseProjects(RegisteredModel model, String done) {
    if (model.project()) {
      throw new Problem(
          Fault.PROJECT_MODEL,
          "the model '%s' is a project's and cannot be %s".formatted(model.name(), done),
          "Archive its versions, or change the project's orrery.yaml");
    }
  }

  public void putTag(Tx tx, String name, String key, String value) {
    Checks.tag(key, value);
    RegisteredModel model = get(tx, name);
    ModelStore.putModelTag(tx, name, key, value);
    if (model.isPrompt()) {
      events.happened(tx, "prompt_tag.set", data("name", name, "key", key, "value", value));
    }
  }

  /// That there is no such tag is fine.
  public void deleteTag(Tx tx, String name, String key) {
    RegisteredModel model = get(tx, name);
    ModelStore.deleteModelTag(tx, name, key);
    if (model.isPrompt()) {
      events.happened(tx, "prompt_tag.deleted", data("name", name, "key", key));
    }
  }

  // versions

  /// What is to be registered as the next version of a model.
  ///
  /// @param storage where `source` leads to
  /// @param semver the semantic version that is wished for; null for what the evidence gives
  /// @param why the reason for a greater one than that
  public record Wish(
      String model,
      String source,
      String storage,
      @Nullable String run,
      @Nullable String runLink,
      @Nullable String loggedModel,
      @Nullable String description,
      SortedMap<String, String> tags,
      @Nullable Make make,
      @Nullable Semver semver,
      @Nullable String why) {}

  /// Registers the next version of a model.
  ///
  /// @throws Problem NOT_FOUND if there is no such model
  /// @throws Problem BUMP_TOO_SMALL if a semantic version is wished for that tells of less than
  ///   what changed
  public RegisteredVersion register(Tx tx, Wish wish, String who) {
    wish.tags().forEach(Checks::tag);
    Checks.description(wish.description());
    RegisteredModel model = get(tx, wish.model());
    boolean isPrompt = model.isPrompt() || RegisteredModel.isPrompt(wish.tags());
    Instant now = clock.instant();
    long number = ModelStore.next(tx, wish.model(), now);
    Semvers.Given semver = Semvers.give(tx, wish);
    var version =
        new RegisteredVersion(
            wish.model(),
            number,
            wish.description(),
            who,
            wish.source(),
            wish.storage(),
            wish.run(),
            wish.loggedModel(),
            wish.runLink(),
            Stage.NONE,
            RegisteredVersion.READY,
            null,
            semver.version(),
            semver.reason(),
            wish.make(),
            now,
            now,
            new TreeMap<>(wish.tags()),
            List.of());
    ModelStore.insert(tx, version);
    promotions.noteRegistration(tx, version, who);
    var data = new LinkedHashMap<String, Object>();
    data.put("name", wish.model());
    data.put("version", Long.toString(number));
    data.put("source", wish.source());
    data.put("run_id", wish.run());
    data.put("tags", wish.tags());
    data.put("description", wish.description());
    tell(tx, isPrompt, "model_version.created", data);
    return version;
  }

  /// Takes the next number for a version that a pipeline registers; the model is made if there is
  /// none.
  long number(Tx tx, String model) {
    Instant now = clock.instant();
    if (ModelStore.model(tx, model).isEmpty()) ModelStore.insert(tx, model, null, true, now);
    else ModelStore.ownByProject(tx, model);
    return ModelStore.next(tx, model, now);
  }

  /// Notes a version that a pipeline has registered.
  void adopt(Tx tx, RegisteredVersion version) {
    ModelStore.insert(tx, version);
    promotions.noteRegistration(tx, version, version.who());
    var data = new LinkedHashMap<String, Object>();
    data.put("name", version.model());
    data.put("version", Long.toString(version.version()));
    data.put("source", version.source());
    data.put("run_id", version.run());
    data.put("tags", version.tags());
    data.put("description", version.description());
    events.happened(tx, "model_version.created", data);
  }

  /// @throws Problem NOT_FOUND if there is none, or it was deleted
  public RegisteredVersion version(Tx tx, String name, long version) {
    return ModelStore.version(tx, name, version).orElseThrow(() -> unknown(name, version));
  }

  public RegisteredVersion version(String name, long version) {
    return db.read(tx -> version(tx, name, version));
  }

  /// A version by its number, its semantic version, its alias (`@champion`), or its stage.
  ///
  /// @throws Problem NOT_FOUND if there is none
  public RegisteredVersion find(Tx tx, String name, String text) {
    RegisteredModel model = get(tx, name);
    if (text.matches("\\d{1,18}")) return version(tx, name, Long.parseLong(text));
    Optional<Long> number =
        text.startsWith("@")
            ? Optional.ofNullable(model.aliases().get(text.substring(1)))
            : text.contains(".")
                ? ModelStore.number(tx, name, Semver.parse(text))
                : Optional.empty();
    if (number.isPresent()) return version(tx, name, number.get());
    return ModelStore.latest(tx, name).stream()
        .filter(v -> v.stage().word().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(() -> unknown(name, text));
  }

  /// All versions, newest first.
  public List<RegisteredVersion> versions(Tx tx, String name) {
    get(tx, name);
    return ModelStore.versions(tx, name, LIST_MAX);
  }

  /// The newest version of each of these stages; of all if none is named.
  public List<RegisteredVersion> latest(Tx tx, String name, List<String> stages) {
    get(tx, name);
    List<Stage> wanted = stages.stream().map(Stage::of).toList();
    return ModelStore.latest(tx, name).stream()
        .filter(version -> wanted.isEmpty() || wanted.contains(version.stage()))
        .toList();
  }

  public RegisteredVersion describe(
      Tx tx, String name, long version, @Nullable String description) {
    Checks.description(description);
    version(tx, name, version);
    ModelStore.describe(tx, name, version, description, clock.instant());
    return version(tx, name, version);
  }

  /// Deletes a version; its number stays taken.
  public void delete(Tx tx, String name, long version, String who) {
    RegisteredVersion found = version(tx, name, version);
    if (VersionStore.isPipelines(tx, name, version)) {
      throw new Problem(
          Fault.PROJECT_MODEL,
          "version %d of '%s' was registered by a project's pipeline".formatted(version, name),
          "Archive it instead of deleting it");
    }
    Instant now = clock.instant();
    ModelStore.bury(tx, name, version, now);
    ModelStore.touch(tx, name, now);
    promotions.noteDeletion(tx, found, who);
  }

  public void putTag(Tx tx, String name, long version, String key, String value) {
    Checks.tag(key, value);
    RegisteredVersion found = version(tx, name, version);
    ModelStore.putTag(tx, name, version, key, value);
    tell(
        tx,
        isPrompt(tx, found),
        "model_version_tag.set",
        data("name", name, "version", Long.toString(version), "key", key, "value", value));
  }

  public void deleteTag(Tx tx, String name, long version, String key) {
    RegisteredVersion found = version(tx, name, version);
    ModelStore.deleteTag(tx, name, version, key);
    tell(
        tx,
        isPrompt(tx, found),
        "model_version_tag.deleted",
        data("name", name, "version", Long.toString(version), "key", key));
  }

  /// What a pipeline made of a version that callers name; empty if it made none, or there is none.
  Optional<ModelVersion> made(String name, String reference) {
    try {
      return db.read(tx -> VersionStore.byNumber(tx, name, find(tx, name, reference).version()));
    } catch (Problem e) {
      if (e.kind() == Problem.Kind.NOT_FOUND || e.kind() == Problem.Kind.INVALID) {
        return Optional.empty();
      }
      throw e;
    }
  }

  // aliases

  /// Points an alias at a version, wherever it pointed before.
  public void putAlias(Tx tx, String name, String alias, long version, String who, String why) {
    Checks.alias(alias);
    RegisteredModel model = get(tx, name);
    version(tx, name, version);
    Long before = model.aliases().get(alias);
    ModelStore.putAlias(tx, name, alias, version);
    promotions.noteAlias(tx, name, alias, before, version, who, why);
    tell(
        tx,
        model.isPrompt(),
        "model_version_alias.created",
        data("name", name, "alias", alias, "version", Long.toString(version)));
  }

  /// That there is no such alias is fine.
  public void deleteAlias(Tx tx, String name, String alias, String who, String why) {
    RegisteredModel model = get(tx, name);
    Long before = model.aliases().get(alias);
    if (before == null) return;
    ModelStore.deleteAlias(tx, name, alias);
    promotions.noteAlias(tx, name, alias, before, null, who, why);
    tell(tx, model.isPrompt(), "model_version_alias.deleted", data("name", name, "alias", alias));
  }

  /// @throws Problem BAD_ALIAS if there is none
  public RegisteredVersion byAlias(Tx tx, String name, String alias) {
    Checks.alias(alias);
    Long version = get(tx, name).aliases().get(alias);
    if (version == null) {
      throw new Problem(
          Fault.BAD_ALIAS,
          "Registered model alias %s not found".formatted(alias),
          "See the aliases with 'orrery model show %s'".formatted(Texts.shown(name)));
    }
    return version(tx, name, version);
  }

  private boolean isPrompt(Tx tx, RegisteredVersion version) {
    return RegisteredModel.isPrompt(version.tags())
        || ModelStore.model(tx, version.model()).map(RegisteredModel::isPrompt).orElse(false);
  }

  private void tell(Tx tx, boolean isPrompt, String event, Map<String, Object> data) {
    String named =
        isPrompt
            ? event.replace("registered_model", "prompt").replace("model_version", "prompt_version")
            : event;
    events.happened(tx, named.replace("prompt_version_alias", "prompt_alias"), data);
  }

  private static Map<String, Object> data(String... pairs) {
    var data = new LinkedHashMap<String, Object>();
    for (int i = 0; i < pairs.length; i += 2) data.put(pairs[i], pairs[i + 1]);
    return data;
  }

  static Problem unknown(String name) {
    return new Problem(
        Fault.NOT_FOUND,
        "Registered Model with name=%s not found".formatted(Texts.shown(name)),
        "See the models with 'orrery model ls'");
  }

  static Problem unknown(String name, Object version) {
    return new Problem(
        Fault.NOT_FOUND,
        "Model Version (name=%s, version=%s) not found"
            .formatted(Texts.shown(name), Texts.shown(String.valueOf(version))),
        "See the versions with 'orrery model show %s'".formatted(Texts.shown(name)));
  }
}
