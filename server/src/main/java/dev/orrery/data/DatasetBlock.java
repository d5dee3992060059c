package dev.orrery.data;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.data.Contract.Range;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table.Type;
import dev.orrery.project.Node;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Reads the project's `data` block.
public final class DatasetBlock {
  private DatasetBlock() {}

  /// The datasets of a project, by name.
  ///
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static SequencedMap<String, Dataset> read(Node data) {
    var datasets = new LinkedHashMap<String, Dataset>();
    if (!data.isEmpty()) {
      data.map().forEach((name, block) -> datasets.put(name, dataset(name, block)));
    }
    return datasets;
  }

  private static Dataset dataset(String name, Node block) {
    var targets = new LinkedHashMap<String, Expression>();
    block
        .find("target")
        .ifPresent(all -> all.map().forEach((target, text) -> targets.put(target, formula(text))));
    return new Dataset(
        name,
        block.get("path").text(),
        block.get("time").text(),
        targets,
        block.find("known_at").map(DatasetBlock::formula).orElse(null),
        block.find("contract").map(DatasetBlock::contract).orElseGet(DatasetBlock::free));
  }

  private static Contract contract(Node block) {
    SequencedMap<String, Type> columns = new LinkedHashMap<>();
    block
        .find("schema")
        .ifPresent(schema -> schema.map().forEach((name, type) -> columns.put(name, type(type))));
    double nulls = 1;
    SequencedMap<String, Double> nullsByColumn = new LinkedHashMap<>();
    Node ratio = block.find("max_null_ratio").orElse(null);
    if (ratio != null && ratio.isBlock()) {
      nullsByColumn = map(block, "max_null_ratio", share -> share.number(0, 1));
    } else if (ratio != null) {
      nulls = ratio.number(0, 1);
    }
    return new Contract(
        block.whole("min_rows", 0),
        nulls,
        nullsByColumn,
        map(block, "ranges", DatasetBlock::range),
        map(block, "patterns", DatasetBlock::pattern),
        columns,
        block.find("required").map(DatasetBlock::names).orElse(List.of()));
  }

  private static Contract free() {
    return Contract.ofRules(new LinkedHashMap<>(), new LinkedHashMap<>());
  }

  private static List<String> names(Node node) {
    return node.list().stream().map(Node::text).toList();
  }

  private static <T> SequencedMap<String, T> map(Node block, String key, Function<Node, T> reader) {
    SequencedMap<String, T> read = new LinkedHashMap<>();
    block
        .find(key)
        .ifPresent(
            node -> node.map().forEach((name, value) -> read.put(name, reader.apply(value))));
    return read;
  }

  private static Range range(Node node) {
    List<Node> bounds = node.list();
    if (bounds.size() != 2 || bounds.get(0).number() > bounds.get(1).number()) {
      throw node.problem(
          Fault.BAD_DATASET,
          "%s is not a range".formatted(node.path()),
          "Write the least and the greatest value, such as [0, 100]");
    }
    return new Range(bounds.get(0).number(), bounds.get(1).number());
  }

  private static Pattern pattern(Node node) {
    try {
      return Pattern.compile(node.text());
    } catch (PatternSyntaxException e) {
      throw node.problem(
          Fault.BAD_DATASET,
          "%s is not a regular expression: %s".formatted(node.path(), e.getDescription()),
          "Write one such as [A-Z]{3}");
    }
  }

  private static Type type(Node node) {
    return switch (node.text().toLowerCase(Locale.ROOT)) {
      case "number", "integer", "double", "bigint", "boolean" -> Type.NUMBER;
      case "string", "text", "varchar" -> Type.STRING;
      case "time", "timestamp", "date" -> Type.TIME;
      default ->
          throw node.problem(
              Fault.BAD_DATASET,
              "'%s' is not a column type".formatted(node.text()),
              "Write number, string or time");
    };
  }

  private static Expression formula(Node node) {
    try {
      return Expression.parse(node.text());
    } catch (Problem e) {
      throw e.at(node.place());
    }
  }
}
