package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.journal.Journal.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// How a shadow's answers differ from those that clients got.
///
/// @param rows that both scored
/// @param different the share of rows whose decision would have been another; NaN without rows
/// @param meanDifference of the scores' absolute difference, `maxDifference` its greatest
/// @param correlation Pearson's, of the two scores; NaN where one of them does not vary
/// @param histogram rows by absolute difference: below 0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, and
///   the rest
/// @param slices where decisions differ most often, the worst first
/// @param known rows with an outcome, and on them the mean log loss of both
public record ShadowReport(
    Semver version,
    Semver champion,
    @Nullable Instant since,
    long rows,
    double different,
    double meanDifference,
    double maxDifference,
    double correlation,
    List<Long> histogram,
    List<Slice> slices,
    long known,
    double servedLogLoss,
    double shadowLogLoss) {
  static final List<Double> EDGES = List.of(0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5);
  private static final int SLICES = 5;
  private static final int SLICE_ROWS_MIN = 30;
  private static final int VALUES_MAX = 1_000;
  private static final int WAITING_MAX = 20_000;
  private static final int PAIRS_AT_ONCE = 4_096;
  private static final double TINY = 1e-15;

  /// The rows that share a value.
  ///
  /// @param column of the request, `value` its value, or for numbers the power of two below it
  public record Slice(String column, String value, long rows, double different) {}

  /// Gathers; not for use by several threads.
  static final class Gatherer {
    private final Loaded shadow;
    private final Map<String, Map<String, long[]>> bySlice = new TreeMap<>();
    private final long[] histogram = new long[EDGES.size() + 1];
    private long rows;
    private long different;
    private double sum;
    private double max;
    private double x;
    private double y;
    private double xx;
    private double yy;
    private double xy;
    private long known;
    private double servedLoss;
    private double shadowLoss;

    Gatherer(Loaded shadow) {
      this.shadow = shadow;
    }

    private void addAll(List<Pair> pairs, Outcomes outcomes) {
      if (pairs.isEmpty()) return;
      pairs.sort(Comparator.comparing(pair -> pair.scored().of()));
      var known = outcomes.targets(pairs.getFirst().scored().of(), pairs.getLast().scored().of());
      for (Pair pair : pairs) {
        add(pair.served(), pair.scored(), known.getOrDefault(pair.scored().of(), List.of()));
      }
      pairs.clear();
    }

    private void add(Frame.Predictions served, Frame.Shadow scored, List<Outcomes.Known> outcomes) {
      for (int row = 0; row < served.rows(); row++) {
        double theirs = served.scores()[row];
        double ours = scored.scores()[row];
        boolean differs = shadow.model().prediction(ours) != served.predictions()[row];
        double gap = Math.abs(ours - theirs);
        rows++;
        if (differs) different++;
        sum += gap;
        max = Math.max(max, gap);
        x += theirs;
        y += ours;
        xx += theirs * theirs;
        yy += ours * ours;
        xy += theirs * ours;
        int bin = 0;
        while (bin < EDGES.size() && gap >= EDGES.get(bin)) bin++;
        histogram[bin]++;
        slices(served.raw(), row, differs);
      }
      for (Outcomes.Known outcome : outcomes) {
        known++;
        servedLoss += loss(served.scores()[outcome.row()], outcome.target());
        shadowLoss += loss(scored.scores()[outcome.row()], outcome.target());
      }
    }

    private void slices(Table raw, int row, boolean differs) {
      raw.columns()
          .forEach((name, column) -> {
            String value = value(column, row);
            if (value == null) return;
            Map<String, long[]> values = bySlice.computeIfAbsent(name, _ -> new HashMap<>());
            if (values.size() >= VALUES_MAX && !values.containsKey(value)) return;
            long[] cell = values.computeIfAbsent(value, _ -> new long[2]);
            cell[0]++;
            if (differs) cell[1]++;
          });
    }

    private static @Nullable String value(Column column, int row) {
      return switch (column) {
        case Strings strings -> strings.values()[row];
        case Numbers(double[] values) -> {
          double value = values[row];
          if (Double.isNaN(value)) yield null;
          if (Math.abs(value) < 1) yield value == 0 ? "0" : "below 1";
          double power = Math.scalb(1.0, Math.getExponent(value));
          yield (value < 0 ? "-" : "") + ">= " + (long) Math.min(power, 1e15);
        }
        case Table.Times _ -> null;
      };
    }

    ShadowReport report(Semver champion, @Nullable Instant since) {
      double n = rows;
      double covariance = xy - x * y / n;
      double spread = Math.sqrt((xx - x * x / n) * (yy - y * y / n));
      var counts = new ArrayList<Long>();
      for (long count : histogram) counts.add(count);
      return new ShadowReport(
          shadow.version(),
          champion,
          since,
          rows,
          different / n,
          sum / n,
          rows == 0 ? Double.NaN : max,
          spread > 1e-12 * n ? Math.clamp(covariance / spread, -1, 1) : Double.NaN,
          List.copyOf(counts),
          worst(),
          known,
          servedLoss / known,
          shadowLoss / known);
    }

    private List<Slice> worst() {
      var slices = new ArrayList<Slice>();
      bySlice.forEach((column, values) ->
          values.forEach((value, cell) -> {
            if (cell[0] >= SLICE_ROWS_MIN && cell[1] > 0) {
              slices.add(new Slice(column, value, cell[0], (double) cell[1] / cell[0]));
            }
          }));
      slices.sort(
          Comparator.comparingDouble(Slice::different)
              .thenComparingLong(Slice::rows)
              .reversed()
              .thenComparing(Slice::column)
              .thenComparing(Slice::value));
      return List.copyOf(slices.subList(0, Math.min(SLICES, slices.size())));
    }
  }

  /// Reads the log from a place on.
  static ShadowReport of(
      PredictionLog log,
      Outcomes outcomes,
      Loaded shadow,
      Semver champion,
      Position from,
      @Nullable Instant since) {
    var gatherer = new Gatherer(shadow);
    String version = shadow.version().toString();
    Map<Position, Frame.Predictions> waiting =
        new LinkedHashMap<>() {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Position, Frame.Predictions> eldest) {
            return size() > WAITING_MAX;
          }
        };
    List<Pair> pairs = new ArrayList<>();
    log.read(
        from,
        (at, frame, _) -> {
          switch (frame) {
            case Frame.Predictions served -> {
              if (!served.version().equals(version)) waiting.put(at, served);
            }
            case Frame.Shadow scored -> {
              if (!scored.version().equals(version)) break;
              Frame.Predictions served = waiting.remove(scored.of());
              if (served == null) break;
              pairs.add(new Pair(served, scored));
              if (pairs.size() == PAIRS_AT_ONCE) gatherer.addAll(pairs, outcomes);
            }
          }
          return true;
        });
    gatherer.addAll(pairs, outcomes);
    return gatherer.report(champion, since);
  }

  private record Pair(Frame.Predictions served, Frame.Shadow scored) {}

  private static double loss(double score, double actual) {
    double share = Math.clamp(score, TINY, 1 - TINY);
    return actual == 1 ? -Math.log(share) : -Math.log1p(-share);
  }
}
