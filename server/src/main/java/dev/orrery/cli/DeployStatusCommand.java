package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery deploy status`: who answers, and how the trial stands.
final class DeployStatusCommand extends Command {
  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    String name = endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint;
    JsonNode status = client.get(Deploys.path(name) + "/deployment");
    if (terminal.isJson()) {
      terminal.json(status);
      return ExitCode.OK;
    }
    terminal.print("%s  %s".formatted(terminal.bold(name), status.path("strategy").asText()));
    shares(terminal, status.path("shares"));
    if (status.path("canary").isObject()) canary(terminal, status.path("canary"));
    if (status.path("shadow").isObject()) shadow(terminal, status.path("shadow"));
    if (status.path("experiment").isObject()) experiment(terminal, status.path("experiment"));
    return ExitCode.OK;
  }

  private static void shares(Terminal terminal, JsonNode shares) {
    if (shares.isEmpty()) {
      terminal.print("  " + terminal.text("deploy.status.none"));
      return;
    }
    var table =
        new ArrayList<List<String>>(
            List.of(
                List.of(
                    "version", "role", "share", "answered", "failed", "p50", "p95", "p99", "/s")));
    for (JsonNode share : shares) {
      table.add(
          List.of(
              share.path("version").asText(),
              share.path("role").asText(),
              Deploys.number(share.path("percent")) + " %",
              "%,d".formatted(share.path("answered").asLong()),
              "%,d".formatted(share.path("failed").asLong()),
              Deploys.number(share.path("p50_ms")),
              Deploys.number(share.path("p95_ms")),
              Deploys.number(share.path("p99_ms")),
              Deploys.number(share.path("per_second"))));
    }
    for (List<String> row : table) {
      terminal.print(
          "  %-10s %-12s %8s %12s %8s %8s %8s %8s %8s".formatted(row.toArray()).stripTrailing());
    }
  }

  private static void canary(Terminal terminal, JsonNode canary) {
    terminal.print("");
    terminal.print(
        terminal.text(
            "deploy.status.canary",
            canary.path("version").asText(),
            canary.path("step").asInt() + 1,
            canary.path("steps").size(),
            canary.path("next_at").asText()));
    for (JsonNode finding : canary.path("findings")) {
      String state = finding.path("state").asText();
      terminal.print(
          "  %-8s %-18s %s"
              .formatted(state, finding.path("rule").asText(), finding.path("found").asText()));
    }
  }

  private static void shadow(Terminal terminal, JsonNode shadow) {
    terminal.print("");
    terminal.print(
        terminal.text(
            "deploy.status.shadow",
            shadow.path("version").asText(),
            shadow.path("champion").asText(),
            "%,d".formatted(shadow.path("rows").asLong())));
    if (shadow.path("rows").asLong() == 0) return;
    terminal.print(
        "  "
            + terminal.text(
                "deploy.status.differ",
                "%.2f %%".formatted(100 * shadow.path("different").asDouble()),
                Deploys.number(shadow.path("mean_difference")),
                Deploys.number(shadow.path("max_difference")),
                Deploys.number(shadow.path("correlation"))));
    if (shadow.path("known").asLong() > 0) {
      terminal.print(
          "  "
              + terminal.text(
                  "deploy.status.losses",
                  "%,d".formatted(shadow.path("known").asLong()),
                  Deploys.number(shadow.path("served_log_loss")),
                  Deploys.number(shadow.path("shadow_log_loss"))));
    }
    for (JsonNode slice : shadow.path("slices")) {
      terminal.print(
          "  %6.2f %%  %s = %s  (%,d)"
              .formatted(
                  100 * slice.path("different").asDouble(),
                  slice.path("column").asText(),
                  slice.path("value").asText(),
                  slice.path("rows").asLong()));
    }
  }

  private static void experiment(Terminal terminal, JsonNode test) {
    terminal.print("");
    terminal.print(
        terminal.text(
            "deploy.status.test",
            test.path("name").asText(),
            test.path("primary").asText(),
            "%.1f".formatted(test.path("days_passed").asDouble()),
            Deploys.number(test.path("days_wanted"))));
    for (JsonNode arm : test.path("arms")) {
      terminal.print(
          "  %-14s %-8s %8s %%  %,12d / %,d"
              .formatted(
                  arm.path("name").asText(),
                  arm.path("version").asText(),
                  Deploys.number(arm.path("percent")),
                  arm.path("known").asLong(),
                  test.path("min_sample_size").asLong()));
    }
    for (JsonNode missing : test.path("missing")) terminal.print("  - " + missing.asText());
    JsonNode verdict = test.path("verdict");
    if (!verdict.isObject()) return;
    if (verdict.path("problem").isTextual()) {
      terminal.print("  " + terminal.red(verdict.path("problem").asText()));
      return;
    }
    for (JsonNode arm : verdict.path("arms")) {
      JsonNode effect = arm.path("effect");
      if (!effect.isObject()) continue;
      terminal.print(
          "  %s: %s  %+.5f [%+.5f, %+.5f]"
              .formatted(
                  arm.path("name").asText(),
                  terminal.bold(
                      terminal.text(
                          "deploy.result."
                              + arm.path("result").asText().toLowerCase(java.util.Locale.ROOT))),
                  effect.path("estimate").asDouble(),
                  effect.path("low").asDouble(),
                  effect.path("high").asDouble()));
      for (JsonNode broken : arm.path("broken")) {
        terminal.print("    " + terminal.red(broken.asText()));
      }
    }
  }
}
