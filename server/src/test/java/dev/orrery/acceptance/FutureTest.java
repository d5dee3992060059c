package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Semver;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.serving.ScoredRows;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whatever becomes known after a moment changes nothing at or before it; and the seed and the data
/// decide the model, not the threads.
@ExtendWith(Told.class)
class FutureTest {
  private static final Instant TURN = Instant.parse("2001-02-10T11:37:00Z");

  @Test
  void no_feature_of_a_real_row_sees_an_outcome_that_became_known_after_it() {
    Table rows;
    try (Engine engine = new Engine(2, "1GB")) {
      rows = Flights.between(Flights.rows(engine), Instant.EPOCH, Flights.START);
    }
    Dataset dataset = Flights.dataset(Path.of("../examples/flights"));
    Table changed = Flights.changedAfter(rows, dataset, TURN);
    FeatureSet features = compiled(rows, dataset);
    long[] times = rows.micros("date");
    long turn = Flights.micros(TURN);

    Table before = features.history(dataset.complete(rows));
    Table after = features.history(dataset.complete(changed));
    var past = Bits.between(before, after, i -> times[i] <= turn);
    var future = Bits.between(before, after, i -> times[i] > turn);

    System.out.printf("features: past %s, future %s%n", past, future);
    assertThat(past.different()).as(past.first()).isZero();
    assertThat(past.values()).isGreaterThan(2_000_000);
    // The change is felt, or the test would show nothing.
    assertThat(future.different()).isGreaterThan(1_000_000);
  }

  @Test
  void no_logged_prediction_changes_with_what_becomes_known_after_it(Story story) {
    ScoredRows first = logged(story.first());
    ScoredRows second = logged(story.second());
    long turn = Flights.micros(Story.TURN);

    assertThat(second.eventMicros()).isEqualTo(first.eventMicros());
    var features =
        Bits.between(first.features(), second.features(), i -> first.eventMicros()[i] <= turn);
    long[] past = differing(first, second, true);
    long[] future = differing(first, second, false);

    System.out.printf(
        "predictions: past %d of %d differ (%d values of features), future %d of %d%n",
        past[1], past[0], features.values(), future[1], future[0]);
    assertThat(features.different()).as(features.first()).isZero();
    assertThat(past[1]).isZero();
    assertThat(past[0]).isGreaterThan(6_000);
    assertThat(future[1]).isGreaterThan(1_000);
  }

  /// The second home was trained on one thread, the first on two, on the same known flights.
  @Test
  void one_seed_gives_one_model_and_the_same_predictions_on_one_thread_and_on_two(Story story) {
    try (var two = new Offline(story.first());
        var one = new Offline(story.second())) {
      var onTwo = two.version(Semver.FIRST);
      var onOne = one.version(Semver.FIRST);
      assertThat(one.datasets.get(onOne.dataVersion()).digest())
          .isEqualTo(two.datasets.get(onTwo.dataVersion()).digest());
      assertThat(onOne.modelDigest()).isEqualTo(onTwo.modelDigest());
      assertThat(onOne.make().kind()).isEqualTo("lightgbm");
      assertThat(onOne.metrics()).isEqualTo(onTwo.metrics());

      ScoredRows scoredOnTwo = two.logged(Flights.START, Flights.day(2));
      ScoredRows scoredOnOne = one.logged(Flights.START, Flights.day(2));
      System.out.printf(
          "one thread and two: %s, %d predictions alike%n",
          onOne.modelDigest().brief(), scoredOnOne.rows());
      assertThat(scoredOnOne.rows()).isGreaterThan(5_000);
      assertThat(scoredOnOne.served()).isEqualTo(scoredOnTwo.served());
      assertThat(scoredOnOne.predictions()).isEqualTo(scoredOnTwo.predictions());
    }
  }

  private static ScoredRows logged(Path home) {
    try (var offline = new Offline(home)) {
      return offline.logged(Flights.START, Story.FIRST_END);
    }
  }

  /// How many rows lie at or before the turn, or after it, and how many of them were answered
  /// otherwise.
  private static long[] differing(ScoredRows a, ScoredRows b, boolean isPast) {
    int[] rows =
        IntStream.range(0, a.rows())
            .filter(i -> a.eventMicros()[i] <= Flights.micros(Story.TURN) == isPast)
            .toArray();
    long different =
        IntStream.of(rows)
            .filter(i ->
                !Bits.same(a.served()[i], b.served()[i])
                    || a.predictions()[i] != b.predictions()[i]
                    || !a.version()[i].equals(b.version()[i]))
            .count();
    return new long[] {rows.length, different};
  }

  private static FeatureSet compiled(Table rows, Dataset dataset) {
    SequencedMap<String, Type> raw = new LinkedHashMap<>();
    rows.columns().forEach((name, column) -> raw.put(name, column.type()));
    return FeatureBlock.compile(Flights.example().features(), dataset, raw);
  }
}
