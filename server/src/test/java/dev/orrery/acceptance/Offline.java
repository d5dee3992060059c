package dev.orrery.acceptance;

import dev.orrery.access.Audit;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.data.Dataset;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.lineage.Lineage;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Registry;
import dev.orrery.serving.Blueprint;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.ScoredRows;
import dev.orrery.sql.Db;
import dev.orrery.sql.StoreLock;
import java.nio.file.Path;
import java.time.Instant;

/// A home on which nothing runs, opened to look at what is stored in it.
final class Offline implements AutoCloseable {
  static final Instant LATER = Instant.parse("2001-04-01T00:00:00Z");
  static final Name MODEL = new Name("late-arrival");

  final Dataset dataset;
  final Datasets datasets;
  final Registry registry;
  final Endpoint endpoint;
  private final Project project;
  private final StoreLock lock;
  private final Engine engine = new Engine(2, "1GB");
  private final Db db;

  Offline(Path home) {
    Path store = home.resolve(".orrery");
    lock = StoreLock.acquire(store, "test");
    project = Project.load(home);
    dataset = Flights.dataset(home);
    db = Db.sqlite(store.resolve("orrery.db"));
    var clock = new VirtualClock(LATER);
    Blobs blobs = Blobs.folder(store.resolve("blobs"));
    datasets = new Datasets(db, blobs, engine, store.resolve("scratch"), clock);
    Lineage lineage = new Lineage(db);
    registry = new Registry(db, blobs, lineage, clock);
    endpoint =
        Endpoint.open(
            new Endpoint.Setup(
                store.resolve("predictions"),
                db,
                new Audit(db, clock),
                lineage,
                registry.promotions(),
                datasets,
                MODEL.text(),
                () -> Blueprint.of(project),
                MODEL.text(),
                version -> registry.open(version(version)),
                clock));
  }

  ModelVersion version(Semver number) {
    return registry.get(MODEL, number);
  }

  FeatureSet features(ModelVersion version) {
    var raw = datasets.get(version.dataVersion()).schema();
    return FeatureBlock.compile(project.features(), dataset, raw);
  }

  /// What was logged for rows of these times, with every outcome that was ever told.
  ScoredRows logged(Instant from, Instant to) {
    return endpoint.scored(from, to, LATER);
  }

  @Override
  public void close() {
    endpoint.close();
    db.close();
    engine.close();
    lock.close();
  }

  /// What service has taught, ever, with the columns of the first version's data.
  Table learnt() {
    var columns = datasets.get(version(Semver.FIRST).dataVersion()).schema();
    return endpoint.liveRows(Instant.EPOCH, LATER, columns);
  }
}
