package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery lineage ID`: where a prediction, or any version of anything, comes from.
final class LineageCommand extends Command {
  @Parameters(paramLabel = "ID", descriptionKey = "orrery.lineage.id")
  String id = "";

  @Option(names = "--impact", descriptionKey = "orrery.lineage.impact")
  boolean impact;

  @Option(names = "--up", descriptionKey = "orrery.lineage.only-up")
  boolean up;

  @Option(names = "--down", descriptionKey = "orrery.lineage.only-down")
  boolean down;

  @Option(names = "--depth", paramLabel = "STEPS", descriptionKey = "orrery.lineage.depth")
  int depth;

  @Override
  int run(Terminal terminal) {
    boolean isPrediction = id.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    if (!isPrediction && !id.matches("[a-z_]+[/:].+")) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "'%s' is neither the id of a prediction nor KIND/ID".formatted(Texts.shown(id)),
          "Give an id from the 'ids' of an answer, or such as model/late-arrival@1.0.0 or"
              + " column:flights.distance");
    }
    boolean both = up == down;
    String path =
        Arrays.stream(
                (isPrediction ? "prediction/" + id : id.replaceFirst("^([a-z_]+):", "$1/"))
                    .split("/", -1))
            .map(Urls::segment)
            .collect(Collectors.joining("/"));
    String query = depth > 0 ? "?depth=" + depth : "";
    JsonNode found =
        server(terminal).get("/api/v1/lineage/" + path + (impact ? "/impact" : "") + query);
    if (terminal.isJson()) {
      terminal.json(found);
    } else if (impact) {
      found
          .path("counts")
          .properties()
          .forEach(kind ->
              terminal.print("%,9d  %s".formatted(kind.getValue().asLong(), kind.getKey())));
      found.path("nodes").forEach(node -> terminal.print("  " + node(node)));
    } else if (isPrediction) {
      origin(terminal, found);
    } else {
      if (both || up) edges(terminal, "lineage.up", found.path("up"));
      if (both || down) edges(terminal, "lineage.down", found.path("down"));
    }
    return ExitCode.OK;
  }

  private static void origin(Terminal terminal, JsonNode origin) {
    JsonNode prediction = origin.path("prediction");
    JsonNode version = origin.path("version");
    JsonNode data = origin.path("data");
    line(
        terminal,
        "prediction",
        "%s  %s  score %.6f -> %s"
            .formatted(
                prediction.path("id").asText(),
                prediction.path("at").asText(),
                prediction.path("score").asDouble(),
                prediction.path("prediction").asText()));
    line(terminal, "row", fields(prediction.path("row")));
    line(
        terminal,
        "outcome",
        prediction.path("actual").isNumber()
            ? "%s  known %s  %s"
                .formatted(
                    prediction.path("actual").asText(),
                    prediction.path("known_at").asText(),
                    fields(prediction.path("outcome")))
            : terminal.text("lineage.unknown"));
    line(
        terminal,
        "model",
        "%s %s (%s)"
            .formatted(
                version.path("model").asText(),
                version.path("version").asText(),
                prediction.path("arm").asText()));
    line(terminal, "  digest", version.path("model_digest").asText());
    line(terminal, "  trained", reasons(version.path("reasons")));
    line(
        terminal,
        "data",
        "%s  %,d rows  %s to %s"
            .formatted(
                data.path("id").asText(),
                data.path("rows").asLong(),
                data.path("from").asText(),
                data.path("to").asText()));
    line(terminal, "  digest", data.path("digest").asText());
    line(terminal, "features", origin.path("features").asText());
    line(terminal, "code", origin.path("code").asText());
    line(terminal, "run", origin.path("run").asText());
    for (JsonNode gate : version.path("gates")) gate(terminal, gate);
  }

  private static void gate(Terminal terminal, JsonNode gate) {
    String state = gate.path("state").asText();
    String mark =
        switch (state) {
          case "PASSED", "passed" -> terminal.green("passed ");
          case "FAILED", "failed" -> terminal.red("failed ");
          default -> terminal.yellow("unknown");
        };
    JsonNode actual = gate.path("actual");
    line(
        terminal,
        "gate",
        "%s  %-24s %-12s %s"
            .formatted(
                mark,
                gate.path("name").asText(),
                actual.isNumber() ? "%.5g".formatted(actual.asDouble()) : "-",
                gate.path("limit").asText()));
  }

  private static String reasons(JsonNode reasons) {
    StringBuilder text = new StringBuilder();
    for (JsonNode reason : reasons) {
      if (!text.isEmpty()) text.append(", ");
      text.append(reason.asText());
    }
    return text.toString();
  }

  private static String fields(JsonNode object) {
    StringBuilder text = new StringBuilder();
    object
        .properties()
        .forEach(field -> {
          if (!text.isEmpty()) text.append("  ");
          text.append(field.getKey()).append('=').append(field.getValue().asText());
        });
    return text.toString();
  }

  private static void edges(Terminal terminal, String key, JsonNode edges) {
    terminal.print(terminal.bold(terminal.text(key)));
    for (JsonNode edge : edges) {
      terminal.print(
          "  %s  %s  %s"
              .formatted(
                  node(edge.path("from")), edge.path("relation").asText(), node(edge.path("to"))));
    }
  }

  private static String node(JsonNode node) {
    return node.path("kind").asText() + "/" + node.path("id").asText();
  }

  private static void line(Terminal terminal, String name, String text) {
    terminal.print("%s %s".formatted(terminal.dim("%-11s".formatted(name)), text));
  }
}
