package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.monitor.DayPerformance.Series;
import dev.orrery.monitor.FeatureCounts.Cells;
import dev.orrery.monitor.MonitorStore.Scored;
import dev.orrery.serving.ScoredRows;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Some logged rows, examined period by period. Pure: rows in, figures out.
///
/// @param rows of event times in [from, from + every times periods)
record Examination(ScoredRows rows, Instant from, Duration every, List<int[]> periods) {
  static Examination of(ScoredRows rows, Instant from, Duration every, int count) {
    long start = ChronoUnit.MICROS.between(Instant.EPOCH, from);
    long micros = every.toNanos() / 1_000;
    int[] period = new int[rows.rows()];
    int[] sizes = new int[count];
    for (int i = 0; i < period.length; i++) {
      period[i] = (int) Math.floorDiv(rows.eventMicros()[i] - start, micros);
      sizes[period[i]]++;
    }
    var periods = new ArrayList<int[]>();
    for (int size : sizes) periods.add(new int[size]);
    int[] next = new int[count];
    for (int i = 0; i < period.length; i++) periods.get(period[i])[next[period[i]]++] = i;
    return new Examination(rows, from, every, periods);
  }

  Instant start(int period) {
    return from.plus(every.multipliedBy(period));
  }

  /// How good the answers of a period were.
  Scored served(int period, Instant knownBy) {
    var tally = new Tally();
    for (int row : periods.get(period)) {
      tally.add(rows.served()[row], rows.predictions()[row], rows.actual()[row]);
    }
    return scored(period, Series.SERVED, knownBy, tally);
  }

  /// How good the first version's answers to the same rows are.
  Scored first(int period, First first, Instant knownBy) {
    double[] scores = first.scores(rows);
    var tally = new Tally();
    for (int row : periods.get(period)) {
      tally.add(scores[row], first.decision(scores[row]), rows.actual()[row]);
    }
    return scored(period, Series.FIRST, knownBy, tally);
  }

  private Scored scored(int period, Series series, Instant knownBy, Tally tally) {
    var day =
        new DayPerformance(start(period), start(period + 1), series, knownBy, tally.performance());
    return new Scored(day, tally.cells());
  }

  /// The features of a period, counted.
  FeatureCounts counts(int period, Semver version, List<Yardstick> yardsticks) {
    var cells = new TreeMap<String, Cells>();
    int[] picked = periods.get(period);
    for (Yardstick yardstick : yardsticks) {
      Cells counted = yardstick.count(rows.features(), picked);
      if (counted != null) cells.put(yardstick.feature(), counted);
    }
    return new FeatureCounts(start(period), version, picked.length, cells);
  }

  /// The time in milliseconds within which a share of a period's rows was answered; null if it has
  /// none.
  @Nullable Double latency(int period, double share) {
    int[] picked = periods.get(period);
    if (picked.length == 0) return null;
    int[] micros = Arrays.stream(picked).map(row -> rows.latencyMicros()[row]).sorted().toArray();
    return micros[Math.max(0, (int) Math.ceil(share * micros.length) - 1)] / 1_000.0;
  }
}
