package dev.orrery.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// A small project of trains that are late, learnt within seconds.
final class TrainsProject {
  private static final String YAML =
      """
      orrery: 1
      project: trains
      problem:
        ml_problem: { type: binary_classification, target: late, success_metric: auc_roc }
        constraints: { throughput: "1000 req/s" }
      success:
        offline_metrics: { auc_roc: { min: 0.6, target: 0.9 } }
        system_metrics: { p99_latency: { max: "5ms" } }
      data:
        trains:
          path: trains.csv
          time: at
          target: { late: "delay >= 10" }
          known_at: "at + to_minutes(60)"
          contract: { min_rows: 100, ranges: { speed: [0, 1000] } }
      features:
        basics: { from: trains, columns: { hour: "hour(at)", speed: speed, line: line } }
        recent: { from: trains, entity: line, windows: [6h], columns: { late_share: "mean(late)" } }
      model:
        name: late-train
        candidates: [ { rule: "speed < 100" }, logistic_regression ]
        validation: { split: time, holdout: 3d, folds: 2 }
        seed: 1
      gates: { metrics: { auc_roc: 0.6 }, beats: [ majority ] }
      serve: { endpoint: late-train }
      """;

  private TrainsProject() {}

  /// Writes its file and its data, of 30 days before a moment and a little after it.
  static void write(Path home, Instant start) throws IOException {
    Random random = new Random(7);
    List<String> lines = new ArrayList<>(List.of("at,delay,speed,line"));
    for (int i = 0; i < 3_200; i++) {
      Instant at = start.minus(Duration.ofDays(30)).plus(Duration.ofMinutes(15L * i));
      double speed = Math.round(random.nextDouble(50, 250) * 10) / 10.0;
      long delay = Math.round(25 - speed / 8 + 6 * random.nextGaussian());
      lines.add(
          String.format(
              Locale.ROOT,
              "%s,%d,%s,%s",
              at.toString().replace("Z", ""),
              delay,
              speed,
              "L" + random.nextInt(4)));
    }
    Files.write(home.resolve("trains.csv"), lines);
    Files.writeString(home.resolve("orrery.yaml"), YAML);
  }
}
