package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery query SQL`: asks the log of a running server's predictions.
final class QueryCommand extends Command {
  private static final int WIDTH_MAX = 40;
  private static final int LIMIT_MAX = 10_000;

  @Parameters(paramLabel = "SQL", descriptionKey = "orrery.query.sql")
  String sql = "";

  @Option(names = "--limit", paramLabel = "N", descriptionKey = "orrery.query.limit")
  int limit = 100;

  @Override
  int run(Terminal terminal) {
    if (limit < 1 || limit > LIMIT_MAX) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "--limit is %d".formatted(limit),
          "Give --limit 1 to %,d".formatted(LIMIT_MAX));
    }
    JsonNode answer =
        server(terminal)
            .within(Duration.ofMinutes(2))
            .post(
                "/api/v1/query",
                Json.MAPPER.createObjectNode().put("sql", sql).put("limit", limit));
    if (terminal.isJson()) {
      terminal.json(answer);
      return ExitCode.OK;
    }
    List<List<String>> lines = new ArrayList<>();
    lines.add(texts(answer.path("columns")));
    for (JsonNode row : answer.path("rows")) lines.add(texts(row));
    int[] widths = new int[lines.getFirst().size()];
    for (List<String> line : lines) {
      for (int c = 0; c < widths.length; c++) widths[c] = Math.max(widths[c], line.get(c).length());
    }
    for (List<String> line : lines) {
      var text = new StringBuilder();
      for (int c = 0; c < widths.length; c++) {
        text.append(line.get(c)).append(" ".repeat(widths[c] - line.get(c).length() + 2));
      }
      String told = text.toString().stripTrailing();
      terminal.print(line == lines.getFirst() ? terminal.bold(told) : told);
    }
    if (answer.path("is_cut").asBoolean()) terminal.print(terminal.text("query.cut", limit));
    return ExitCode.OK;
  }

  private static List<String> texts(JsonNode values) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : values) {
      String text = value.isNull() ? "-" : value.asText();
      texts.add(text.length() > WIDTH_MAX ? text.substring(0, WIDTH_MAX - 1) + "…" : text);
    }
    return texts;
  }
}
