package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.Journal.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Reads a span of event times from the log, with outcomes and shadow scores.
final class LogScan {
  /// 4 MB each on disk, and about four times that in memory.
  private static final int SEGMENTS_AT_ONCE = 6;

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final String time;

  LogScan(PredictionLog log, Outcomes outcomes, String time) {
    this.log = log;
    this.outcomes = outcomes;
    this.time = time;
  }

  private record Picked(Position at, Frame.Predictions frame, int[] rows) {}

  /// The rows with event times in [from, to), in the order in which they were answered.
  ///
  /// @param knownBy outcomes known later count as unknown
  ScoredRows rows(long from, long to, Instant knownBy) {
    return rows(log.segments(from, to), from, to, knownBy, true);
  }

  /// The same rows, without their features, a few segments at a time: as many as there may be, in
  /// bounded memory.
  void each(long from, long to, Instant knownBy, Consumer<ScoredRows> part) {
    List<Integer> segments = log.segments(from, to);
    for (int at = 0; at < segments.size(); at += SEGMENTS_AT_ONCE) {
      List<Integer> few = segments.subList(at, Math.min(segments.size(), at + SEGMENTS_AT_ONCE));
      part.accept(rows(few, from, to, knownBy, false));
    }
  }

  private ScoredRows rows(
      List<Integer> segments, long from, long to, Instant knownBy, boolean features) {
    var picked = new ArrayList<Picked>();
    Map<Position, List<Frame.Shadow>> shadows = new HashMap<>();
    if (!segments.isEmpty()) {
      Set<Integer> wanted = Set.copyOf(segments);
      int last = segments.getLast();
      log.read(
          new Position(segments.getFirst(), Position.START.offset()),
          (at, frame, _) -> {
            switch (frame) {
              case Frame.Shadow shadow ->
                  shadows.computeIfAbsent(shadow.of(), _ -> new ArrayList<>(1)).add(shadow);
              case Frame.Predictions predictions -> {
                if (wanted.contains(at.segment())) {
                  int[] rows = between(predictions.raw().micros(time), from, to);
                  if (rows.length > 0) picked.add(new Picked(at, predictions, rows));
                }
              }
            }
            return at.segment() <= last + 1;
          });
    }
    return joined(picked, shadows, knownBy, features);
  }

  private ScoredRows joined(
      List<Picked> picked,
      Map<Position, List<Frame.Shadow>> shadows,
      Instant knownBy,
      boolean features) {
    int n = picked.stream().mapToInt(p -> p.rows().length).sum();
    long[] events = new long[n];
    double[] actual = new double[n];
    double[] served = new double[n];
    byte[] predictions = new byte[n];
    String[] versions = new String[n];
    Instant[] answered = new Instant[n];
    int[] micros = new int[n];
    Map<String, double[]> shadow = new LinkedHashMap<>();
    Arrays.fill(actual, Double.NaN);
    var known = known(picked);
    int next = 0;
    for (Picked part : picked) {
      Frame.Predictions frame = part.frame();
      double[] targets = targets(frame, known.getOrDefault(part.at(), List.of()), knownBy);
      int first = next;
      for (int row : part.rows()) {
        events[next] = frame.raw().micros(time)[row];
        actual[next] = targets[row];
        served[next] = frame.scores()[row];
        predictions[next] = frame.predictions()[row];
        versions[next] = frame.version();
        answered[next] = frame.at();
        micros[next] = frame.micros();
        next++;
      }
      for (Frame.Shadow scored : shadows.getOrDefault(part.at(), List.of())) {
        double[] shadowed = shadow.computeIfAbsent(scored.version(), _ -> filled(n));
        for (int i = 0; i < part.rows().length; i++) {
          shadowed[first + i] = scored.scores()[part.rows()[i]];
        }
      }
    }
    return new ScoredRows(
        features ? features(picked, n) : new Table(new LinkedHashMap<>(), n),
        events,
        actual,
        served,
        predictions,
        versions,
        shadow,
        answered,
        micros);
  }

  private Map<Position, List<Outcomes.Known>> known(List<Picked> picked) {
    if (picked.isEmpty()) return Map.of();
    return outcomes.targets(picked.getFirst().at(), picked.getLast().at());
  }

  private static double[] targets(
      Frame.Predictions frame, List<Outcomes.Known> stored, Instant knownBy) {
    double[] targets = filled(frame.rows());
    for (Outcomes.Known outcome : stored) {
      if (outcome.effectiveAt() <= knownBy.toEpochMilli()) {
        targets[outcome.row()] = outcome.target();
      }
    }
    return targets;
  }

  private static double[] filled(int n) {
    double[] values = new double[n];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  private static int[] between(long[] events, long from, long to) {
    int[] rows = new int[events.length];
    int n = 0;
    for (int i = 0; i < events.length; i++) {
      if (events[i] >= from && events[i] < to) rows[n++] = i;
    }
    return Arrays.copyOf(rows, n);
  }

  /// The features of all picked rows; a feature that a frame lacks is missing there.
  private static Table features(List<Picked> picked, int n) {
    Map<String, Column> columns = new LinkedHashMap<>();
    for (Picked part : picked) {
      part.frame()
          .features()
          .columns()
          .forEach((name, column) -> columns.computeIfAbsent(name, _ -> empty(column, n)));
    }
    int at = 0;
    for (Picked part : picked) {
      for (Map.Entry<String, Column> column : columns.entrySet()) {
        if (part.frame().features().has(column.getKey())) {
          copy(part.frame().features().column(column.getKey()), part.rows(), column.getValue(), at);
        }
      }
      at += part.rows().length;
    }
    return new Table(new LinkedHashMap<>(columns), n);
  }

  private static Column empty(Column like, int n) {
    return switch (like) {
      case Numbers _ -> new Numbers(filled(n));
      case Strings _ -> new Strings(new String[n]);
      case Times _ -> {
        long[] none = new long[n];
        Arrays.fill(none, Times.NONE);
        yield new Times(none);
      }
    };
  }

  private static void copy(Column from, int[] rows, Column to, int at) {
    if (from instanceof Numbers(double[] source) && to instanceof Numbers(double[] target)) {
      for (int i = 0; i < rows.length; i++) target[at + i] = source[rows[i]];
    } else if (from instanceof Strings source && to instanceof Strings target) {
      for (int i = 0; i < rows.length; i++) target.values()[at + i] = source.values()[rows[i]];
    } else if (from instanceof Times(long[] source) && to instanceof Times(long[] target)) {
      for (int i = 0; i < rows.length; i++) target[at + i] = source[rows[i]];
    }
  }
}
