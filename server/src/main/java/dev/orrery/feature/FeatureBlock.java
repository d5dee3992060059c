package dev.orrery.feature;

import dev.orrery.base.Fault;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureView.Aggregate;
import dev.orrery.feature.FeatureView.Window;
import dev.orrery.project.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;

/// Reads the project's `features` block.
public final class FeatureBlock {
  private FeatureBlock() {}

  /// The feature views over a dataset, in the order of the file.
  ///
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static List<FeatureView> read(Node features, String dataset) {
    var views = new ArrayList<FeatureView>();
    if (features.isEmpty()) return views;
    features
        .map()
        .forEach((name, block) -> {
          Node from = block.get("from");
          if (!from.text().equals(dataset)) throw from.unknown("dataset", List.of(dataset));
          views.add(view(name, block));
        });
    return views;
  }

  /// What each feature reads, from the definitions alone; see [FeatureView#reads].
  public static SequencedMap<String, List<String>> reads(Node features, Dataset dataset) {
    return FeatureSet.reads(read(features, dataset.name()), dataset.time(), Dataset.KNOWN_AT);
  }

  /// The views compiled against a dataset with these raw columns.
  ///
  /// @throws Problem of kind INVALID with the place of the formula, entity or view that is wrong
  public static FeatureSet compile(Node features, Dataset dataset, SequencedMap<String, Type> raw) {
    List<FeatureView> views = read(features, dataset.name());
    try {
      return compile(dataset, views, raw);
    } catch (Problem e) {
      if (e.place().isPresent()) throw e;
      throw e.at(culprit(features, dataset, views, raw));
    }
  }

  private static FeatureSet compile(
      Dataset dataset, List<FeatureView> views, SequencedMap<String, Type> raw) {
    return FeatureSet.compile(
        dataset.time(), Dataset.KNOWN_AT, views, dataset.inputs(raw), dataset.known(raw));
  }

  /// Where the first view stands without which the others compile: its column or its entity, if one
  /// of them alone does not compile either.
  private static Place culprit(
      Node features, Dataset dataset, List<FeatureView> views, SequencedMap<String, Type> raw) {
    for (int i = 0; i < views.size(); i++) {
      if (compiles(dataset, views.subList(0, i + 1), raw)) continue;
      FeatureView view = views.get(i);
      Node block = features.get(view.name());
      if (compiles(dataset, List.of(view), raw)) return features.keyPlace(view.name());
      boolean isEntity =
          view instanceof FeatureView.Windows windows
              && dataset.inputs(raw).get(windows.entity()) != Type.STRING;
      if (isEntity) return block.get("entity").place();
      for (var column : block.get("columns").map().entrySet()) {
        if (!compiles(dataset, List.of(only(view, column.getKey())), raw)) {
          return column.getValue().place();
        }
      }
      return features.keyPlace(view.name());
    }
    return features.place();
  }

  private static boolean compiles(
      Dataset dataset, List<FeatureView> views, SequencedMap<String, Type> raw) {
    try {
      FeatureSet unused = compile(dataset, views, raw);
      return true;
    } catch (Problem _) {
      return false;
    }
  }

  private static FeatureView only(FeatureView view, String column) {
    return switch (view) {
      case FeatureView.Row row -> new FeatureView.Row(row.name(), only(row.columns(), column));
      case FeatureView.Windows windows ->
          new FeatureView.Windows(
              windows.name(), windows.entity(), windows.windows(), only(windows.columns(), column));
    };
  }

  private static <T> SequencedMap<String, T> only(SequencedMap<String, T> columns, String column) {
    SequencedMap<String, T> one = new LinkedHashMap<>(columns);
    one.keySet().retainAll(List.of(column));
    return one;
  }

  private static FeatureView view(String name, Node block) {
    if (block.find("windows").isEmpty()) {
      if (block.has("entity")) {
        throw new Problem(
                Fault.BAD_FEATURE,
                "the view '%s' has an entity but no windows".formatted(name),
                "Say how far it looks back, such as windows: [2h, 24h], or drop 'entity'")
            .at(block.keyPlace("entity"));
      }
      return new FeatureView.Row(name, columns(block, Expression::parse));
    }
    List<Node> lengths = block.get("windows").list();
    if (lengths.isEmpty()) {
      throw block
          .get("windows")
          .problem(
              Fault.BAD_FEATURE,
              "the view '%s' has no windows".formatted(name),
              "Say how far it looks back, such as windows: [2h, 24h]");
    }
    List<Window> windows = lengths.stream().map(node -> located(node, Window::parse)).toList();
    return new FeatureView.Windows(
        name, block.get("entity").text(), windows, columns(block, Aggregate::parse));
  }

  private static <T> SequencedMap<String, T> columns(Node block, Function<String, T> parser) {
    SequencedMap<String, T> columns = new LinkedHashMap<>();
    block
        .get("columns")
        .map()
        .forEach((column, text) -> columns.put(column, located(text, parser)));
    return columns;
  }

  private static <T> T located(Node node, Function<String, T> parser) {
    try {
      return parser.apply(node.text());
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }
}
