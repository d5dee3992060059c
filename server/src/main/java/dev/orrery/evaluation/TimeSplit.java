package dev.orrery.evaluation;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Rows parted in order of time.
///
/// A row is trained on only if its outcome was known before the first moment that is validated:
/// that its event lies before is not enough. Rows of one moment stay on one side.
///
/// @param train rows to train on, in order of event time
/// @param validation rows to measure on, in order of event time
/// @param start the first event time of validation, in microseconds
public record TimeSplit(int[] train, int[] validation, long start) {
  /// The time of an outcome that is not known yet, as in a table's columns of times.
  public static final long UNKNOWN = Long.MIN_VALUE;

  /// The last share of the rows for validation.
  ///
  /// @param eventTime per row, in microseconds
  /// @param knownAt when each row's outcome became known, in microseconds, or UNKNOWN: such rows
  ///   are on neither side
  /// @param share of the rows that validate, over 0 and under 1
  /// @throws Problem of kind INVALID if one side would be empty
  public static TimeSplit holdout(long[] eventTime, long[] knownAt, double share) {
    if (!(share > 0 && share < 1)) throw new IllegalArgumentException("share: " + share);
    int[] order = order(eventTime, knownAt);
    int at = (int) Math.round(order.length * (1 - share));
    return split(eventTime, knownAt, order, at, order.length);
  }

  /// Validation from a moment on.
  ///
  /// @param start in microseconds
  /// @throws Problem of kind INVALID if one side would be empty
  public static TimeSplit from(long[] eventTime, long[] knownAt, long start) {
    int[] order = order(eventTime, knownAt);
    int at = 0;
    while (at < order.length && eventTime[order[at]] < start) at++;
    return split(eventTime, knownAt, order, at, order.length);
  }

  /// Cross-validation in order of time: the rows are cut into `folds + 1` parts of about one size;
  /// each but the first is validated by a model of what was known before it.
  ///
  /// @throws Problem of kind INVALID if one side of a fold would be empty
  public static List<TimeSplit> expanding(long[] eventTime, long[] knownAt, int folds) {
    if (folds < 1) throw new IllegalArgumentException("folds: " + folds);
    int[] order = order(eventTime, knownAt);
    int[] cuts = new int[folds + 2];
    for (int k = 0; k <= folds + 1; k++) {
      cuts[k] = whole(eventTime, order, (int) ((long) k * order.length / (folds + 1)));
    }
    List<TimeSplit> splits = new ArrayList<>();
    for (int k = 1; k <= folds; k++) {
      splits.add(split(eventTime, knownAt, order, cuts[k], cuts[k + 1]));
    }
    return List.copyOf(splits);
  }

  private static TimeSplit split(long[] eventTime, long[] knownAt, int[] order, int from, int to) {
    int cut = whole(eventTime, order, from);
    if (cut >= to) throw tooFew(order.length);
    long start = eventTime[order[cut]];
    int[] train = Arrays.stream(order, 0, cut).filter(row -> knownAt[row] < start).toArray();
    if (train.length == 0) throw tooFew(order.length);
    return new TimeSplit(train, Arrays.copyOfRange(order, cut, to), start);
  }

  /// The rows whose outcome is known, in order of event time, those of one moment in their own.
  private static int[] order(long[] eventTime, long[] knownAt) {
    if (eventTime.length != knownAt.length) {
      throw new IllegalArgumentException(
          "%d event times and %d known-at times".formatted(eventTime.length, knownAt.length));
    }
    int[] rows = new int[eventTime.length];
    int count = 0;
    boolean ascending = true;
    for (int i = 0; i < eventTime.length; i++) {
      if (knownAt[i] == UNKNOWN || eventTime[i] == UNKNOWN) continue;
      if (count > 0 && eventTime[rows[count - 1]] > eventTime[i]) ascending = false;
      rows[count++] = i;
    }
    int[] known = Arrays.copyOf(rows, count);
    if (ascending) return known;
    return Arrays.stream(known)
        .boxed()
        .sorted((a, b) -> Long.compare(eventTime[a], eventTime[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /// The first place at or after this one where a new moment begins.
  private static int whole(long[] eventTime, int[] order, int at) {
    int cut = at;
    while (cut > 0 && cut < order.length && eventTime[order[cut]] == eventTime[order[cut - 1]]) {
      cut++;
    }
    return cut;
  }

  private static Problem tooFew(int rows) {
    return new Problem(
        Fault.NO_FOLDS,
        "%d rows of known outcome cannot be split in order of time: one side would be empty"
            .formatted(rows),
        "Take a longer period or fewer folds");
  }
}
