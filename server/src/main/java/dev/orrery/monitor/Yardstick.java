package dev.orrery.monitor;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.model.Encoding;
import dev.orrery.model.ModelPackage;
import dev.orrery.monitor.FeatureCounts.Cells;
import dev.orrery.stats.Drift;
import dev.orrery.stats.KolmogorovSmirnov;
import dev.orrery.stats.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// What one feature is measured against: its training reference, laid out for counting.
///
/// Kolmogorov-Smirnov's D against the reference's sample needs no current values, only how many of
/// them lie between and at the sample's points: between two points the sample's distribution stands
/// still, so that the largest gap is at one of the two ends. Such counts add up over days, and D
/// comes out as if all values had been kept.
final class Yardstick {
  /// Above so many cells the exact probability of D would take too long for a daily look.
  private static final long EXACT_CELLS_MAX = 200_000;

  private final Reference reference;

  /// The texts of training; null for numbers, and where they are not all known.
  private final Encoding.@Nullable Category category;

  /// The distinct values of the reference's sample, ascending.
  private final double[] points;

  /// How many of the sample lie at or below each point.
  private final long[] upTo;

  Yardstick(Reference reference, Encoding encoding) {
    this.reference = reference;
    boolean tells = encoding instanceof Encoding.Category texts && texts.tellsUnseen();
    this.category = tells ? (Encoding.Category) encoding : null;
    double[] sample = reference.sample().stream().mapToDouble(Double::doubleValue).toArray();
    double[] distinct = new double[sample.length];
    long[] counts = new long[sample.length];
    int n = 0;
    for (int i = 0; i < sample.length; i++) {
      if (i == 0 || sample[i] != sample[i - 1]) distinct[n++] = sample[i];
      counts[n - 1] = i + 1;
    }
    this.points = Arrays.copyOf(distinct, n);
    this.upTo = Arrays.copyOf(counts, n);
  }

  /// One for each reference of a version.
  static List<Yardstick> of(ModelPackage model) {
    var yardsticks = new ArrayList<Yardstick>();
    for (Reference reference : model.references()) {
      int input = model.signature().index(reference.column());
      yardsticks.add(new Yardstick(reference, model.preprocessor().encodings().get(input)));
    }
    return List.copyOf(yardsticks);
  }

  String feature() {
    return reference.column();
  }

  /// How many bins the reference has, the one for missing values included.
  int bins() {
    return reference.bins().count();
  }

  /// Counts some rows of a table; null if it has no such feature, or one of another type.
  @Nullable Cells count(Table features, int[] rows) {
    if (!features.has(feature())) return null;
    return switch (features.column(feature())) {
      case Numbers numbers when reference.bins().numeric() -> count(numbers.pick(rows).values());
      case Strings texts when !reference.bins().numeric() -> count(texts.pick(rows).values());
      default -> null;
    };
  }

  private Cells count(@Nullable String[] texts) {
    UnseenTexts unseen = category == null ? null : UnseenTexts.of(category, texts);
    return new Cells(reference.bins().counts(texts), new long[0], unseen);
  }

  private Cells count(double[] values) {
    long[] steps = new long[2 * points.length + 1];
    for (double value : values) {
      if (Double.isNaN(value)) continue;
      int found = Arrays.binarySearch(points, value + 0.0);
      steps[found >= 0 ? 2 * found + 1 : 2 * (-found - 1)]++;
    }
    long[] kept = points.length == 0 ? new long[0] : steps;
    return new Cells(reference.bins().counts(values), kept, null);
  }

  /// The population stability index, if both sides have rows.
  OptionalDouble psi(Cells now) {
    long[] then = reference.countsArray();
    if (now.rows() == 0 || Arrays.stream(then).sum() == 0) return OptionalDouble.empty();
    return OptionalDouble.of(Drift.psi(then, now.bins()));
  }

  /// The test of Kolmogorov and Smirnov; null for texts, or where a side has no values.
  @Nullable KolmogorovSmirnov ks(Cells now) {
    if (points.length == 0 || now.steps().length == 0) return null;
    long values = Arrays.stream(now.steps()).sum();
    if (values == 0) return null;
    double sample = upTo[upTo.length - 1];
    double d = 0;
    long seen = 0;
    long before = 0;
    for (int i = 0; i < points.length; i++) {
      seen += now.steps()[2 * i];
      d = Math.max(d, Math.abs(before / sample - (double) seen / values));
      seen += now.steps()[2 * i + 1];
      before = upTo[i];
      d = Math.max(d, Math.abs(before / sample - (double) seen / values));
    }
    return KolmogorovSmirnov.at(d, (long) sample, values, EXACT_CELLS_MAX);
  }
}
