package dev.orrery.monitor;

import dev.orrery.serving.ScoredRows;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// How good what was served was, by month or by day, beside the first version on the same rows:
/// computed from the prediction log and the outcomes, never from earlier sums.
public final class PerformanceReport {
  private static final long MICROS_A_DAY = 86_400_000_000L;
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

  private final Source source;

  PerformanceReport(Source source) {
    this.source = source;
  }

  /// The length of a line's period.
  public enum By {
    MONTH,
    DAY
  }

  /// One period.
  ///
  /// @param period `2001-03`, or `2001-03-01`
  /// @param outcomes how many predictions have a known outcome
  /// @param served what was answered, by whichever version
  /// @param firstModel what the first version says of the same rows
  /// @param versions how many rows each version answered
  public record Line(
      String period,
      long predictions,
      long outcomes,
      @Nullable Double servedAuc,
      @Nullable Double firstModelAuc,
      Performance served,
      Performance firstModel,
      SortedMap<String, Long> versions) {}

  private static final class Sums {
    final Tally served = new Tally();
    final Tally first = new Tally();
    final Map<String, Long> versions = new HashMap<>();

    Line line(String period) {
      Performance is = served.performance();
      Performance was = first.performance();
      return new Line(
          period,
          is.predictions(),
          is.outcomes(),
          is.aucRoc(),
          was.aucRoc(),
          is,
          was,
          Collections.unmodifiableSortedMap(new TreeMap<>(versions)));
    }
  }

  /// The lines in order of time.
  ///
  /// @param knownBy outcomes known later are not counted
  List<Line> lines(By by, First first, Instant knownBy) {
    var periods = new TreeMap<String, Sums>();
    var byDay = new HashMap<Long, Sums>();
    source.eachScored(
        EARLIEST,
        LATEST,
        knownBy,
        rows ->
            add(
                rows,
                first,
                day ->
                    byDay.computeIfAbsent(
                        day, _ -> periods.computeIfAbsent(name(by, day), _ -> new Sums()))));
    return periods.entrySet().stream().map(e -> e.getValue().line(e.getKey())).toList();
  }

  private static void add(ScoredRows rows, First first, LongFunction<Sums> periods) {
    double[] scores = first.scores(rows);
    for (int i = 0; i < scores.length; i++) {
      Sums sums = periods.apply(Math.floorDiv(rows.eventMicros()[i], MICROS_A_DAY));
      double actual = rows.actual()[i];
      sums.served.add(rows.served()[i], rows.predictions()[i], actual);
      sums.first.add(scores[i], first.decision(scores[i]), actual);
      sums.versions.merge(rows.version()[i], 1L, Long::sum);
    }
  }

  private static String name(By by, long day) {
    LocalDate date = LocalDate.EPOCH.plus(day, ChronoUnit.DAYS);
    return by == By.DAY ? date.toString() : date.toString().substring(0, 7);
  }
}
