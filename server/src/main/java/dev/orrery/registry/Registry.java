package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Semver.Bump;
import dev.orrery.blob.Blobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.model.ModelPackage;
import dev.orrery.registry.ModelVersion.State;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Register a version of a model, find it again, say how it stands.
///
/// Safe for use by many threads and processes.
public final class Registry {
  private static final int LIST_MAX = 10_000;

  private final Db db;
  private final Blobs blobs;
  private final Lineage lineage;
  private final InstantSource clock;

  public Registry(Db db, Blobs blobs, Lineage lineage, InstantSource clock) {
    this.db = db;
    this.blobs = blobs;
    this.lineage = lineage;
    this.clock = clock;
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

  /// The models that have a version, by name.
  public List<Name> models() {
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
    Semver number =
        parent
            .map(before ->
                next(
                    VersionStore.versions(tx, draft.model()),
                    before.version(),
                    before.make().to(draft.make())))
            .orElse(Semver.FIRST);
    Instant now = clock.instant();
    return new ModelVersion(
        draft.model(),
        number,
        newest.map(before -> before.number() + 1).orElse(1L),
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
