package dev.orrery.tracking;

import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Fills an [Envelope] from a long series without bringing its points into this process: the
/// history is cut, in its own order of (time, step), into ranges that each lie in one part of the
/// axis, and the database tells the count, the least and the greatest of each.
///
/// Along time a range is a part. Along steps it is one only as long as steps do not fall; so each
/// range is asked whether all its steps lie between that of its first point and that of its last.
/// Where they do not, its points are read one by one, and after a few such ranges all the rest is.
/// The answer is the same in every case.
final class SeriesWalk {
  private static final int DISORDERS_MAX = 4;
  private static final String FROM = " from metric_point where series = ?";
  private static final String BEGIN = " and (at, step) >= (?, ?)";
  private static final String END = " and (at, step) <= (?, ?)";
  private static final String FORTH = " order by at, step, is_nan, value limit 1";
  private static final String BACK =
      " order by at desc, step desc, is_nan desc, value desc limit 1";

  /// @param from the least step or time to read
  /// @param to the greatest; both or neither
  record Within(long series, Envelope.Axis axis, @Nullable Long from, @Nullable Long to) {
    String column() {
      return axis == Envelope.Axis.STEP ? "step" : "at";
    }

    String sql() {
      return from == null ? "" : " and " + column() + " between ? and ?";
    }

    @Nullable Object[] args(@Nullable Object... more) {
      List<@Nullable Object> args = new ArrayList<>();
      Collections.addAll(args, more);
      args.addFirst(series);
      if (from != null) args.addAll(Arrays.asList(from, to));
      return args.toArray();
    }
  }

  private record Point(long at, long step, double value) {}

  /// @param strays how many steps lie outside those of the first and the last point
  private record Sum(long count, double least, double most, long strays) {}

  private final Tx tx;
  private final Within within;
  private final Envelope envelope;
  private final boolean isByStep;
  private long count;

  private SeriesWalk(Tx tx, Within within, Envelope envelope) {
    this.tx = tx;
    this.within = within;
    this.envelope = envelope;
    this.isByStep = within.axis() == Envelope.Axis.STEP;
  }

  /// @return how many points there are
  static long fill(Tx tx, Within within, Envelope envelope) {
    var walk = new SeriesWalk(tx, within, envelope);
    walk.run();
    return walk.count;
  }

  private void run() {
    int disorders = 0;
    Optional<Point> next = point("", FORTH);
    while (next.isPresent()) {
      Point first = next.get();
      if (disorders >= DISORDERS_MAX) {
        read(BEGIN, first.at(), first.step());
        return;
      }
      next = after(first);
      Point last =
          next.isEmpty()
              ? point("", BACK).orElse(first)
              : point(" and (at, step) < (?, ?)", BACK, next.get().at(), next.get().step())
                  .orElse(first);
      Sum sum = sum(first, last);
      if (sum.strays() > 0) {
        disorders++;
        read(BEGIN + END, first.at(), first.step(), last.at(), last.step());
      } else {
        count += sum.count();
        envelope.add(first.step(), first.at(), first.value());
        envelope.add(last.step(), last.at(), last.value());
        envelope.widen(isByStep ? first.step() : first.at(), sum.least(), sum.most());
      }
    }
  }

  /// The first point behind the range that begins with a point.
  private Optional<Point> after(Point first) {
    int part = envelope.part(isByStep ? first.step() : first.at());
    if (part == envelope.size() - 1) return Optional.empty();
    long end = envelope.start(part + 1);
    // All of a series may be at one step or time, which is one part.
    if (envelope.part(end) <= part) return Optional.empty();
    return isByStep
        ? point(BEGIN + " and step >= ?", FORTH, first.at(), first.step(), end)
        : point(" and at >= ?", FORTH, end);
  }

  private Optional<Point> point(String where, String order, Object... args) {
    return tx.first(
        "select at, step, value, is_nan" + FROM + where + within.sql() + order,
        row -> new Point(row.whole("at"), row.whole("step"), value(row)),
        within.args(args));
  }

  private Sum sum(Point first, Point last) {
    if (isByStep && first.step() > last.step()) return new Sum(0, Double.NaN, Double.NaN, 1);
    String strays =
        isByStep
            ? ", count(case when step < ? or step > ? then 1 end) as strays"
            : ", count(case when at < ? or at > ? then 1 end) as strays";
    @Nullable Object[] range = within.args(first.at(), first.step(), last.at(), last.step());
    List<@Nullable Object> args = new ArrayList<>();
    Collections.addAll(args, range);
    args.addFirst(isByStep ? last.step() : last.at());
    args.addFirst(isByStep ? first.step() : first.at());
    return tx.query(
            """
            select count(*) as n, min(case when is_nan = 0 then value end) as least,
              max(case when is_nan = 0 then value end) as most\
            """
                + strays
                + FROM
                + BEGIN
                + END
                + within.sql(),
            row ->
                new Sum(
                    row.whole("n"),
                    real(row.numberOrNull("least")),
                    real(row.numberOrNull("most")),
                    row.whole("strays")),
            args.toArray())
        .getFirst();
  }

  private void read(String where, Object... args) {
    tx.each(
        "select at, step, value, is_nan" + FROM + where + within.sql(),
        row -> {
          count++;
          envelope.add(row.whole("step"), row.whole("at"), value(row));
        },
        within.args(args));
  }

  static double value(Row row) {
    return row.flag("is_nan") ? Double.NaN : row.number("value");
  }

  private static double real(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }
}
