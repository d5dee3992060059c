package dev.orrery.feature;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// All feature views of a project, compiled against the columns of its data.
///
/// @param time the column that holds the row's time
/// @param knownAt the column that holds when a row's outcome became known
/// @param features each feature's name and type, in the order in which models take them
public record FeatureSet(
    String time, String knownAt, List<FeatureView> views, SequencedMap<String, Type> features) {
  /// The version of the code that computes features: counted up when it would give another value
  /// for the same definition and the same rows.
  public static final int CODE = 1;

  private static final int FEATURES_MAX = 200;

  public FeatureSet {
    views = List.copyOf(views);
    features = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(features));
  }

  /// Compiles views.
  ///
  /// @param inputs the columns a row has when it is predicted
  /// @param outcomes the columns that become known with its outcome, targets included
  /// @throws Problem of kind INVALID if a row view reads an outcome (that would be leakage), a
  ///   column is unknown or a type does not fit
  public static FeatureSet compile(
      String time,
      String knownAt,
      List<FeatureView> views,
      Map<String, Type> inputs,
      Map<String, Type> outcomes) {
    var features = new LinkedHashMap<String, Type>();
    var all = new LinkedHashMap<>(inputs);
    all.putAll(outcomes);
    for (FeatureView view : views) {
      switch (view) {
        case FeatureView.Row row ->
            row.columns()
                .forEach((name, formula) -> {
                  refuseLeakage(row.feature(name), formula, outcomes.keySet());
                  Type type = formula.type(inputs);
                  if (type == Type.TIME) throw timeFeature(row.name(), name);
                  add(features, row.feature(name), type);
                });
        case FeatureView.Windows windows -> {
          if (inputs.get(windows.entity()) != Type.STRING) {
            throw new Problem(
                Fault.BAD_FEATURE,
                "the entity '%s' of '%s' is not a text column of the row"
                    .formatted(Texts.shown(windows.entity()), windows.name()),
                Texts.didYouMean(windows.entity(), inputs.keySet()));
          }
          windows.columns().values().forEach(aggregate -> number(aggregate.of(), all));
          for (String name : windows.features()) add(features, name, Type.NUMBER);
        }
      }
    }
    return new FeatureSet(time, knownAt, views, features);
  }

  /// The features of every row of a history, each as of its own time: a row sees the outcomes that
  /// were known by then, its own never.
  public Table history(Table rows) {
    var live = new LiveFeatures(this);
    live.learn(rows);
    return live.features(rows);
  }

  /// The longest window, in microseconds; 0 if there is none.
  public long longestMicros() {
    return views.stream()
        .flatMap(view ->
            view instanceof FeatureView.Windows windows
                ? windows.windows().stream()
                : java.util.stream.Stream.<FeatureView.Window>empty())
        .mapToLong(FeatureView.Window::micros)
        .max()
        .orElse(0);
  }

  /// What each feature reads; see [FeatureView#reads].
  public SequencedMap<String, List<String>> reads() {
    return reads(views, time, knownAt);
  }

  static SequencedMap<String, List<String>> reads(
      List<FeatureView> views, String time, String knownAt) {
    var reads = new LinkedHashMap<String, List<String>>();
    views.forEach(view -> reads.putAll(view.reads(time, knownAt)));
    return reads;
  }

  /// The definitions as one canonical text, the same for the same meaning.
  public String canonical() {
    var text = new StringBuilder("time ").append(time).append('\n');
    for (FeatureView view : views) {
      switch (view) {
        case FeatureView.Row row -> {
          text.append("row ").append(row.name()).append('\n');
          row.columns()
              .forEach((name, formula) -> text.append("  %s = %s\n".formatted(name, formula)));
        }
        case FeatureView.Windows windows -> {
          text.append("windows %s of %s\n".formatted(windows.name(), windows.entity()));
          windows.windows().forEach(w -> text.append("  over %d us\n".formatted(w.micros())));
          windows
              .columns()
              .forEach(
                  (name, a) -> text.append("  %s = %s(%s)\n".formatted(name, a.kind(), a.of())));
        }
      }
    }
    return text.toString();
  }

  public Digest digest() {
    return Digest.of(canonical());
  }

  private static void add(SequencedMap<String, Type> features, String name, Type type) {
    if (features.putIfAbsent(name, type) != null) {
      throw new Problem(
          Fault.BAD_FEATURE, "the feature '%s' is declared twice".formatted(name), "Rename one");
    }
    if (features.size() > FEATURES_MAX) {
      throw new Problem(
          Fault.BAD_FEATURE,
          "there are over %d features".formatted(FEATURES_MAX),
          "Declare fewer columns or windows");
    }
  }

  private static void refuseLeakage(String feature, Expression formula, Set<String> outcomes) {
    for (String column : formula.columns()) {
      if (outcomes.contains(column)) {
        throw new Problem(
            Fault.LEAKING_FEATURE,
            "the feature '%s' reads '%s', which is known only after the prediction"
                .formatted(feature, column),
            "Use it in a window, which sees outcomes known by then, or drop it");
      }
    }
  }

  private static void number(Expression formula, Map<String, Type> columns) {
    if (formula.type(columns) != Type.NUMBER) {
      throw new Problem(
          Fault.BAD_FEATURE,
          "'%s' is aggregated, but is not a number".formatted(formula),
          "Aggregate a number or a condition");
    }
  }

  private static Problem timeFeature(String view, String name) {
    return new Problem(
        Fault.BAD_FEATURE,
        "the feature '%s.%s' is a time".formatted(view, name),
        "Take a number out of it, such as hour(...)");
  }
}
