package dev.orrery.data;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Contract.Range;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table.Type;
import dev.orrery.project.Node;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
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
        path(block.get("path")),
        block.get("time").text(),
        targets,
        block.find("known_at").map(DatasetBlock::formula).orElse(null),
        block.find("contract").map(DatasetBlock::contract).orElseGet(DatasetBlock::free));
  }

  /// The file of a dataset, which must be there.
  ///
  /// @throws Problem of kind INVALID, with the place, if it is not
  public static Path file(Node data, Dataset dataset, Path folder) {
    Path file = folder.resolve(dataset.path());
    if (Files.isRegularFile(file)) return file;
    Node path = data.get(dataset.name()).get("path");
    throw path.problem(
        Fault.BAD_DATASET,
        Files.exists(file)
            ? "'%s' is not a file".formatted(Texts.shown(dataset.path()))
            : "there is no file '%s' in the project's folder"
                .formatted(Texts.shown(dataset.path())),
        "Put the data there, or mend the path");
  }

  /// Holds a dataset's declarations against the columns of its file.
  ///
  /// @throws Problem of kind INVALID with the place of what does not fit
  public static void check(Node data, Dataset dataset, SequencedMap<String, Type> raw) {
    Node block = data.get(dataset.name());
    Node time = block.get("time");
    Type found = raw.get(dataset.time());
    if (found == null) throw time.unknown("column", raw.keySet());
    if (found != Type.TIME) {
      throw time.problem(
          Fault.WRONG_COLUMN_TYPE,
          "the column '%s' of dataset '%s' is not a time".formatted(dataset.time(), dataset.name()),
          "Store it as a timestamp, or name another column under 'time'");
    }
    dataset
        .targets()
        .forEach((name, formula) -> {
          Type type = located(block.get("target").get(name), () -> formula.type(raw));
          if (type != Type.NUMBER) {
            throw block
                .get("target")
                .get(name)
                .problem(
                    Fault.BAD_DATASET,
                    "the target '%s' is a %s".formatted(name, type.name().toLowerCase(Locale.ROOT)),
                    "Write a condition, such as delay >= 15");
          }
        });
    Expression known = dataset.knownAt();
    if (known != null && located(block.get("known_at"), () -> known.type(raw)) != Type.TIME) {
      throw block
          .get("known_at")
          .problem(
              Fault.BAD_DATASET,
              "'known_at' of dataset '%s' is not a time".formatted(dataset.name()),
              "Write a formula that gives a time, such as date + to_minutes(90)");
    }
    block.find("contract").ifPresent(contract -> contractColumns(contract, raw));
  }

  private static void contractColumns(Node contract, SequencedMap<String, Type> raw) {
    for (String rule : List.of("ranges", "patterns", "schema", "max_null_ratio")) {
      Node columns = contract.find(rule).filter(Node::isBlock).orElse(null);
      if (columns == null) continue;
      for (String column : columns.map().keySet()) {
        if (!raw.containsKey(column)) throw unknownColumn(column, raw).at(columns.keyPlace(column));
      }
    }
    Node required = contract.find("required").orElse(null);
    if (required == null) return;
    for (Node column : required.list()) {
      if (!raw.containsKey(column.text())) throw column.unknown("column", raw.keySet());
    }
  }

  private static Problem unknownColumn(String column, SequencedMap<String, Type> raw) {
    return new Problem(
        Fault.UNKNOWN_WORD,
        "unknown column '%s' in the contract".formatted(Texts.shown(column)),
        Texts.didYouMean(column, raw.keySet()));
  }

  /// A path inside the project's folder, in words that no system reads otherwise.
  private static String path(Node node) {
    String text = node.text();
    Path path;
    try {
      path = Path.of(text);
    } catch (InvalidPathException e) {
      throw outside(node, "no path").because(e);
    }
    if (text.isBlank()) throw outside(node, "empty");
    if (path.isAbsolute()) throw outside(node, "absolute");
    for (Path part : path) {
      if (part.toString().equals("..")) throw outside(node, "one with '..'");
    }
    return text;
  }

  private static Problem outside(Node node, String how) {
    return node.problem(
        Fault.BAD_DATASET,
        "the path '%s' is %s, and must be one inside the project's folder"
            .formatted(Texts.shown(node.text()), how),
        "Put the data into the folder, or link to it from there, such as data/rows.parquet");
  }

  private static <T> T located(Node node, Supplier<T> read) {
    try {
      return read.get();
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
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
