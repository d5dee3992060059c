package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;

/// The real flights of `examples/flights`, from [#OLDEST] to [#NEWEST], and copies of the project
/// that are quick to train on them.
final class Flights {
  /// Where the history ends and service begins.
  static final Instant START = Instant.parse("2001-03-01T00:00:00Z");

  static final Instant OLDEST = Instant.parse("2001-01-20T00:00:00Z");
  static final Instant NEWEST = Instant.parse("2001-03-10T00:00:00Z");

  private static final String CRITERIA = "success_criteria.yaml";
  private static final Path SOURCE = Path.of("../examples/flights");

  private Flights() {}

  /// A copy of the project with these rows, with fewer candidates, trees, folds and days to train
  /// on, and shorter steps of its canary.
  static Path project(Path folder, Engine engine, Table rows) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    for (String file : List.of("orrery.yaml", "problem.yaml", CRITERIA)) {
      Files.copy(SOURCE.resolve(file), folder.resolve(file));
    }
    engine.write(rows, parquet(folder));
    edit(yaml(folder), "lightgbm: \\{.*}", "lightgbm: { trees: 8, learning_rate: 0.1 }");
    edit(yaml(folder), " +- logistic_regression\n", "");
    edit(yaml(folder), "validation: \\{.*}", "validation: { holdout: 4d, folds: 2, rows: 20000 }");
    edit(yaml(folder), "seed: 42", "seed: 42\n  history: 21d");
    edit(yaml(folder), "metrics: \\{ auc_roc: [0-9.]+ }", "metrics: { auc_roc: 0.65 }");
    edit(yaml(folder), " hold: \\w+", " hold: 4h");
    edit(folder.resolve(CRITERIA), " min: [0-9.]+", " min: 0.65");
    return folder;
  }

  static Path yaml(Path project) {
    return project.resolve("orrery.yaml");
  }

  static Path parquet(Path project) {
    return project.resolve("data/flights.parquet");
  }

  /// Changes a file of a project; what is to be changed must stand there.
  static void edit(Path file, String pattern, String to) throws IOException {
    String text = Files.readString(file);
    String changed = text.replaceAll(pattern, to);
    assertThat(changed).as(pattern).isNotEqualTo(text);
    Files.writeString(file, changed);
  }

  static Dataset dataset(Path project) {
    return DatasetBlock.read(Project.load(project).data()).values().iterator().next();
  }

  static Project example() {
    return Project.load(SOURCE);
  }

  static Table rows(Engine engine) {
    return between(engine.read(parquet(SOURCE)), OLDEST, NEWEST);
  }

  /// The rows with times in [from, to).
  static Table between(Table rows, Instant from, Instant to) {
    long[] times = rows.micros("date");
    return rows.pick(
        IntStream.range(0, times.length)
            .filter(i -> times[i] >= micros(from) && times[i] < micros(to))
            .toArray());
  }

  /// The same rows, but for the outcomes that became known after a moment: each of those is another
  /// now, and known after that moment still.
  static Table changedAfter(Table rows, Dataset dataset, Instant moment) {
    long[] known = dataset.complete(rows).micros(Dataset.KNOWN_AT);
    long[] soonest =
        dataset
            .complete(rows.with("delay", new Numbers(new double[rows.rows()])))
            .micros(Dataset.KNOWN_AT);
    double[] delays = rows.numbers("delay").clone();
    for (int i = 0; i < delays.length; i++) {
      if (known[i] <= micros(moment)) continue;
      boolean mayBeInTime = soonest[i] > micros(moment);
      delays[i] = delays[i] >= 15 && mayBeInTime ? -20 : delays[i] + 200;
    }
    return rows.with("delay", new Numbers(delays));
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  static Instant day(int march) {
    return START.plus(Duration.ofDays(march - 1L));
  }
}
