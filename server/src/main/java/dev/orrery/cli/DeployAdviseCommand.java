package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery deploy advise`: which strategy fits what was answered and told so far, and whether batch
/// or live.
final class DeployAdviseCommand extends Command {
  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    String name = endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint;
    JsonNode advice = client.get(Deploys.path(name) + "/advice");
    if (terminal.isJson()) {
      terminal.json(advice);
      return ExitCode.OK;
    }
    terminal.print(
        terminal.text(
            "deploy.advise.done",
            terminal.bold(advice.path("strategy").asText()),
            terminal.bold(advice.path("mode").asText()),
            advice.path("configured").asText()));
    for (JsonNode fact : advice.path("facts")) terminal.print("  " + terminal.dim(fact.asText()));
    for (String list : new String[] {"strategy_reasons", "mode_reasons"}) {
      for (JsonNode reason : advice.path(list)) terminal.print("  - " + reason.asText());
    }
    return ExitCode.OK;
  }
}
