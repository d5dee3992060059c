package dev.orrery.registry;

import dev.orrery.access.Audit;
import dev.orrery.artifact.Artifacts;
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
import dev.orrery.tracking.LoggedModels;
import dev.orrery.web.Once;
import dev.orrery.web.Outbound;
import dev.orrery.web.Routes;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
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
  private final @Nullable Served served;
  private final Rules rules;
  private final InstantSource clock;

  /// What only a server's registry has.
  private record Served(
      Registrar registrar, Manifests manifests, Webhooks webhooks, ModelViews views) {}

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
      Artifacts artifacts,
      LoggedModels logged,
      Path keys,
      Outbound outbound,
      Rules rules,
      InstantSource clock,
      InstantSource real) {}

  /// A registry without clients or a project, whose models nobody is asked anything for.
  public Registry(Db db, Blobs blobs, Lineage lineage, InstantSource clock) {
    this.db = db;
    this.blobs = blobs;
    this.lineage = lineage;
    this.rules = Rules.NONE;
    this.clock = clock;
    this.promotions = new Promotions(new Audit(db, clock), rules, null, clock);
    this.models = new Models(db, promotions, lineage, ModelEvents.NONE, clock);
    this.served = null;
  }

  private Registry(Setup on) {
    this.db = on.db();
    this.blobs = on.blobs();
    this.lineage = on.lineage();
    this.rules = on.rules();
    this.clock = on.clock();
    var webhooks = new Webhooks(on.db(), on.jobs(), on.outbound(), new Seal(on.keys()), on.real());
    var manifests = new Manifests(on.artifacts(), new Signer(on.keys()));
    this.promotions = new Promotions(on.audit(), rules, manifests, clock);
    this.models = new Models(db, promotions, lineage, webhooks, clock);
    var evidence = new Evidence(on.artifacts(), on.logged());
    this.served =
        new Served(
            new Registrar(models, evidence, manifests, on.logged(), lineage, rules),
            manifests,
            webhooks,
            new ModelViews(lineage));
  }

  public static Registry open(Setup on) {
    return new Registry(on);
  }

  /// Declares what the registry answers: MLflow's clients, the console and the command line.
  public void addRoutes(Routes routes, Wire wire, Once once) {
    Served on = Objects.requireNonNull(served, "only an opened registry has clients");
    MlflowModels.add(wire, models, promotions, on.registrar());
    MlflowWebhooks.add(wire, db, on.webhooks());
    ModelRoutes.add(routes, models, promotions, on.registrar(), on.views(), once);
    ProofRoutes.add(routes, models, promotions, on.views(), on.manifests());
  }

  Registrar registrar() {
    return Objects.requireNonNull(served, "only an opened registry has clients").registrar();
  }

  Manifests manifests() {
    return Objects.requireNonNull(served, "only an opened registry has clients").manifests();
  }

  /// Tells the collector of blobs what versions name.
  public static void markFor(Gc gc) {
    gc.marks((tx, texts) -> {
      VersionStore.details(tx, texts);
      Manifests.bodies(tx, texts);
    });
  }

  /// Registered models, whoever registers them.
  public Models models() {
    return models;
  }

  /// What loads have shown of versions.
  public LoadTests loads() {
    return new LoadTests(db);
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
    if (rules.cover(draft.model().text())) {
      rules.lineage().require(draft.model().text(), List.of("data", "features", "code", "run"));
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
    if (served != null) sign(tx, served.manifests(), version);
    return version;
  }

  private void sign(Tx tx, Manifests manifests, ModelVersion version) {
    SequencedMap<String, List<String>> made = new LinkedHashMap<>();
    made.put("data", List.of(version.dataVersion()));
    made.put("features", List.of(version.featuresVersion()));
    made.put("code", List.of(version.codeVersion()));
    made.put("run", List.of(version.run()));
    var environment = new TreeMap<String, String>();
    environment.put("java", Runtime.version().toString());
    environment.put("os", System.getProperty("os.name", "") + " " + System.getProperty("os.arch"));
    manifests.make(
        tx, models.version(tx, version.model().text(), version.number()), made, environment);
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
    if (served != null) {
      db.read(tx -> {
        served.manifests().check(tx, models.version(tx, version.model().text(), version.number()));
        return version;
      });
    }
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
