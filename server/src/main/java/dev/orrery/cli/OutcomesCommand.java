package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Parameters;

/// `orrery outcomes FILE`: tells what became known of predictions.
///
/// A table has the columns `id`, `known_at` (or none: now), and either `actual` or the dataset's
/// outcome columns; a JSON file has the body of `POST /outcomes`.
final class OutcomesCommand extends Command {
  private static final int BATCH = 10_000;

  @Parameters(paramLabel = "FILE", descriptionKey = "orrery.outcomes.file")
  Path file = Path.of("");

  @Override
  int run(Terminal terminal) {
    if (file.toString().stripLeading().startsWith("{")) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "outcomes are given in a file, not as JSON on the command line",
          "Write them to a file: orrery outcomes FILE");
    }
    Path path = terminal.folder().resolve(file);
    JsonNode outcomes =
        Rows.isTable(path) ? outcomes(Rows.table(path)) : Rows.json(path).path("outcomes");
    if (!outcomes.isArray() || outcomes.isEmpty()) {
      throw new Problem(
          Fault.BAD_OUTCOME,
          "%s tells of no outcomes".formatted(Texts.shown(file.toString())),
          "Give a CSV or Parquet file with id and actual, or JSON: {\"outcomes\":[...]}");
    }
    Client client = server(terminal);
    long stored = 0;
    long repeated = 0;
    for (int from = 0; from < outcomes.size(); from += BATCH) {
      ArrayNode some = JsonNodeFactory.instance.arrayNode();
      for (int i = from; i < Math.min(outcomes.size(), from + BATCH); i++)
        some.add(outcomes.get(i));
      JsonNode answer = client.post("/outcomes", Map.of("outcomes", some));
      stored += answer.path("stored").asLong();
      repeated += answer.path("repeated").asLong();
    }
    if (terminal.isJson()) {
      terminal.json(
          JsonNodeFactory.instance.objectNode().put("stored", stored).put("repeated", repeated));
    } else {
      terminal.print(
          terminal.green("ok")
              + "  "
              + terminal.text("outcomes.done", "%,d".formatted(stored), "%,d".formatted(repeated)));
    }
    return ExitCode.OK;
  }

  private ArrayNode outcomes(Table table) {
    List<String> details = new ArrayList<>(table.names());
    if (!details.remove("id")) {
      throw new Problem(
          Fault.MISSING_COLUMNS,
          "%s has no column 'id'".formatted(Texts.shown(file.toString())),
          Texts.didYouMean("id", table.names()));
    }
    boolean hasTime = details.remove("known_at");
    boolean isPlain = details.equals(List.of("actual"));
    ArrayNode outcomes = JsonNodeFactory.instance.arrayNode();
    for (int row = 0; row < table.rows(); row++) {
      ObjectNode outcome = Rows.object(table, List.of("id"), row);
      if (isPlain) outcome.setAll(Rows.object(table, List.of("actual"), row));
      else outcome.set("actual", Rows.object(table, details, row));
      if (hasTime) outcome.setAll(Rows.object(table, List.of("known_at"), row));
      outcomes.add(outcome);
    }
    return outcomes;
  }
}
