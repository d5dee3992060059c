package dev.orrery.feature;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Times;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The state from which features are computed: what became known, per entity.
///
/// Training fills it with a whole history; serving fills it with what is known, row by row, and
/// forgets what no window reaches. Safe for use by many threads.
public final class LiveFeatures {
  private static final int ENTITIES_MAX = 1_000_000;
  private static final double VALUE_MAX = 9e9;
  private static final double SCALE = 1e6;

  private final FeatureSet set;

  /// Views are found as the objects they are: as values, each look would hash all their formulas.
  private final Map<FeatureView.Windows, Map<String, EntityLog>> logs = new IdentityHashMap<>();

  /// The names of the features, view after view.
  private final Columns.Names names;

  private volatile boolean isLearning;

  public LiveFeatures(FeatureSet set) {
    this.set = set;
    for (FeatureView view : set.views()) {
      if (view instanceof FeatureView.Windows windows) logs.put(windows, new HashMap<>());
    }
    this.names =
        new Columns.Names(set.views().stream().flatMap(v -> v.features().stream()).toList());
  }

  public FeatureSet set() {
    return set;
  }

  /// Learns outcomes: rows with their inputs, outcomes, targets and the moment each became known. A
  /// row whose moment is missing is not known yet and is passed over.
  public void learn(Table events) {
    isLearning = true;
    try {
      learnNow(events);
    } finally {
      isLearning = false;
    }
  }

  /// Whether features have to wait for outcomes that are being learnt.
  public boolean isLearning() {
    return isLearning;
  }

  private synchronized void learnNow(Table events) {
    long[] known = events.micros(set.knownAt());
    int[] order = byTime(known);
    for (var view : logs.entrySet()) {
      FeatureView.Windows windows = view.getKey();
      double[][] values =
          windows.columns().values().stream()
              .map(aggregate -> ((Numbers) aggregate.of().eval(events)).values())
              .toArray(double[][]::new);
      @Nullable String[] entities = events.strings(windows.entity());
      long[] row = new long[values.length];
      for (int i : order) {
        if (known[i] == Times.NONE) continue;
        for (int a = 0; a < row.length; a++) row[a] = millionths(values[a][i]);
        log(view.getValue(), String.valueOf(entities[i]), row.length).add(known[i], row);
      }
    }
  }

  /// The features of rows, each as of its own time.
  public synchronized Table features(Table rows) {
    long[] at = rows.micros(set.time());
    Column[] columns = new Column[names.size()];
    int place = 0;
    for (FeatureView view : set.views()) {
      switch (view) {
        case FeatureView.Row row -> {
          for (Expression formula : row.columns().values()) columns[place++] = formula.eval(rows);
        }
        case FeatureView.Windows windows -> {
          for (double[] values : windows(windows, rows, at)) {
            columns[place++] = new Numbers(values);
          }
        }
      }
    }
    return new Table(new Columns(names, columns), rows.rows());
  }

  /// Forgets what no window of a row at this moment or later reaches.
  public synchronized void forgetBefore(long moment) {
    long horizon = moment - set.longestMicros();
    logs.values()
        .forEach(entities -> {
          entities.values().forEach(log -> log.forget(horizon));
          entities.values().removeIf(log -> log.size() == 0);
        });
  }

  private double[][] windows(FeatureView.Windows view, Table rows, long[] at) {
    Map<String, EntityLog> entities = logs.getOrDefault(view, Map.of());
    var aggregates = view.columns().values().toArray(FeatureView.Aggregate[]::new);
    int width = view.windows().size() * aggregates.length;
    double[][] values = new double[width][rows.rows()];
    @Nullable String[] names = rows.strings(view.entity());
    for (int i = 0; i < rows.rows(); i++) {
      EntityLog log = entities.get(String.valueOf(names[i]));
      int end = log == null ? 0 : log.upTo(at[i]);
      int column = 0;
      for (FeatureView.Window window : view.windows()) {
        int from = log == null ? 0 : log.upTo(at[i] - window.micros());
        for (int a = 0; a < aggregates.length; a++) {
          values[column++][i] =
              log == null
                  ? empty(aggregates[a].kind())
                  : value(log, aggregates[a].kind(), a, from, end);
        }
      }
    }
    return values;
  }

  private static double value(
      EntityLog log, FeatureView.Aggregate.Kind kind, int aggregate, int from, int end) {
    int count = log.count(aggregate, from, end);
    if (count == 0) return empty(kind);
    return switch (kind) {
      case COUNT -> count;
      case SUM -> log.sum(aggregate, from, end) / SCALE;
      case MEAN -> log.sum(aggregate, from, end) / SCALE / count;
    };
  }

  private static double empty(FeatureView.Aggregate.Kind kind) {
    return kind == FeatureView.Aggregate.Kind.MEAN ? Double.NaN : 0;
  }

  private static EntityLog log(Map<String, EntityLog> entities, String name, int aggregates) {
    EntityLog log = entities.get(name);
    if (log != null) return log;
    if (entities.size() == ENTITIES_MAX) {
      throw new Problem(
          Fault.TOO_MANY_ENTITIES,
          "a window view has over %,d entities".formatted(ENTITIES_MAX),
          "Window over a column with fewer distinct values");
    }
    var fresh = new EntityLog(aggregates);
    entities.put(name, fresh);
    return fresh;
  }

  private static long millionths(double value) {
    if (Double.isNaN(value)) return Long.MIN_VALUE;
    return Math.round(Math.clamp(value, -VALUE_MAX, VALUE_MAX) * SCALE);
  }

  /// The rows in order of time; equal times keep their order.
  static int[] byTime(long[] times) {
    boolean sorted = true;
    for (int i = 1; i < times.length && sorted; i++) sorted = times[i - 1] <= times[i];
    int[] order = new int[times.length];
    Arrays.setAll(order, i -> i);
    if (sorted) return order;
    int[] merged = new int[times.length];
    for (int width = 1; width < order.length; width *= 2) {
      for (int low = 0; low < order.length; low += 2 * width) {
        merge(times, order, merged, low, Math.min(low + width, order.length), low + 2 * width);
      }
      int[] swap = order;
      order = merged;
      merged = swap;
    }
    return order;
  }

  private static void merge(long[] times, int[] from, int[] to, int low, int middle, int end) {
    int a = low;
    int b = middle;
    for (int i = low; i < Math.min(end, from.length); i++) {
      boolean left =
          a < middle && (b >= Math.min(end, from.length) || times[from[a]] <= times[from[b]]);
      to[i] = left ? from[a++] : from[b++];
    }
  }
}
