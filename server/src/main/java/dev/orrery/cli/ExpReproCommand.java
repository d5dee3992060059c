package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Parameters;

/// `orrery exp repro RUN`: trains again what a run trained, and tells whether the same came of it.
final class ExpReproCommand extends Command {
  @Parameters(paramLabel = "RUN", descriptionKey = "orrery.exp.run")
  String run = "";

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal).within(Duration.ofMinutes(30));
    String id = new ExpRuns(client).run(run);
    terminal.say(terminal.text("exp.repro.begin", ExpRuns.brief(id)));
    JsonNode told = client.post("/api/v1/pipeline/reproduce/" + Urls.segment(id), Map.of());
    String verdict = told.path("verdict").asText();
    boolean isSame = verdict.equals("same");
    if (terminal.isJson()) {
      terminal.json(told);
      return isSame ? ExitCode.OK : ExitCode.NOT_MET;
    }
    String line = terminal.text("exp.repro." + verdict);
    terminal.print(isSame ? terminal.green(line) : terminal.red(line));
    told.path("reasons").forEach(reason -> terminal.print("  " + reason.asText()));
    if (told.path("model").isTextual()) {
      terminal.print(
          "  %s  %s".formatted(terminal.text("exp.repro.now"), told.path("model").asText()));
    }
    if (told.path("before").isTextual()) {
      terminal.print(
          "  %s  %s".formatted(terminal.text("exp.repro.before"), told.path("before").asText()));
    }
    return isSame ? ExitCode.OK : ExitCode.NOT_MET;
  }
}
