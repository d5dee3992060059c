package dev.orrery.registry;

import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Semver.Bump;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.mlflow.Wire;
import dev.orrery.model.ModelPackage;
import dev.orrery.registry.ModelVersion.State;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import dev.orrery.web.Once;
import dev.orrery.web.Outbound;
import dev.orrery.web.Routes;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Register a version of a model, find it again, say how it stands.
///
/// Safe for use by many threads and processes.
public final class Registry {
  private static final int LIST_MAX = 10_000;

  private final Db db;
  private final Blobs blobs;
  private final Lineage lineage;
  private final Promotions promotions;
  private final Models models;
  private final Registrar registrar;
  private final @Nullable Webhooks webhooks;
  private final InstantSource clock;

  /// What a registry stands on.
  ///
  /// @param keys the folder of the keys; they are made at their first use
  /// @param clock of the project, which may be virtual
  /// @param real the time that others know, too
  public record Setup(
      Db db,
      Blobs blobs,
      Lineage lineage,
      Audit audit,
      Jobs jobs,
      Path keys,
      Outbound outbound,
      Rules rules,
      InstantSource clock,
      InstantSource real) {}

  /// A registry without webhooks or a project, whose models nobody is asked anything for.
  public Registry(Db db, Blobs blobs, Lineage lineage, InstantSource clock) {
    this(db, blobs, lineage, new Audit(db, clock), Rules.NONE, null, clock);
  }

  private Registry(
      Db db,
      Blobs blobs,
      Lineage lineage,
      Audit audit,
      Rules rules,
      @Nullable Webhooks webhooks,
      InstantSource clock) {
    this.db = db;
    this.blobs = blobs;
    this.lineage = lineage;
    this.webhooks = webhooks;
    this.clock = clock;
    this.promotions = new Promotions(audit, rules, clock);
    ModelEvents events = webhooks == null ? ModelEvents.NONE : webhooks;
    this.models = new Models(db, promotions, new Semvers(), events, clock);
    this.registrar = new Registrar(models, Sources.Logged.NONE);
  }

  public static Registry open(Setup on) {
    var webhooks = new Webhooks(on.db(), on.jobs(), on.outbound(), new Seal(on.keys()), on.real());
    return new Registry(
        on.db(), on.blobs(), on.lineage(), on.audit(), on.rules(), webhooks, on.clock());
  }

  /// Declares what the registry answers: MLflow's clients, the console and the command line.
  public void addRoutes(Routes routes, Wire wire, Once once) {
    MlflowModels.add(wire, models, promotions, registrar);
    if (webhooks != null) MlflowWebhooks.add(wire, db, webhooks);
    ModelRoutes.add(routes, models, promotions, registrar, new ModelViews(lineage), once);
  }

  /// Registered models, whoever registers them.
  public Models models() {
    return models;
  }

  /// Where versions stand.
  public Promotions promotions() {
    return promotions;
  }

  /// Registers a version under the number that its difference from its parent asks for, and links
  /// it to what it was made from. The same run again gives the version that stands.
  ///
  /// @throws Problem VERSION_INCOMPLETE that names all the draft lacks
  public ModelVersion register(Draft draft) {
    return db.write(tx -> register(tx, draft));
  }

  /// The same within a transaction: the version exists if that commits.
  public ModelVersion register(Tx tx, Draft draft) {
    List<String> lacks = draft.lacks();
    if (!lacks.isEmpty()) {
      throw new Problem(
          Fault.VERSION_INCOMPLETE,
          "a version of '%s' lacks its %s".formatted(draft.model(), String.join(", ", lacks)),
          "Register what a pipeline run has made, with all its evidence");
    }
    String run = Objects.requireNonNull(draft.run());
    Optional<ModelVersion> same = VersionStore.byRun(tx, draft.model(), run);
    if (same.isPresent()) return same.get();
    if (!blobs.has(draft.blob())) {
      throw Problem.notFound("model blob", draft.blob().brief(), "Store the model's bytes first");
    }
    ModelVersion version = version(tx, draft, run);
    VersionStore.insert(tx, version);
    lineage.link(tx, new Node("data", version.dataVersion()), version.node(), "trained");
    lineage.link(tx, new Node("features", version.featuresVersion()), version.node(), "shaped");
    lineage.link(tx, new Node("code", version.codeVersion()), version.node(), "built");
    lineage.link(tx, new Node("run", version.run()), version.node(), "made");
    return version;
  }

  /// Tells the collector of blobs which packages versions have.
  public static void markFor(Gc gc) {
    gc.marks((tx, texts) ->
        tx.query(
                """
                select detail from model_version
                union all
                select make from registered_version where make is not null
                union all
                select manifest from registered_version where manifest is not null
                """,
                row -> row.text("detail"))
            .forEach(texts));
  }

  public Optional<ModelVersion> find(Name model, Semver version) {
    return db.read(tx -> VersionStore.find(tx, model, version));
  }

  /// @throws Problem NOT_FOUND if there is none
  public ModelVersion get(Name model, Semver version) {
    return find(model, version).orElseThrow(() -> unknown(model, version));
  }

  /// The version that was registered last.
  public Optional<ModelVersion> latest(Name model) {
    return list(model, 1).stream().findFirst();
  }

  /// The versions of a model, that registered last first.
  public List<ModelVersion> list(Name model, int limit) {
    return db.read(tx -> VersionStore.newest(tx, model, Math.clamp(limit, 1, LIST_MAX)));
  }

  /// The models that a pipeline has registered a version of, by name.
  public List<Name> names() {
    return db.read(tx -> VersionStore.models(tx, LIST_MAX));
  }

  /// Says how a version stands from now on.
  ///
  /// @throws Problem VERSION_STATE if it was rejected and is to be deployed again after all
  public ModelVersion mark(Name model, Semver version, State state, @Nullable String reason) {
    return db.write(tx -> mark(tx, model, version, state, reason));
  }

  public ModelVersion mark(
      Tx tx, Name model, Semver version, State state, @Nullable String reason) {
    ModelVersion found =
        VersionStore.find(tx, model, version).orElseThrow(() -> unknown(model, version));
    if (found.state() == State.REJECTED && state == State.REGISTERED) {
      throw new Problem(
          Fault.VERSION_STATE,
          "version %s was rejected%s"
              .formatted(found.id(), found.stateReason() == null ? "" : ": " + found.stateReason()),
          "Train a new version");
    }
    VersionStore.mark(tx, found, state, reason, clock.instant());
    return found.with(state, reason);
  }

  /// The model itself: read, checked against the version's digest, and verified by its golden rows.
  ///
  /// @throws Problem of kind DATA_LOSS or INVALID if it may not be served
  public ModelPackage open(ModelVersion version) {
    ModelPackage model = ModelPackage.read(blobs.read(version.blob()));
    if (!model.digest().equals(version.modelDigest())) {
      throw new Problem(
          Fault.MODEL_MISMATCH,
          "the model of %s has the digest %s, not %s"
              .formatted(version.id(), model.digest().brief(), version.modelDigest().brief()),
          "Do not serve it; register what the run %s made".formatted(version.run()));
    }
    return model;
  }

  private ModelVersion version(Tx tx, Draft draft, String run) {
    Optional<ModelVersion> newest = VersionStore.newest(tx, draft.model(), 1).stream().findFirst();
    Semver wanted = draft.parent();
    Optional<ModelVersion> parent =
        wanted == null
            ? newest
            : Optional.of(
                VersionStore.find(tx, draft.model(), wanted)
                    .orElseThrow(() -> unknown(draft.model(), wanted)));
    Semvers.Given semver =
        Semvers.derived(
            ModelStore.semvers(tx, draft.model().text()),
            parent.map(ModelVersion::version),
            parent.map(ModelVersion::make),
            draft.make());
    long number = models.number(tx, draft.model().text());
    Instant now = Instant.ofEpochMilli(clock.millis());
    var version =
        new ModelVersion(
            draft.model(),
            semver.version(),
            number,
            parent.map(ModelVersion::version).orElse(null),
            draft.make(),
            draft.blob(),
            draft.modelDigest(),
            Objects.requireNonNull(draft.dataVersion()),
            Objects.requireNonNull(draft.featuresVersion()),
            Objects.requireNonNull(draft.codeVersion()),
            run,
            Objects.requireNonNull(draft.gates()),
            draft.metrics(),
            draft.reasons(),
            now,
            State.REGISTERED,
            null);
    models.adopt(tx, registered(version, semver.reason()));
    return version;
  }

  /// A pipeline's version as every client of the registry sees it.
  private static RegisteredVersion registered(ModelVersion version, String reason) {
    String source = "runs:/" + version.run() + "/model";
    return new RegisteredVersion(
        version.model().text(),
        version.number(),
        null,
        "orrery",
        source,
        source,
        version.run(),
        null,
        null,
        Stage.NONE,
        RegisteredVersion.READY,
        null,
        version.version(),
        reason,
        version.make(),
        null,
        version.createdAt(),
        version.createdAt(),
        new TreeMap<>(),
        List.of());
  }

  /// The next version after the parent's that is free: rejected versions keep their numbers.
  static Semver next(List<Semver> taken, Semver parent, Bump bump) {
    Semver greatest = parent;
    for (Semver version : taken) {
      boolean sameLine =
          switch (bump) {
            case MAJOR -> true;
            case MINOR -> version.major() == parent.major();
            case PATCH -> version.major() == parent.major() && version.minor() == parent.minor();
          };
      if (sameLine && version.compareTo(greatest) > 0) greatest = version;
    }
    return greatest.next(bump);
  }

  private static Problem unknown(Name model, Semver version) {
    return Problem.notFound(
        "model version", model + "@" + version, "See the versions with 'orrery status'");
  }
}
