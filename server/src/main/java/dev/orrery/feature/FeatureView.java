package dev.orrery.feature;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// A group of features that are computed together.
public sealed interface FeatureView {
  String name();

  /// The names of its features, in order.
  List<String> features();

  /// What each of its features reads: columns, targets, and of a window the row's time, the entity
  /// and when outcomes became known.
  ///
  /// @param time the column that holds the row's time
  /// @param knownAt the column that holds when a row's outcome became known
  default SequencedMap<String, List<String>> reads(String time, String knownAt) {
    SequencedMap<String, List<String>> reads = new LinkedHashMap<>();
    switch (this) {
      case Row row ->
          row.columns()
              .forEach((column, formula) ->
                  reads.put(row.feature(column), List.copyOf(formula.columns())));
      case Windows windows -> {
        for (Window window : windows.windows()) {
          windows
              .columns()
              .forEach((column, aggregate) -> {
                var names = new LinkedHashSet<>(List.of(windows.entity(), time, knownAt));
                names.addAll(aggregate.of().columns());
                reads.put(windows.feature(column, window), List.copyOf(names));
              });
        }
      }
    }
    return reads;
  }

  /// Features of the row's own columns, all of them known at its time.
  record Row(String name, SequencedMap<String, Expression> columns) implements FeatureView {
    @Override
    public List<String> features() {
      return columns.keySet().stream().map(this::feature).toList();
    }

    /// The name of the feature that one of its columns is.
    String feature(String column) {
      return name + "." + column;
    }
  }

  /// Features of what became known about the row's entity in the windows before its time.
  ///
  /// @param entity the column that names the entity, such as `origin`
  record Windows(
      String name, String entity, List<Window> windows, SequencedMap<String, Aggregate> columns)
      implements FeatureView {
    /// Window after window.
    @Override
    public List<String> features() {
      return windows.stream()
          .flatMap(window -> columns.keySet().stream().map(column -> feature(column, window)))
          .toList();
    }

    /// The name of the feature that one of its columns is over a window.
    String feature(String column, Window window) {
      return "%s.%s_%s".formatted(name, column, window.label());
    }
  }

  /// A length of time, as it is written (`24h`) and in microseconds.
  record Window(String label, long micros) {
    private static final Duration LONGEST = Duration.ofDays(400);

    /// @throws Problem of kind INVALID if the text is not a positive time of at most 400 days
    public static Window parse(String text) {
      Quantity length = Quantity.parse(text);
      double micros = length.value() * 1e6;
      if (length.dimension() != Quantity.Dimension.SECONDS
          || micros < 1
          || micros > LONGEST.toMillis() * 1e3) {
        throw new Problem(
            Fault.BAD_FEATURE,
            "'%s' is not a window".formatted(Texts.shown(text)),
            "Write a time of at most 400 days, such as 2h, 24h or 7d");
      }
      return new Window(text.strip(), Math.round(micros));
    }
  }

  /// What is computed over a window: `count(*)`, `mean(late)`, `sum(clip(delay, 0, 60))`.
  record Aggregate(Kind kind, Expression of) {
    /// How the values of a window become one; of an empty window, counts and sums are 0 and a mean
    /// is missing.
    public enum Kind {
      COUNT,
      MEAN,
      SUM
    }

    private static final Pattern SHAPE =
        Pattern.compile("\\s*(count|mean|avg|sum)\\s*\\((.*)\\)\\s*", Pattern.DOTALL);

    /// @throws Problem of kind INVALID if the text is no such aggregate
    public static Aggregate parse(String text) {
      var found = SHAPE.matcher(text);
      if (!found.matches()) {
        throw new Problem(
            Fault.BAD_FEATURE,
            "'%s' is not an aggregate".formatted(Texts.shown(text)),
            "Write count(*), mean(formula) or sum(formula)");
      }
      String inside = found.group(2).strip();
      return switch (found.group(1)) {
        case "count" -> new Aggregate(Kind.COUNT, counted(inside));
        case "sum" -> new Aggregate(Kind.SUM, Expression.parse(inside));
        default -> new Aggregate(Kind.MEAN, Expression.parse(inside));
      };
    }

    private static Expression counted(String inside) {
      return Expression.parse(inside.equals("*") ? "1" : inside);
    }
  }
}
