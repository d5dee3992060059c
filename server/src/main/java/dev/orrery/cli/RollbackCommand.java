package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery rollback [ENDPOINT]`: returns an endpoint to the version it served before.
final class RollbackCommand extends Command {
  @Parameters(arity = "0..1", paramLabel = "ENDPOINT", descriptionKey = "orrery.rollback.endpoint")
  @Nullable String endpoint;

  @Option(names = "--why", paramLabel = "TEXT", descriptionKey = "orrery.rollback.why")
  String why = "orrery rollback";

  @Option(names = "--dry-run", descriptionKey = "orrery.rollback.dry-run")
  boolean dryRun;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    String name = endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint;
    String path = "/api/v1/endpoints/" + Urls.segment(name);
    if (dryRun) return rehearse(terminal, name, client.get(path));
    JsonNode move = client.post(path + "/rollback", Map.of("why", why));
    if (terminal.isJson()) {
      terminal.json(move);
    } else {
      terminal.print(
          terminal.green("ok")
              + "  "
              + terminal.text(
                  "rollback.done",
                  name,
                  move.path("version").asText(),
                  move.path("previous").asText()));
      JsonNode restored = move.path("restored");
      terminal.print(
          "    "
              + terminal.text(
                  "rollback.restored",
                  restored.path("threshold").asText(),
                  restored.path("features").asText(digest(restored, "features_digest")),
                  digest(restored, "configuration"),
                  "%.0f".formatted(move.path("ms").asDouble())));
    }
    return ExitCode.OK;
  }

  private static String digest(JsonNode restored, String key) {
    String hex = restored.path(key).asText();
    return hex.substring(0, Math.min(12, hex.length()));
  }

  private static int rehearse(Terminal terminal, String name, JsonNode state) {
    JsonNode stack = state.path("traffic").path("stack");
    if (stack.size() < 2) {
      throw new Problem(
          Fault.NOTHING_TO_ROLL_BACK,
          "'%s' has served no other version before".formatted(name),
          "Nothing has been changed");
    }
    String from = stack.get(stack.size() - 1).asText();
    String to = stack.get(stack.size() - 2).asText();
    if (terminal.isJson()) {
      terminal.json(
          JsonNodeFactory.instance
              .objectNode()
              .put("endpoint", name)
              .put("from", from)
              .put("to", to)
              .put("dry_run", true));
    } else {
      terminal.print(terminal.text("rollback.dry", name, to, from));
    }
    return ExitCode.OK;
  }
}
