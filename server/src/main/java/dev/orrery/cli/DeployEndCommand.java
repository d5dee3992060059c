package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery deploy promote [VERSION]` and `orrery deploy abort`: end a trial well, or not.
final class DeployEndCommand extends Command {
  private final boolean promotes;

  @Parameters(
      arity = "0..1",
      paramLabel = "VERSION",
      descriptionKey = "orrery.deploy.promote.version")
  @Nullable String version;

  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Option(names = "--why", paramLabel = "TEXT", descriptionKey = "orrery.rollback.why")
  @Nullable String why;

  @Option(names = "--dry-run", descriptionKey = "orrery.rollback.dry-run")
  boolean dryRun;

  DeployEndCommand(boolean promotes) {
    this.promotes = promotes;
  }

  @Override
  int run(Terminal terminal) {
    String number = version == null ? null : Semver.parse(version).toString();
    Client client = server(terminal);
    String name = endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint;
    String path = Deploys.path(name);
    if (dryRun || !promotes && number != null) {
      JsonNode status = client.get(path + "/deployment");
      if (!status.path("trial").isTextual()) {
        throw new Problem(Fault.NO_TRIAL, "no version is under trial", "Nothing has been changed");
      }
      if (dryRun) {
        terminal.print(
            terminal.text(
                promotes ? "deploy.promote.dry" : "deploy.abort.dry",
                name,
                status.path("trial").asText(),
                status.path("champion").asText()));
        return ExitCode.OK;
      }
    }
    ObjectNode body = Json.MAPPER.createObjectNode();
    body.put("why", why == null ? "orrery deploy " + (promotes ? "promote" : "abort") : why);
    if (promotes && number != null) body.put("version", number);
    Deploys.moved(terminal, client.post(path + (promotes ? "/promote" : "/abort"), body));
    return ExitCode.OK;
  }
}
