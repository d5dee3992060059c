package dev.orrery.feature;

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

  /// The views compiled against a dataset with these raw columns.
  public static FeatureSet compile(Node features, Dataset dataset, SequencedMap<String, Type> raw) {
    List<FeatureView> views = read(features, dataset.name());
    try {
      return FeatureSet.compile(
          dataset.time(), Dataset.KNOWN_AT, views, dataset.inputs(raw), dataset.known(raw));
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(features.place());
    }
  }

  private static FeatureView view(String name, Node block) {
    if (block.find("windows").isEmpty()) {
      return new FeatureView.Row(name, columns(block, Expression::parse));
    }
    List<Window> windows =
        block.get("windows").list().stream().map(node -> located(node, Window::parse)).toList();
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
