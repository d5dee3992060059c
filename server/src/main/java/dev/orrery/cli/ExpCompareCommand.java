package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Parameters;

/// `orrery exp compare RUN RUN...`: runs side by side; `orrery exp diff RUN RUN`: only what differs
/// between two.
final class ExpCompareCommand extends Command {
  private static final int RUNS_MAX = 20;
  private static final List<String> FAMILIES = List.of("metrics", "params", "environment", "tags");

  private final boolean isDiff;

  @Parameters(arity = "2..20", paramLabel = "RUN", descriptionKey = "orrery.exp.run")
  List<String> runs = List.of();

  ExpCompareCommand(boolean isDiff) {
    this.isDiff = isDiff;
  }

  @Override
  int run(Terminal terminal) {
    int most = isDiff ? 2 : RUNS_MAX;
    if (runs.size() < 2 || runs.size() > most) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "%d runs are named".formatted(runs.size()),
          isDiff ? "Name two" : "Name 2 to %d".formatted(RUNS_MAX));
    }
    var asked = new ExpRuns(server(terminal));
    List<JsonNode> details = runs.stream().map(asked::detail).toList();
    ObjectNode answer = compared(details);
    if (terminal.isJson()) terminal.json(answer);
    else show(terminal, details, answer);
    return ExitCode.OK;
  }

  /// Per family and name the value of each run, null where it has none.
  private ObjectNode compared(List<JsonNode> details) {
    ObjectNode answer = Json.MAPPER.createObjectNode();
    var ids = answer.putArray("runs");
    details.forEach(detail -> ids.add(detail.path("run").path("id").asText()));
    for (String family : FAMILIES) {
      ObjectNode values = answer.putObject(family);
      var names = new TreeSet<String>();
      details.forEach(detail -> of(detail, family).fieldNames().forEachRemaining(names::add));
      for (String name : names) {
        List<JsonNode> each =
            details.stream().map(detail -> of(detail, family).path(name)).toList();
        boolean isSame = new HashSet<>(each).size() == 1;
        if (isSame && (isDiff || !family.equals("metrics"))) continue;
        var row = values.putArray(name);
        each.forEach(value -> row.add(value.isMissingNode() ? null : value));
      }
    }
    return answer;
  }

  private static JsonNode of(JsonNode detail, String family) {
    return family.equals("environment") ? detail.path(family) : detail.path("run").path(family);
  }

  private void show(Terminal terminal, List<JsonNode> details, ObjectNode answer) {
    List<String> heads = new ArrayList<>(List.of(""));
    for (JsonNode detail : details) {
      JsonNode run = detail.path("run");
      heads.add(run.path("name").asText() + " " + ExpRuns.brief(run.path("id").asText()));
    }
    if (isDiff) heads.add(terminal.text("exp.change"));
    boolean isAnything = false;
    for (String family : FAMILIES) {
      if (answer.path(family).isEmpty()) continue;
      isAnything = true;
      terminal.print(terminal.bold(terminal.text("exp." + family)));
      var table = new TextTable(heads);
      answer
          .path(family)
          .properties()
          .forEach(row -> {
            List<String> cells = new ArrayList<>(List.of(row.getKey()));
            row.getValue().forEach(value -> cells.add(ExpRuns.number(value)));
            if (isDiff) cells.add(change(row.getValue()));
            table.row(cells);
          });
      table.lines(terminal).forEach(line -> terminal.print("  " + line));
    }
    if (!isAnything) terminal.print(terminal.text("exp.same"));
  }

  private static String change(JsonNode pair) {
    JsonNode before = pair.path(0);
    JsonNode after = pair.path(1);
    if (!before.isNumber() || !after.isNumber()) return "";
    return "%+.6g".formatted(after.asDouble() - before.asDouble());
  }
}
