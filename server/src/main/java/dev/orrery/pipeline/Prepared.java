package dev.orrery.pipeline;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.evaluation.TimeSplit;
import dev.orrery.feature.FeatureSet;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The rows of a data version as features and targets, split in order of time.
///
/// @param times event times of the training rows, ascending, in microseconds
/// @param known when their outcomes became known
/// @param validationRows where the validation rows stand in the version
/// @param start the first event time of validation, in microseconds
record Prepared(
    Table training,
    double[] trainingTarget,
    long[] times,
    long[] known,
    Table validation,
    double[] validationTarget,
    long[] validationTimes,
    int[] validationRows,
    long start) {
  private static final int ROWS_MIN = 20;

  /// @param holdout the span whose rows validate, up to the last row or `now`, whichever is earlier
  /// @param history how far back from there rows are trained on; null: all
  /// @throws Problem NO_VALIDATION_ROWS if there are too few on one side
  static Prepared of(
      Table rows,
      Dataset dataset,
      String target,
      FeatureSet set,
      DataVersion version,
      Duration holdout,
      @Nullable Duration history) {
    Instant end = version.to().isBefore(version.knownUntil()) ? version.to() : version.knownUntil();
    long cut = micros(end.minus(holdout));
    Table all = dataset.complete(rows);
    int[] kept = recent(all.micros(Dataset.KNOWN_AT), set, cut, history);
    Table complete = kept.length == all.rows() ? all : all.pick(kept);
    long[] times = complete.micros(dataset.time());
    long[] known = knownOrNot(complete, target);
    TimeSplit split = split(times, known, cut, holdout, version);
    long oldest = history == null ? Long.MIN_VALUE : split.start() - history.toNanos() / 1_000;
    int[] train = Arrays.stream(split.train()).filter(i -> times[i] >= oldest).toArray();
    int[] validate = split.validation();
    if (train.length < ROWS_MIN || validate.length < ROWS_MIN) {
      throw tooFew(train.length, validate.length, holdout, version);
    }
    Table features = set.history(complete);
    double[] targets = complete.numbers(target);
    return new Prepared(
        features.pick(train),
        pick(targets, train),
        pick(times, train),
        pick(known, train),
        features.pick(validate),
        pick(targets, validate),
        pick(times, validate),
        Arrays.stream(validate).map(i -> kept[i]).toArray(),
        split.start());
  }

  /// The moment by which all was known that is trained on.
  Instant trainedUntil() {
    return instant(Arrays.stream(known).max().orElse(start));
  }

  Instant validatedFrom() {
    return instant(start);
  }

  Instant validatedUntil() {
    return instant(validationTimes[validationTimes.length - 1]);
  }

  /// The rows that stand on a side, or reach into a window of one that does.
  private static int[] recent(long[] known, FeatureSet set, long cut, @Nullable Duration history) {
    long oldest =
        history == null ? Long.MIN_VALUE : cut - history.toNanos() / 1_000 - set.longestMicros();
    return IntStream.range(0, known.length).filter(i -> known[i] >= oldest).toArray();
  }

  /// When each outcome became known; never where it is missing.
  private static long[] knownOrNot(Table complete, String target) {
    long[] known = complete.micros(Dataset.KNOWN_AT).clone();
    double[] targets = complete.numbers(target);
    for (int i = 0; i < known.length; i++) {
      if (Double.isNaN(targets[i])) known[i] = TimeSplit.UNKNOWN;
    }
    return known;
  }

  private static TimeSplit split(
      long[] times, long[] known, long cut, Duration holdout, DataVersion version) {
    try {
      return TimeSplit.from(times, known, cut);
    } catch (Problem e) {
      throw tooFew(0, 0, holdout, version).because(e);
    }
  }

  private static Problem tooFew(long train, long validate, Duration holdout, DataVersion version) {
    return new Problem(
        Fault.NO_VALIDATION_ROWS,
        "%s has %d rows to train on and %d to validate on with a holdout of %s"
            .formatted(version.id(), train, validate, holdout.toString().substring(2)),
        "Give it a longer period, or change 'model.validation.holdout'");
  }

  static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  static double[] pick(double[] values, int[] rows) {
    double[] picked = new double[rows.length];
    for (int i = 0; i < rows.length; i++) picked[i] = values[rows[i]];
    return picked;
  }

  static long[] pick(long[] values, int[] rows) {
    long[] picked = new long[rows.length];
    for (int i = 0; i < rows.length; i++) picked[i] = values[rows[i]];
    return picked;
  }
}
