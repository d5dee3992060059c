package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Parameters;

/// `orrery exp show RUN`: all of a run.
final class ExpShowCommand extends Command {
  @Parameters(paramLabel = "RUN", descriptionKey = "orrery.exp.run")
  String run = "";

  @Override
  int run(Terminal terminal) {
    JsonNode detail = new ExpRuns(server(terminal)).detail(run);
    if (terminal.isJson()) {
      terminal.json(detail);
      return ExitCode.OK;
    }
    JsonNode shown = detail.path("run");
    terminal.print(terminal.bold(shown.path("name").asText()) + "  " + shown.path("id").asText());
    line(
        terminal,
        "exp.status",
        "%s%s"
            .formatted(
                shown.path("status").asText(),
                shown.path("lifecycle").asText().equals("deleted") ? " (deleted)" : ""));
    line(
        terminal,
        "exp.started",
        "%s  %s %s"
            .formatted(
                shown.path("started_at").asText(),
                terminal.text("exp.took"),
                ExpRuns.duration(shown)));
    line(
        terminal,
        "exp.experiment",
        "%s  (%s)"
            .formatted(detail.path("experiment_name").asText(), shown.path("experiment").asText()));
    if (!shown.path("user").asText().isEmpty()) {
      line(terminal, "exp.user", shown.path("user").asText());
    }
    section(terminal, "exp.metrics", shown.path("metrics"));
    section(terminal, "exp.params", shown.path("params"));
    section(terminal, "exp.environment", detail.path("environment"));
    section(terminal, "exp.resources", detail.path("resources"));
    list(terminal, "exp.inputs", detail.path("inputs"), "name", "digest");
    list(terminal, "exp.models", detail.path("models"), "name", "id");
    line(terminal, "exp.artifacts", detail.path("artifacts").asText());
    section(terminal, "exp.tags", shown.path("tags"));
    terminal.say(terminal.text("exp.show.next", ExpRuns.brief(shown.path("id").asText())));
    return ExitCode.OK;
  }

  private static void section(Terminal terminal, String key, JsonNode values) {
    if (values.isEmpty()) return;
    terminal.print(terminal.dim(terminal.text(key)));
    values
        .properties()
        .forEach(value ->
            terminal.print(
                "  %-28s %s".formatted(value.getKey(), shown(ExpRuns.number(value.getValue())))));
  }

  private static void list(
      Terminal terminal, String key, JsonNode values, String name, String detail) {
    if (values.isEmpty()) return;
    terminal.print(terminal.dim(terminal.text(key)));
    for (JsonNode value : values) {
      terminal.print(
          "  %-28s %s".formatted(value.path(name).asText(), value.path(detail).asText()));
    }
  }

  private static String shown(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= 200 ? line : line.substring(0, 199) + "…";
  }

  private static void line(Terminal terminal, String key, String text) {
    terminal.print("%s %s".formatted(terminal.dim("%-11s".formatted(terminal.text(key))), text));
  }
}
