package dev.orrery.bench;

import dev.orrery.blob.Blobs;
import dev.orrery.sql.Db;
import dev.orrery.tracking.Metric;
import dev.orrery.tracking.Run;
import dev.orrery.tracking.Tracking;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/// A store with very many runs in one experiment, made by the product's own writes.
///
/// Each run has 4 metrics of 25 points, 8 parameters and 3 tags; every tenth has a file. It is kept
/// from one measurement to the next, because it takes some minutes to make.
///
/// @param home the folder to start a server in
/// @param runs how many
record ScaleStore(Path home, int runs) {
  static final String EXPERIMENT = "scale";

  private static final int POINTS = 25;
  private static final int WRITERS = 32;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<String> METRICS = List.of("auc", "loss", "f1", "seconds");
  private static final String[] ADJECTIVES = {
    "amber", "brisk", "calm", "dapper", "eager", "fancy", "gentle", "happy", "icy", "jolly", "keen",
    "lucky", "mellow", "nimble", "orange", "proud", "quiet", "rapid", "silent", "tidy"
  };
  private static final String[] NOUNS = {
    "badger", "crane", "dolphin", "eagle", "falcon", "gull", "heron", "ibis", "jay", "koala",
    "lemur", "moth", "newt", "otter", "panda", "quail", "robin", "stork", "tapir", "vole"
  };

  /// The store, made if it is not there.
  static ScaleStore of(Plan plan) throws Exception {
    int runs = plan.isQuick() ? 5_000 : 100_000;
    Path home = plan.work().resolveSibling("scale-" + runs);
    var store = new ScaleStore(home, runs);
    Path done = home.resolve("done");
    if (!Files.exists(done)) {
      System.err.printf("  making a store of %,d runs ...%n", runs);
      store.make();
      Files.createFile(done);
    }
    return store;
  }

  long points() {
    return (long) runs * METRICS.size() * POINTS;
  }

  private void make() throws Exception {
    Path folder = home.resolve(".orrery");
    Files.createDirectories(folder);
    Files.deleteIfExists(folder.resolve("orrery.db"));
    var next = new AtomicInteger();
    var failure = new AtomicReference<Exception>();
    try (Db db = Db.sqlite(folder.resolve("orrery.db"))) {
      db.migrate();
      var tracking = new Tracking(db, Blobs.folder(folder.resolve("blobs")), Clock.systemUTC());
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < WRITERS; t++) {
        threads.add(
            Thread.ofPlatform()
                .start(() -> {
                  try {
                    for (int i = next.getAndIncrement(); i < runs; i = next.getAndIncrement()) {
                      run(tracking, i);
                    }
                  } catch (IOException | RuntimeException e) {
                    failure.set(e);
                  }
                }));
      }
      for (Thread thread : threads) thread.join();
    }
    if (failure.get() != null) throw failure.get();
  }

  private static void run(Tracking tracking, int number) throws IOException {
    var random = new Random(number);
    String name =
        "%s-%s-%d"
            .formatted(
                ADJECTIVES[random.nextInt(ADJECTIVES.length)],
                NOUNS[random.nextInt(NOUNS.length)],
                random.nextInt(1_000));
    String id =
        tracking
            .start(
                EXPERIMENT,
                name,
                Map.of(
                    "team", "team-" + random.nextInt(12),
                    "mlflow.user", "user-" + random.nextInt(40),
                    "commit", Long.toHexString(random.nextLong())))
            .id();
    var params = new TreeMap<String, String>();
    params.put("lr", "0.%03d".formatted(1 + random.nextInt(20)));
    params.put("depth", "" + random.nextInt(12));
    params.put("kind", "" + "abcd".charAt(random.nextInt(4)));
    params.put("leaves", "" + (1 << random.nextInt(8)));
    params.put("optimizer", random.nextBoolean() ? "adam" : "sgd");
    params.put("seed", "" + number);
    params.put("data", "flights@1.%d.0".formatted(random.nextInt(30)));
    params.put("bins", "" + random.nextInt(255));
    tracking.logParams(id, params);
    List<Metric> points = new ArrayList<>();
    for (String metric : METRICS) {
      double end = random.nextDouble();
      for (int step = 0; step < POINTS; step++) {
        double value = end + (POINTS - 1 - step) * 0.01;
        points.add(new Metric(metric, value, step, START.plusSeconds(step)));
      }
    }
    tracking.logMetrics(id, points);
    if (number % 10 == 0) {
      tracking.putArtifact(
          id,
          "model/part-%d/weights-%05d.bin".formatted(number % 7, number),
          "the same".getBytes(StandardCharsets.UTF_8));
    }
    if (number % 50 != 0) {
      tracking.finish(id, number % 25 == 1 ? Run.State.FAILED : Run.State.FINISHED);
    }
  }
}
