package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        Rows.isTable(path) ? outcomes(Rows.texts(path)) : Rows.json(path).path("outcomes");
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
      JsonNode answer;
      try {
        answer = client.post("/outcomes", Map.of("outcomes", some));
      } catch (Problem e) {
        throw failed(e, some, from);
      }
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

  /// What failed, of the file; and what was stored before it, which stays. Of a batch all or
  /// nothing is stored.
  private static Problem failed(Problem e, ArrayNode batch, int from) {
    String what = Rows.ofFile(e, from);
    for (int i = 0; i < batch.size(); i++) {
      String id = batch.get(i).path("id").asText();
      boolean isNamed = !id.isEmpty() && e.what().contains(id);
      if (isNamed && what.equals(e.what())) {
        what = "row %,d: %s".formatted(from + i + 1, what);
      } else if (!isNamed && what.startsWith("row %,d ".formatted(from + i + 1))) {
        what = "%s (id %s)".formatted(what, id.isEmpty() ? "none" : Texts.shown(id));
      }
    }
    String done =
        from == 0 ? "none is stored" : "rows 1 to %,d are stored, and none after".formatted(from);
    return new Problem(e.fault(), what + "; " + done, e.remedy()).because(e);
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
    Set<String> numbers = new HashSet<>();
    for (String detail : details) if (isNumbers(table.column(detail))) numbers.add(detail);
    ArrayNode outcomes = JsonNodeFactory.instance.arrayNode();
    for (int row = 0; row < table.rows(); row++) {
      ObjectNode outcome = Rows.object(table, List.of("id"), row);
      ObjectNode told = Rows.object(table, details, row);
      for (String detail : details) {
        JsonNode value = told.path(detail);
        if (!value.isTextual() || !isPlain && !numbers.contains(detail)) continue;
        JsonNode plain = Rows.plain(value.textValue());
        // Of an outcome column true and false are 1 and 0, as everywhere in the data.
        boolean isFlag = !isPlain && plain.isBoolean();
        told.set(detail, isFlag ? IntNode.valueOf(plain.booleanValue() ? 1 : 0) : plain);
      }
      if (isPlain) outcome.setAll(told);
      else outcome.set("actual", told);
      if (hasTime) outcome.setAll(Rows.object(table, List.of("known_at"), row));
      outcomes.add(outcome);
    }
    return outcomes;
  }

  /// Whether all that stands in a column of texts is numbers.
  private static boolean isNumbers(Table.Column column) {
    if (!(column instanceof Table.Strings texts)) return false;
    for (String text : texts.values()) if (Rows.plain(text).isTextual()) return false;
    return true;
  }
}
