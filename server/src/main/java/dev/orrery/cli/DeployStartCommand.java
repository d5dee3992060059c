package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery deploy start VERSION`: brings a registered version into traffic.
final class DeployStartCommand extends Command {
  @Parameters(paramLabel = "VERSION", descriptionKey = "orrery.deploy.start.version")
  String version = "";

  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Option(
      names = "--strategy",
      paramLabel = "WORD",
      descriptionKey = "orrery.deploy.start.strategy")
  @Nullable String strategy;

  @Option(names = "--why", paramLabel = "TEXT", descriptionKey = "orrery.rollback.why")
  @Nullable String why;

  @Option(names = "--force", descriptionKey = "orrery.deploy.start.force")
  boolean force;

  @Option(names = "--dry-run", descriptionKey = "orrery.rollback.dry-run")
  boolean dryRun;

  @Override
  int run(Terminal terminal) {
    String number = Semver.parse(version).toString();
    Client client = server(terminal);
    String path =
        Deploys.path(
            endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint);
    if (dryRun) return rehearse(terminal, client, path, number);
    ObjectNode body = Json.MAPPER.createObjectNode().put("version", number).put("force", force);
    if (strategy != null) body.put("strategy", strategy);
    if (why != null) body.put("why", why);
    Deploys.moved(terminal, client.post(path + "/deployments", body));
    return ExitCode.OK;
  }

  private int rehearse(Terminal terminal, Client client, String path, String number) {
    JsonNode told = client.get(path + "/preflight/" + number);
    String by =
        strategy == null ? client.get(path + "/deployment").path("strategy").asText() : strategy;
    if (terminal.isJson()) {
      terminal.json(((ObjectNode) told).put("strategy", by).put("dry_run", true));
    } else {
      terminal.print(terminal.text("deploy.start.dry", number, by));
      for (JsonNode one : told.path("differences")) terminal.print("  " + one.asText());
    }
    return told.path("differences").isEmpty() || force ? ExitCode.OK : ExitCode.CONFLICT;
  }
}
