package dev.orrery.serving;

import dev.orrery.access.Audit;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Preprocessor;
import dev.orrery.model.Rule;
import dev.orrery.project.Project;
import dev.orrery.registry.Registry;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An endpoint on a real store for tests of traffic: a table of rows with a caller each, and models
/// that a test names. Version 1.0.0 scores 0.5 for all; the others know that long ones are late.
final class ServingGround implements AutoCloseable {
  static final Instant START = Instant.parse("2001-01-11T00:00:00Z");
  static final Semver V1 = Semver.FIRST;
  static final Semver V2 = new Semver(1, 0, 1);
  static final Semver V3 = new Semver(2, 0, 0);

  private static final String YAML =
      """
      orrery: 1
      project: flights
      data:
        flights:
          path: flights.parquet
          time: date
          target: { late: "delay >= 15" }
          known_at: "date + to_minutes(60)"
      features:
        route: { from: flights, columns: { distance: distance, origin: origin } }
      serve:
      """;

  final Path folder;
  final VirtualClock clock = new VirtualClock(START);
  final Db db = Databases.SQLITE.fresh();
  final Engine engine = new Engine(2, "500MB");
  final Map<Semver, RuntimeException> broken = new ConcurrentHashMap<>();
  final Map<Semver, Made> made = new ConcurrentHashMap<>();
  final Map<Semver, Double> sure = new ConcurrentHashMap<>(Map.of(V1, 0.5, V2, 0.8, V3, 0.9));

  /// What versions were trained on, where it is not what the ground began with.
  final Map<Semver, Project> trained = new ConcurrentHashMap<>();

  final Project project;
  final Dataset dataset;
  final Datasets datasets;
  final DataVersion history;
  Endpoint endpoint;

  /// @param serve the block's lines, without indentation
  ServingGround(Path folder, String serve) {
    this.folder = folder;
    write(YAML + serve.indent(2));
    engine.write(rows(240), folder.resolve("flights.parquet"));
    project = Project.load(folder);
    dataset = Objects.requireNonNull(DatasetBlock.read(project.data()).get("flights"));
    datasets = new Datasets(db, Blobs.folder(folder.resolve("blobs")), engine, folder, clock);
    history = datasets.ingest(dataset, folder, START);
    endpoint = open();
  }

  private void write(String yaml) {
    try {
      Files.writeString(folder.resolve("orrery.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes other definitions into the project, and has a version be trained on them.
  ///
  /// @param columns of the features `route`
  Project define(Semver version, String columns, String otherServe) {
    write(YAML.replace("{ distance: distance, origin: origin }", columns) + otherServe.indent(2));
    Project now = Project.load(folder);
    trained.put(version, now);
    return now;
  }

  /// A version of the data whose rows have one more column; a version is trained on it.
  DataVersion widen(Semver version, String column) {
    double[] more = new double[240];
    java.util.Arrays.fill(more, 1);
    engine.write(rows(240).with(column, new Numbers(more)), folder.resolve("flights.parquet"));
    DataVersion wide = datasets.ingest(dataset, folder, START);
    made.put(version, new Made(wide.id(), null, new java.util.TreeMap<>()));
    return wide;
  }

  /// What service has taught, with the columns of a version of the data.
  Table learnt(DataVersion like) {
    return endpoint.liveRows(Instant.EPOCH, clock.instant(), like.schema());
  }

  /// Closes the endpoint and opens it again on what is stored.
  void restart() {
    endpoint.close();
    endpoint = open();
  }

  private Endpoint open() {
    return Endpoint.open(
        new Endpoint.Setup(
            folder.resolve("log"),
            db,
            new Audit(db, clock),
            new Lineage(db),
            new Registry(db, Blobs.folder(folder.resolve("blobs")), new Lineage(db), clock)
                .promotions(),
            datasets,
            "late",
            () -> Blueprint.of(Project.load(folder)),
            "late",
            new Endpoint.Models() {
              @Override
              public ModelPackage load(Semver version) {
                RuntimeException failure = broken.get(version);
                if (failure != null) throw failure;
                return model(version);
              }

              @Override
              public Optional<Made> made(Semver version) {
                return Optional.ofNullable(made.get(version));
              }
            },
            clock));
  }

  Deployment deploy(Semver version) {
    return endpoint.deploy(version, history.id(), "test", "a test");
  }

  Deployment deploy(Semver version, @Nullable Strategy strategy) {
    made.putIfAbsent(version, new Made(history.id(), null, new java.util.TreeMap<>(Map.of())));
    return endpoint.deploy(new DeployOrder(version, strategy, "test", "a test", false));
  }

  Traffic traffic() {
    return endpoint.traffic().orElseThrow();
  }

  void pass(Duration time) {
    clock.advance(clock.instant().plus(time));
    endpoint.tick();
  }

  /// Asks about one row.
  Answer ask(String caller, int distance) {
    byte[] body = body(distance);
    return endpoint.predict(body, new Endpoint.Call(Optional.empty(), Optional.of(caller), false));
  }

  Answer ask(int distance) {
    byte[] body = body(distance);
    return endpoint.predict(body, Endpoint.Call.PLAIN);
  }

  Answer askRow(String row) {
    byte[] body = ("{\"rows\":[" + row + "]}").getBytes(StandardCharsets.UTF_8);
    return endpoint.predict(body, Endpoint.Call.PLAIN);
  }

  private byte[] body(int distance) {
    return "{\"rows\":[{\"date\":\"%s\",\"distance\":%d,\"origin\":\"ATL\"}]}"
        .formatted(clock.instant(), distance)
        .getBytes(StandardCharsets.UTF_8);
  }

  /// Tells outcomes of many predictions, each with its delay.
  void tell(Map<UUID, Integer> delays) {
    List<String> told = new ArrayList<>();
    delays.forEach(
        (id, delay) -> told.add("{\"id\":\"%s\",\"actual\":{\"delay\":%d}}".formatted(id, delay)));
    String body = "{\"outcomes\":[" + String.join(",", told) + "]}";
    endpoint.outcomes(Json.tree(body.getBytes(StandardCharsets.UTF_8)));
  }

  ModelPackage model(Semver version) {
    Made from = made.get(version);
    DataVersion rows =
        from == null || from.history().isEmpty() ? history : datasets.get(from.history());
    Table features =
        FeatureBlock.compile(
                trained.getOrDefault(version, project).features(), dataset, rows.schema())
            .history(dataset.complete(datasets.read(rows)));
    Preprocessor preprocessor = Preprocessor.fit(features);
    double share = sure.getOrDefault(version, 0.7);
    var rule =
        new Rule(
            Rule.Condition.parse("route.distance > 1000"),
            preprocessor.signature().index("route.distance"),
            share,
            1 - share);
    var card = new ModelPackage.Card("late", 0.5, null, new LinkedHashMap<>());
    return ModelPackage.of(preprocessor, rule, card, List.of(), features.pick(new int[] {0, 1, 2}));
  }

  private static Table rows(int n) {
    long[] date = new long[n];
    double[] delay = new double[n];
    double[] distance = new double[n];
    String[] origin = new String[n];
    for (int i = 0; i < n; i++) {
      date[i] = START.minus(Duration.ofHours(n - i)).getEpochSecond() * 1_000_000;
      delay[i] = i % 5 == 0 ? 40 : 0;
      distance[i] = 100 + i;
      origin[i] = i % 2 == 0 ? "ATL" : "ORD";
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("date", new Times(date));
    columns.put("delay", new Numbers(delay));
    columns.put("distance", new Numbers(distance));
    columns.put("origin", new Strings(origin));
    return Table.of(columns);
  }

  @Override
  public void close() {
    endpoint.close();
    engine.close();
    db.close();
  }
}
