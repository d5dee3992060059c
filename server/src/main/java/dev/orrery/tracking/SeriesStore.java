package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Reads metrics of runs to be drawn.
final class SeriesStore {
  private static final int POINTS = 1_000;
  private static final int POINTS_MAX = 5_000;
  private static final int SERIES_MAX = 500;
  private static final int TOTAL_MAX = 500_000;

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

  private record Extent(long count, long least, long most) {}

  private SeriesStore() {}

  static List<Series> of(Tx tx, Ask ask) {
    List<Series> series = new ArrayList<>();
    for (String run : Objects.requireNonNull(ask.runs())) {
      for (String key : Objects.requireNonNull(ask.keys())) {
        tx.first(
                "select id from metric_series where run = ? and name = ?",
                row -> row.whole("id"),
                run,
                key)
            .ifPresent(id -> series.add(of(tx, ask, run, key, id)));
      }
    }
    return series;
  }

  private static Series of(Tx tx, Ask ask, String run, String key, long id) {
    Envelope.Axis axis = ask.along();
    String x = axis == Envelope.Axis.STEP ? "step" : "at";
    long from = Objects.requireNonNullElse(ask.from(), Long.MIN_VALUE);
    long to = Objects.requireNonNullElse(ask.to(), Long.MAX_VALUE);
    boolean isWhole = ask.from() == null && ask.to() == null;
    String within = isWhole ? "where series = ?" : "where series = ? and " + x + " between ? and ?";
    Object[] args = isWhole ? new Object[] {id} : new Object[] {id, from, to};
    Extent extent =
        tx.query(
                "select count(*) as n, coalesce(min("
                    + x
                    + "), 0) as least, coalesce(max("
                    + x
                    + "), 0) as most from metric_point "
                    + within,
                row -> new Extent(row.whole("n"), row.whole("least"), row.whole("most")),
                args)
            .getFirst();
    String points = "select at, step, value, is_nan from metric_point " + within;
    int most = Objects.requireNonNullElse(ask.points(), POINTS);
    if (extent.count() <= most) {
      List<Envelope.Part> exact = new ArrayList<>();
      tx.query(
          points,
          row -> {
            double value = row.flag("is_nan") ? Double.NaN : row.number("value");
            return exact.add(
                new Envelope.Part(row.whole("step"), row.whole("at"), value, value, value, value));
          },
          args);
      exact.sort(order(axis));
      return new Series(run, key, extent.count(), true, exact);
    }
    var envelope = new Envelope(axis, extent.least(), extent.most(), most);
    tx.query(
        points,
        row -> {
          envelope.add(
              row.whole("step"),
              row.whole("at"),
              row.flag("is_nan") ? Double.NaN : row.number("value"));
          return null;
        },
        args);
    return new Series(run, key, extent.count(), false, envelope.parts());
  }

  private static Comparator<Envelope.Part> order(Envelope.Axis axis) {
    Comparator<Envelope.Part> byStep =
        Comparator.comparingLong(Envelope.Part::step).thenComparingLong(Envelope.Part::atMillis);
    Comparator<Envelope.Part> byTime =
        Comparator.comparingLong(Envelope.Part::atMillis).thenComparingLong(Envelope.Part::step);
    return (axis == Envelope.Axis.STEP ? byStep : byTime).thenComparingDouble(Envelope.Part::first);
  }
}
