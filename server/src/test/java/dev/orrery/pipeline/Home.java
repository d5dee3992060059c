package dev.orrery.pipeline;

import dev.orrery.base.Name;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.feature.FeatureVersions;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Registry;
import dev.orrery.sql.Db;
import dev.orrery.tracking.Tracking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A small project in a folder with all that a pipeline needs, and what stands in for serving.
final class Home implements AutoCloseable {
  static final Instant START = Instant.parse("2001-01-01T00:00:00Z");
  static final int DAYS = 24;

  static final String YAML =
      """
      orrery: 1
      project: small-flights
      problem:
        ml_problem: { type: binary_classification, target: late, success_metric: precision_at_recall_50, baseline: 0.3 }
        constraints: { latency: "< 100ms", throughput: "1000 req/s", model_size: "< 50MB" }
      success: { offline_metrics: { auc_roc: { min: 0.60, target: 0.99 } } }
      data:
        flights:
          path: data/flights.parquet
          time: date
          target: { late: "delay >= 15" }
          known_at: "date + to_minutes(cast(60 + greatest(delay, 0) as integer))"
          contract: { min_rows: 100, max_null_ratio: 0.0, ranges: { delay: [-300, 3000] } }
      features:
        calendar: { from: flights, columns: { hour: "hour(date)" } }
        route: { from: flights, columns: { distance: distance, origin: origin } }
        origin_recent: { from: flights, entity: origin, windows: [6h, 24h], columns: { flights: "count(*)", late_share: "mean(late)" } }
      model:
        name: late-arrival
        candidates: [ { rule: "origin_recent.late_share_6h > 0.4" }, logistic_regression, { lightgbm: { trees: 30, leaves: 7, learning_rate: 0.2 } } ]
        validation: { split: time, holdout: 4d, folds: 3, rows: 3000 }
        seed: 7
      gates: { metrics: { auc_roc: 0.6 }, beats: [ majority, rule ], model_size: "< 50MB", latency_p99: "< 10ms" }
      """;

  final Path folder;
  final Db db;
  final VirtualClock clock;
  final Blobs blobs;
  final Datasets datasets;
  final Tracking tracking;
  final Registry registry;
  final Lineage lineage;
  final Jobs jobs;
  final Pipelines pipelines;
  final List<String> deployed = new ArrayList<>();
  volatile @Nullable ModelVersion champion;
  volatile Champions.@Nullable Definitions served;
  volatile LiveRows live = (_, _, _) -> rows(0, 0, 0, 1);
  private final Engine engine;

  Home(Path folder, Db db, Instant now, int threads) {
    this.folder = folder;
    this.db = db;
    this.clock = new VirtualClock(now);
    this.engine = new Engine(2, "500MB");
    this.blobs = Blobs.folder(folder.resolve("blobs"));
    this.datasets = new Datasets(db, blobs, engine, folder.resolve("scratch"), clock);
    this.tracking = new Tracking(db, blobs, clock);
    this.lineage = new Lineage(db);
    this.registry = new Registry(db, blobs, lineage, clock);
    this.jobs = new Jobs(db, InstantSource.system());
    this.pipelines =
        new Pipelines(
            new Parts(
                db,
                blobs,
                jobs,
                datasets,
                new FeatureVersions(db, clock),
                tracking,
                registry,
                () -> Project.load(folder),
                new Champions() {
                  @Override
                  public Optional<ModelVersion> of(Name model) {
                    return Optional.ofNullable(champion);
                  }

                  @Override
                  public Optional<Definitions> definitions() {
                    return Optional.ofNullable(served);
                  }
                },
                (after, until, columns) -> live.between(after, until, columns),
                this::deploy,
                threads,
                clock));
  }

  private String deploy(ModelVersion version, Deployer.Rollout rollout, String why) {
    String done = "%s %s (%s)".formatted(rollout, version.id(), why);
    if (!deployed.contains(done)) deployed.add(done);
    if (rollout == Deployer.Rollout.DIRECT) champion = version;
    return done;
  }

  /// The end of the rows that [#write] writes.
  static Instant end() {
    return START.plus(Duration.ofDays(DAYS));
  }

  /// Writes the project and its rows.
  static Path write(Path folder, UnaryOperator<String> change) {
    try (Engine engine = new Engine(1, "500MB")) {
      Files.createDirectories(folder.resolve("data"));
      Files.writeString(folder.resolve("orrery.yaml"), change.apply(YAML));
      engine.write(withoutKnown(rows(6_000, 0, DAYS, 1)), folder.resolve("data/flights.parquet"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void define(Path folder, String yaml) {
    try {
      Files.writeString(folder.resolve("orrery.yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Rows in order of time: each origin has good and bad half days, which outcomes tell of.
  ///
  /// @param sign 1, or -1 for a world in which distance works the other way
  static Table rows(int count, int fromDay, int days, int sign) {
    var random = new Random(11 + fromDay);
    long span = Duration.ofDays(days).toSeconds();
    long[] seconds = random.longs(count, 0, Math.max(1, span)).sorted().toArray();
    long[] times = new long[count];
    double[] delays = new double[count];
    double[] distances = new double[count];
    String[] origins = new String[count];
    for (int i = 0; i < count; i++) {
      long at = Duration.ofDays(fromDay).toSeconds() + seconds[i];
      times[i] = Prepared.micros(START.plusSeconds(at));
      int origin = random.nextInt(6);
      origins[i] = List.of("ATL", "ORD", "DFW", "LAX", "PHX", "DEN").get(origin);
      distances[i] = 100 + random.nextInt(2_000);
      boolean bad = new Random(at / 43_200 * 31 + origin * 7L).nextInt(3) == 0;
      double far = sign * (distances[i] - 1_100) / 1_000;
      double delay = (bad ? 18 : -6) + 10 * far + random.nextGaussian() * 12;
      delays[i] = Math.rint(Math.clamp(delay, -60, 600));
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("date", new Times(times));
    columns.put("delay", new Numbers(delays));
    columns.put("distance", new Numbers(distances));
    columns.put("origin", new Strings(origins));
    long[] known = new long[count];
    Arrays.setAll(known, i -> times[i] + (long) (60 + Math.max(delays[i], 0)) * 60_000_000L);
    columns.put(Dataset.KNOWN_AT, new Times(known));
    return new Table(columns, count);
  }

  static Table withoutKnown(Table rows) {
    return rows.select(List.of("date", "delay", "distance", "origin"));
  }

  Dataset dataset() {
    return DatasetBlock.read(Project.load(folder).data()).firstEntry().getValue();
  }

  /// Runs to the end.
  PipelineRun train(String... reasons) {
    return pipelines.await(pipelines.train(List.of(reasons)).id(), Duration.ofMinutes(2));
  }

  PipelineRun retrain(String... reasons) {
    return pipelines.await(pipelines.retrain(List.of(reasons)).id(), Duration.ofMinutes(2));
  }

  @Override
  public void close() {
    jobs.close();
    engine.close();
    db.close();
  }
}
