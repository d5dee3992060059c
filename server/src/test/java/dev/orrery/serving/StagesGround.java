package dev.orrery.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.access.Audit;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.data.Contract;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureSet;
import dev.orrery.feature.FeatureView;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.jobs.Jobs;
import dev.orrery.journal.Journal.Position;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Preprocessor;
import dev.orrery.model.Rule;
import dev.orrery.registry.Draft;
import dev.orrery.registry.LineageRule;
import dev.orrery.registry.Make;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Move;
import dev.orrery.registry.RegisteredVersion;
import dev.orrery.registry.Registry;
import dev.orrery.registry.Rules;
import dev.orrery.registry.Stage;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.Tracking;
import dev.orrery.web.Outbound;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/// What the tests of stages and traffic stand on: a project's model with versions in a registry,
/// and the traffic of its endpoint.
abstract class StagesGround {
  static final String MODEL = "late-arrival";
  static final String DATA = "flights@1.0.0";
  static final int VERSIONS = 4;

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  final VirtualClock clock = new VirtualClock(Instant.parse("2001-01-11T00:00:00Z"));
  final SequencedMap<String, Type> raw = new LinkedHashMap<>();
  Dataset dataset;
  FeatureSet features;
  ModelPackage model;
  String address = "";
  Db db;
  Audit audit;
  Registry registry;
  Releases releases;

  @BeforeEach
  final void begin() {
    define();
    address = database.address();
    open(database.open(address));
    for (int i = 1; i <= VERSIONS; i++) registry.register(draft("r" + i, "PASSED"));
    releases = releases();
  }

  final void define() {
    raw.put("date", Type.TIME);
    raw.put("distance", Type.NUMBER);
    raw.put("delay", Type.NUMBER);
    SequencedMap<String, Expression> targets = new LinkedHashMap<>();
    targets.put("late", Expression.parse("delay >= 15"));
    dataset =
        new Dataset(
            "flights",
            "flights.parquet",
            "date",
            targets,
            null,
            Contract.ofRules(new LinkedHashMap<>(), new LinkedHashMap<>()));
    SequencedMap<String, Expression> columns = new LinkedHashMap<>();
    columns.put("distance", Expression.parse("distance"));
    features =
        FeatureSet.compile(
            "date",
            Dataset.KNOWN_AT,
            List.of(new FeatureView.Row("route", columns)),
            dataset.inputs(raw),
            dataset.known(raw));
    SequencedMap<String, Table.Column> some = new LinkedHashMap<>();
    some.put("route.distance", new Table.Numbers(new double[] {100, 1_000, 5_000}));
    Table rows = Table.of(some);
    Preprocessor preprocessor = Preprocessor.fit(rows);
    var rule = new Rule(Rule.Condition.parse("route.distance > 1000"), 0, 0.9, 0.1);
    var card = new ModelPackage.Card(MODEL, 0.5, null, new LinkedHashMap<>());
    model = ModelPackage.of(preprocessor, rule, card, List.of(), rows);
  }

  final void open(Db store) {
    db = store;
    audit = new Audit(db, clock);
    registry = registry(false);
  }

  @AfterEach
  final void close() {
    db.close();
  }

  final Registry registry(boolean approval) {
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    return Registry.open(
        new Registry.Setup(
            db,
            blobs,
            new Lineage(db),
            audit,
            new Jobs(db, InstantSource.system()),
            new Artifacts(db, blobs, clock, Tracking::requireOwner),
            new LoggedModels(clock),
            folder.resolve("keys"),
            new Outbound(List.of()),
            new Rules(MODEL, true, approval, LineageRule.NONE),
            clock,
            clock));
  }

  final Draft draft(String run, String gate) {
    Digest blob = Blobs.folder(folder.resolve("blobs")).put(run.getBytes(StandardCharsets.UTF_8));
    var gates = Json.MAPPER.createArrayNode();
    gates.addObject().put("name", "auc_roc").put("state", gate).put("demand", "MUST_PASS");
    var field = List.of(new Make.Field("distance", "number"));
    return new Draft(
        new Name(MODEL),
        null,
        new Make("rule", new TreeMap<>(), field, field, "1.0.0"),
        blob,
        blob,
        DATA,
        "1.0.0",
        "src-1",
        run,
        gates,
        new TreeMap<>(),
        List.of("first"));
  }

  /// As a server does at its start.
  final Releases releases() {
    var opened =
        new Releases(
            db,
            audit,
            new Lineage(db),
            registry.promotions(),
            _ -> model,
            feeder(),
            MODEL,
            MODEL,
            () -> Position.START,
            clock);
    opened.stored().ifPresent(opened::resume);
    opened.align();
    registry.promotions().serve(MODEL, new Stages(MODEL, opened, this::preflight));
    return opened;
  }

  /// In what versions were made elsewhere.
  final Map<Semver, List<String>> elsewhere = new HashMap<>();

  private Preflight preflight(Semver version) {
    return new Preflight(version, DATA, elsewhere.getOrDefault(version, List.of()), List.of());
  }

  /// One definition for all versions.
  private Feeder feeder() {
    Blueprint one =
        Blueprint.read(
            """
            {"data": {"flights": {"path": "flights.parquet", "time": "date",
               "target": {"late": "delay >= 15"}}},
             "serve": {"canary": {"steps": [10, 100], "hold": "1h"}}}
            """);
    var feed =
        new Feed(
            "one",
            dataset,
            dataset.inputs(raw),
            new LiveFeatures(features),
            new JoinedRows(dataset, raw));
    return new Feeder() {
      @Override
      public Blueprint present(Semver version) {
        return one;
      }

      @Override
      public Feed feed(Semver version, Blueprint by, String history) {
        return feed;
      }

      @Override
      public void keep(Collection<Feed> needed) {}
    };
  }

  final Live live() {
    return Objects.requireNonNull(releases.live());
  }

  final ModelVersion made(int number) {
    return registry.list(new Name(MODEL), 100).stream()
        .filter(version -> version.number() == number)
        .findFirst()
        .orElseThrow();
  }

  final Semver semver(int number) {
    return made(number).version();
  }

  final void deploy(int number) {
    releases.deploy(releases.entrance().order(semver(number), null, DATA, "orrery", "data_drift"));
  }

  /// Puts a version through its canary.
  final void release(int number) {
    deploy(number);
    if (live().canary() == null) return;
    releases.step("fine");
    releases.step("better");
  }

  final RegisteredVersion move(int number, Stage stage) {
    return move(number, stage, null);
  }

  /// @param forced why it may be one that was made elsewhere
  final RegisteredVersion move(int number, Stage stage, @Nullable String forced) {
    return registry
        .promotions()
        .moving(
            MODEL,
            () -> stage == Stage.PRODUCTION ? Optional.of(made(number)) : Optional.empty(),
            forced,
            () ->
                db.write(tx ->
                    registry.promotions().move(tx, MODEL, number, stage, false, "ann", "asked")));
  }

  final RegisteredVersion rollback() {
    return registry
        .promotions()
        .moving(
            MODEL,
            Optional::empty,
            () -> db.write(tx -> registry.promotions().rollback(tx, MODEL, "ann", "it failed")));
  }

  final List<String> stages() {
    return db.read(tx ->
        registry.models().versions(tx, MODEL).reversed().stream()
            .map(version -> version.stage().word())
            .toList());
  }

  /// What is live, and what is stored.
  final Semver champion() {
    assertThat(releases.stored()).contains(live().traffic());
    return live().traffic().champion();
  }

  final List<Move> history() {
    return db.read(tx -> registry.promotions().history(tx, MODEL, 1_000)).stream()
        .filter(move -> move.kind() == Move.Kind.STAGE)
        .toList();
  }
}
