package dev.orrery.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Digest;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.Profile;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.model.ModelPackage;
import dev.orrery.project.Project;
import dev.orrery.train.Candidate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is not known yet changes nothing.
class LeakageTest {
  @TempDir Path folder;
  private Recipe recipe;
  private final Table rows = Home.rows(6_000, 0, Home.DAYS, 1);

  @BeforeEach
  void read() {
    recipe = RecipeReader.read(Project.load(Home.write(folder, yaml -> yaml)));
  }

  private Prepared prepare(Table table) {
    return Prepared.of(
        table,
        recipe.dataset(),
        recipe.target(),
        features(table),
        version(table),
        recipe.validation().holdout(),
        null);
  }

  private FeatureSet features(Table table) {
    SequencedMap<String, Type> schema = new LinkedHashMap<>();
    table.columns().forEach((name, column) -> schema.put(name, column.type()));
    return FeatureBlock.compile(recipe.features(), recipe.dataset(), schema);
  }

  private static DataVersion version(Table table) {
    long[] times = table.micros("date");
    return new DataVersion(
        "flights",
        Semver.FIRST,
        Digest.of(""),
        table.rows(),
        Prepared.instant(times[0]),
        Prepared.instant(times[times.length - 1]),
        Home.end(),
        "",
        List.of(),
        List.of(),
        List.of(),
        Profile.of(table),
        Home.end());
  }

  private ModelPackage fit(Candidate candidate, Prepared prepared) {
    return new Fitting(recipe, prepared, 1, (_, _) -> {}).fit(candidate, 0, 1).model();
  }

  /// Turns outcomes known after a moment upside down, and leaves when they become known.
  private Table otherOutcomes(Instant after) {
    double[] delays = rows.numbers("delay").clone();
    long[] known = rows.micros(Dataset.KNOWN_AT);
    var random = new Random(3);
    for (int i = 0; i < delays.length; i++) {
      if (known[i] > Prepared.micros(after)) delays[i] = random.nextInt(-60, 600);
    }
    return rows.with("delay", new Numbers(delays));
  }

  @Test
  void outcomes_of_validation_rows_change_no_fitted_value() {
    Prepared before = prepare(rows);
    Prepared after = prepare(otherOutcomes(before.validatedFrom()));

    assertThat(after.validatedFrom()).isEqualTo(before.validatedFrom());
    assertThat(after.validationTarget()).isNotEqualTo(before.validationTarget());
    for (Candidate candidate : recipe.candidates()) {
      ModelPackage one = fit(candidate, before);
      ModelPackage other = fit(candidate, after);
      assertThat(other.preprocessor()).isEqualTo(one.preprocessor());
      assertThat(other.references()).isEqualTo(one.references());
      assertThat(other.score(before.validation())).isEqualTo(one.score(before.validation()));
      assertThat(other.card().training()).isEqualTo(one.card().training());
    }
  }

  @Test
  void inputs_of_validation_rows_change_no_fitted_value() {
    Prepared before = prepare(rows);
    long start = Prepared.micros(before.validatedFrom());
    double[] distances = rows.numbers("distance").clone();
    long[] times = rows.micros("date");
    for (int i = 0; i < times.length; i++) if (times[i] >= start) distances[i] += 5_000;
    Prepared after = prepare(rows.with("distance", new Numbers(distances)));

    for (Candidate candidate : recipe.candidates()) {
      ModelPackage one = fit(candidate, before);
      ModelPackage other = fit(candidate, after);
      assertThat(other.preprocessor()).isEqualTo(one.preprocessor());
      assertThat(other.references()).isEqualTo(one.references());
      assertThat(other.score(before.validation())).isEqualTo(one.score(before.validation()));
    }
  }

  @Test
  void outcomes_known_after_a_moment_change_no_feature_at_or_before_it() {
    Instant moment = Home.START.plus(Duration.ofDays(15)).plusSeconds(12_345);
    Table before = features(rows).history(recipe.dataset().complete(rows));
    Table changed = otherOutcomes(moment);
    Table after = features(changed).history(recipe.dataset().complete(changed));

    long[] times = rows.micros("date");
    int[] past = rowsUntil(times, Prepared.micros(moment));
    assertThat(past.length).isBetween(1_000, 5_000);
    for (String name : before.names()) {
      assertThat(values(after, name, past)).as(name).isEqualTo(values(before, name, past));
    }
    assertThat(after.numbers("origin_recent.late_share_24h"))
        .isNotEqualTo(before.numbers("origin_recent.late_share_24h"));
  }

  @Test
  void nothing_is_trained_on_that_was_not_known_before_validation_begins() {
    Prepared prepared = prepare(rows);
    long start = Prepared.micros(prepared.validatedFrom());
    assertThat(Arrays.stream(prepared.known()).max().orElseThrow()).isLessThan(start);
    long atLarge =
        Arrays.stream(rows.micros("date")).filter(t -> t < start).count() - prepared.times().length;
    assertThat(atLarge).as("rows whose outcome was still open").isPositive();
  }

  private static List<String> values(Table table, String name, int[] rows) {
    return Arrays.stream(rows).mapToObj(i -> String.valueOf(table.column(name).value(i))).toList();
  }

  private static int[] rowsUntil(long[] times, long moment) {
    return java.util.stream.IntStream.range(0, times.length)
        .filter(i -> times[i] <= moment)
        .toArray();
  }
}
