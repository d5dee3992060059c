package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Rows that a person gives in a file, as JSON for the server.
final class Rows {
  private static final String MEMORY = "512MB";
  private static final Pattern NUMBER =
      Pattern.compile("\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*");

  /// How the server begins to say what is wrong in a request, and how it tells of samples that
  /// break a contract; it counts from 0.
  private static final Pattern PLACE = Pattern.compile("^()(?:row|outcome) (\\d{1,9})\\b");

  private static final Pattern SAMPLE = Pattern.compile("([(]|, )row (\\d{1,9})(?=[:,)])");

  private Rows() {}

  static boolean isTable(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".csv")
        || name.endsWith(".csv.gz")
        || name.endsWith(".tsv")
        || name.endsWith(".parquet");
  }

  static Table table(Path file) {
    try (Engine engine = new Engine(1, MEMORY)) {
      return engine.read(file);
    }
  }

  /// As [Engine#readTexts].
  static Table texts(Path file) {
    try (Engine engine = new Engine(1, MEMORY)) {
      return engine.readTexts(file);
    }
  }

  /// As the JSON that it stands for: a number, true, false or a text.
  static JsonNode plain(@Nullable String text) {
    JsonNodeFactory json = JsonNodeFactory.instance;
    if (text == null) return json.nullNode();
    if (text.equalsIgnoreCase("true")) return json.booleanNode(true);
    if (text.equalsIgnoreCase("false")) return json.booleanNode(false);
    double number = number(text);
    return Double.isFinite(number) ? json.numberNode(number) : json.textNode(text);
  }

  /// A number as people write one; NaN if it is none.
  private static double number(String text) {
    try {
      return NUMBER.matcher(text).matches() ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException _) {
      return Double.NaN;
    }
  }

  /// A table of texts whose columns of numbers are read as such, true and false as 1 and 0.
  ///
  /// @param types of the columns as they are known; those of others stay as they are
  /// @throws Problem of kind INVALID that names row, column and text, if it is no number
  static Table typed(Table table, Map<String, Type> types) {
    Table typed = table;
    for (String name : table.names()) {
      if (types.get(name) != Type.NUMBER) continue;
      if (!(table.column(name) instanceof Table.Strings texts)) continue;
      double[] numbers = new double[table.rows()];
      for (int row = 0; row < numbers.length; row++) {
        JsonNode plain = plain(texts.values()[row]);
        if (plain.isTextual()) {
          throw new Problem(
              Fault.BAD_ROW,
              "row %,d has '%s' for '%s'"
                  .formatted(row + 1, Texts.shown(plain.textValue()), Texts.shown(name)),
              "Give a finite number, or nothing where it is missing");
        }
        numbers[row] = plain.isNull() ? Double.NaN : plain.asDouble();
        if (plain.isBoolean()) numbers[row] = plain.booleanValue() ? 1 : 0;
      }
      typed = typed.with(name, new Table.Numbers(numbers));
    }
    return typed;
  }

  /// What a server says of places in a batch, of those in the file.
  ///
  /// @param before how many rows stand before the batch
  static String ofFile(Problem said, int before) {
    Pattern places = said.fault() == Fault.CONTRACT_BROKEN ? SAMPLE : PLACE;
    return places
        .matcher(said.what())
        .replaceAll(place ->
            "%srow %,d".formatted(place.group(1), before + Long.parseLong(place.group(2)) + 1));
  }

  /// The JSON in a file.
  static JsonNode json(Path file) {
    try {
      return Json.tree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new Problem(
              Fault.NO_SUCH_FILE,
              "%s cannot be read".formatted(Texts.shown(file.toString())),
              "Check the path and its permissions")
          .because(e);
    }
  }

  /// The project's dataset, where the home is that of a project with one.
  static Optional<Dataset> dataset(Path home) {
    if (!Project.isIn(home)) return Optional.empty();
    Map<String, Dataset> all = DatasetBlock.read(Project.load(home).data());
    return all.values().stream().findFirst();
  }

  /// One row with these columns.
  static ObjectNode object(Table table, Collection<String> columns, int row) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    for (String column : columns) {
      switch (table.column(column).value(row)) {
        case null -> object.putNull(column);
        case Double number -> object.put(column, number);
        case Object other -> object.put(column, other.toString());
      }
    }
    return object;
  }

  /// Some rows with these columns.
  static ArrayNode objects(Table table, Collection<String> columns, int from, int to) {
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (int row = from; row < to; row++) rows.add(object(table, columns, row));
    return rows;
  }
}
