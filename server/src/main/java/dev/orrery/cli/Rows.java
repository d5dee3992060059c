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
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/// Rows that a person gives in a file, as JSON for the server.
final class Rows {
  private static final String MEMORY = "512MB";

  private Rows() {}

  static boolean isTable(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".csv")
        || name.endsWith(".csv.gz")
        || name.endsWith(".tsv")
        || name.endsWith(".parquet");
  }

  static Table table(Path file) {
    return table(file, (_, _) -> false);
  }

  /// As [Engine#read(Path, BiPredicate)].
  static Table table(Path file, BiPredicate<String, Table.Type> isText) {
    try (Engine engine = new Engine(1, MEMORY)) {
      return engine.read(file, isText);
    }
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
