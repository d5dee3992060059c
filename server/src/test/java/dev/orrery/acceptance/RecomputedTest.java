package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Semver;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.model.ModelPackage;
import dev.orrery.registry.ModelVersion;
import dev.orrery.serving.ScoredRows;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What was served can be had again from what is stored: the data version, the outcomes that were
/// joined, and the model.
@ExtendWith(Told.class)
class RecomputedTest {
  private static final int ROWS = 1_000;

  @Test
  void a_thousand_logged_predictions_come_out_alike_offline(Story story) {
    Table flown;
    try (Engine engine = new Engine(2, "1GB")) {
      flown = Flights.between(Flights.rows(engine), Flights.START, Story.LAST_END);
    }
    try (var offline = new Offline(story.first())) {
      for (var days :
          Map.of(Flights.START, Story.FIRST_END, Story.LAST_START, Story.LAST_END).entrySet()) {
        ScoredRows logged = offline.logged(days.getKey(), days.getValue());
        Table rows = Flights.between(flown, days.getKey(), days.getValue());
        assertThat(logged.eventMicros()).isEqualTo(rows.micros("date"));
        recompute(offline, logged, rows, new Random(days.getKey().getEpochSecond()));
      }
      everyOutcomeIsJoined(offline, story, flown);
    }
  }

  private static void recompute(Offline offline, ScoredRows logged, Table rows, Random random) {
    int[] sample = random.ints(0, logged.rows()).distinct().limit(ROWS / 2).sorted().toArray();
    ModelVersion first = offline.version(Semver.FIRST);
    LiveFeatures known = new LiveFeatures(offline.features(first));
    known.learn(
        offline.dataset.complete(offline.datasets.read(offline.datasets.get(first.dataVersion()))));
    known.learn(offline.dataset.complete(offline.learnt()));

    Table features = known.features(rows.pick(sample));
    var differences = Bits.between(features, logged.features().pick(sample), _ -> true);
    assertThat(differences.different()).as(differences.first()).isZero();

    Map<String, Integer> versions = new TreeMap<>();
    double farthest = 0;
    for (int i = 0; i < sample.length; i++) {
      String version = logged.version()[sample[i]];
      versions.merge(version, 1, Integer::sum);
    }
    for (String version : versions.keySet()) {
      ModelPackage model = offline.registry.open(offline.version(Semver.parse(version)));
      int[] its =
          IntStream.range(0, sample.length)
              .filter(i -> logged.version()[sample[i]].equals(version))
              .toArray();
      double[] scores = model.score(features.pick(its));
      for (int i = 0; i < its.length; i++) {
        int row = sample[its[i]];
        assertThat(scores[i]).isCloseTo(logged.served()[row], within(1e-9));
        assertThat(model.prediction(scores[i])).isEqualTo(logged.predictions()[row]);
        farthest = Math.max(farthest, Math.abs(scores[i] - logged.served()[row]));
      }
    }
    System.out.printf(
        "recomputed: %s, %d values of features alike, scores at most %s apart%n",
        versions, differences.values(), farthest);
  }

  /// The outcomes of both spans stand in the store as they were flown.
  private static void everyOutcomeIsJoined(Offline offline, Story story, Table flown) {
    Table joined = offline.learnt();
    long[] times = flown.micros("date");
    long end = Flights.micros(Story.FIRST_END);
    long start = Flights.micros(Story.LAST_START);
    Table both =
        flown.pick(
            IntStream.range(0, times.length)
                .filter(i -> times[i] < end || times[i] >= start)
                .toArray());
    assertThat((long) joined.rows())
        .isEqualTo(story.firstDays().predictions() + story.lastDays().predictions());
    assertThat(joined.numbers("delay")).isEqualTo(both.numbers("delay"));
    assertThat(joined.strings("origin")).isEqualTo(both.strings("origin"));
  }
}
