package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import dev.orrery.tracking.SeriesWalk.Within;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads metrics of runs to be drawn.
final class SeriesStore {
  private static final int POINTS = 1_000;
  private static final int POINTS_MAX = 5_000;
  private static final int SERIES_MAX = 500;
  private static final int TOTAL_MAX = 500_000;

  /// From how many points a part on the database is asked for sums, which costs three queries each.
  private static final int WALK_POINTS = 50;

  /// @param runs their ids
  /// @param keys names of metrics
  /// @param points how many to draw of each at most, 1,000 if it is not said
  /// @param axis `step` or `time`
  /// @param from the least step or time in milliseconds to draw, for a closer look
  /// @param to the greatest
  record Ask(
      @Nullable List<String> runs,
      @Nullable List<String> keys,
      @Nullable Integer points,
      @Nullable String axis,
      @Nullable Long from,
      @Nullable Long to) {
    Ask {
      if (runs == null
          || keys == null
          || runs.stream().anyMatch(Objects::isNull)
          || keys.stream().anyMatch(Objects::isNull)) {
        throw new Problem(
            Fault.BAD_PARAMETER, "runs or keys are missing", "Give both as lists of texts");
      }
      int each = Objects.requireNonNullElse(points, POINTS);
      if (each < 1 || each > POINTS_MAX) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "points is %d".formatted(each),
            "Give points from 1 to %,d".formatted(POINTS_MAX));
      }
      long series = (long) runs.size() * keys.size();
      if (series > SERIES_MAX || series * each > TOTAL_MAX) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "%,d series of %,d points are asked for".formatted(series, each),
            "Ask for at most %,d series and %,d points in all".formatted(SERIES_MAX, TOTAL_MAX));
      }
      if (axis != null && !axis.equals("step") && !axis.equals("time")) {
        throw new Problem(Fault.BAD_PARAMETER, "axis is '%s'".formatted(axis), "Use step or time");
      }
    }

    Envelope.Axis along() {
      return "time".equals(axis) ? Envelope.Axis.TIME : Envelope.Axis.STEP;
    }
  }

  /// @param count how many points it has, within the range asked for
  /// @param exact whether each of `points` is one point; otherwise each is a part of the axis
  record Series(String run, String key, long count, boolean exact, List<Envelope.Part> points) {}

  private record Extent(long least, long most) {}

  /// @param step the greatest of its points
  private record Head(long id, long step) {}

  private SeriesStore() {}

  static List<Series> of(Tx tx, Ask ask) {
    List<Series> series = new ArrayList<>();
    for (String run : Objects.requireNonNull(ask.runs())) {
      for (String key : Objects.requireNonNull(ask.keys())) {
        tx.first(
                "select id, step from metric_series where run = ? and name = ?",
                row -> new Head(row.whole("id"), row.whole("step")),
                run,
                key)
            .ifPresent(head -> series.add(of(tx, ask, run, key, head)));
      }
    }
    return series;
  }

  private static Series of(Tx tx, Ask ask, String run, String key, Head head) {
    Envelope.Axis axis = ask.along();
    boolean isWhole = ask.from() == null && ask.to() == null;
    Within within =
        isWhole
            ? new Within(head.id(), axis, null, null)
            : new Within(
                head.id(),
                axis,
                Objects.requireNonNullElse(ask.from(), Long.MIN_VALUE),
                Objects.requireNonNullElse(ask.to(), Long.MAX_VALUE));
    int most = Objects.requireNonNullElse(ask.points(), POINTS);
    long enough = (long) most * WALK_POINTS;
    @Nullable Object[] limited = Arrays.copyOf(within.args(), within.args().length + 1);
    limited[limited.length - 1] = enough + 1;
    long count =
        tx.query(
                "select count(*) as n from (select 1 as one from metric_point where series = ?"
                    + within.sql()
                    + " limit ?) as few",
                row -> row.whole("n"),
                limited)
            .getFirst();
    if (count <= most) return new Series(run, key, count, true, exact(tx, within));
    if (count <= enough) {
      Envelope envelope = envelope(extent(tx, within), axis, most);
      scan(tx, within, envelope);
      return new Series(run, key, count, false, envelope.parts());
    }
    Envelope envelope = envelope(likely(tx, within, head), axis, most);
    long walked = SeriesWalk.fill(tx, within, envelope);
    if (envelope.isPassed()) {
      envelope = envelope(extent(tx, within), axis, most);
      walked = SeriesWalk.fill(tx, within, envelope);
    }
    return new Series(run, key, walked, false, envelope.parts());
  }

  private static Envelope envelope(Extent extent, Envelope.Axis axis, int parts) {
    return new Envelope(axis, extent.least(), extent.most(), parts);
  }

  /// Along steps, from the step of the first point to the greatest, which the series knows: right
  /// if no step is less than the first. The envelope tells when one is.
  private static Extent likely(Tx tx, Within within, Head head) {
    if (within.axis() == Envelope.Axis.TIME || within.from() != null) return extent(tx, within);
    long first =
        tx.first(
                "select step from metric_point where series = ? order by at, step limit 1",
                row -> row.whole("step"),
                within.args())
            .orElse(head.step());
    return new Extent(Math.min(first, head.step()), head.step());
  }

  private static Extent extent(Tx tx, Within within) {
    return new Extent(edge(tx, within, "min"), edge(tx, within, "max"));
  }

  /// Asked one at a time the edges of time are read from the key, without a scan.
  private static long edge(Tx tx, Within within, String edge) {
    return tx.query(
            "select coalesce(%s(%s), 0) as x from metric_point where series = ?"
                    .formatted(edge, within.column())
                + within.sql(),
            row -> row.whole("x"),
            within.args())
        .getFirst();
  }

  private static List<Envelope.Part> exact(Tx tx, Within within) {
    List<Envelope.Part> exact = new ArrayList<>();
    each(
        tx,
        within,
        row -> {
          double value = SeriesWalk.value(row);
          exact.add(
              new Envelope.Part(row.whole("step"), row.whole("at"), value, value, value, value));
        });
    exact.sort(order(within.axis()));
    return exact;
  }

  private static void scan(Tx tx, Within within, Envelope envelope) {
    each(
        tx, within, row -> envelope.add(row.whole("step"), row.whole("at"), SeriesWalk.value(row)));
  }

  private static void each(Tx tx, Within within, Consumer<Row> each) {
    tx.each(
        "select at, step, value, is_nan from metric_point where series = ?" + within.sql(),
        each,
        within.args());
  }

  private static Comparator<Envelope.Part> order(Envelope.Axis axis) {
    Comparator<Envelope.Part> byStep =
        Comparator.comparingLong(Envelope.Part::step).thenComparingLong(Envelope.Part::atMillis);
    Comparator<Envelope.Part> byTime =
        Comparator.comparingLong(Envelope.Part::atMillis).thenComparingLong(Envelope.Part::step);
    return (axis == Envelope.Axis.STEP ? byStep : byTime).thenComparingDouble(Envelope.Part::first);
  }
}
