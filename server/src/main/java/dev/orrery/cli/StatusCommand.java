package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/// `orrery status`: the scorecard of the project.
final class StatusCommand extends Command {
  private static final int FINDINGS_MAX = 8;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    JsonNode status = client.get("/api/v1/status");
    if (terminal.isJson()) {
      terminal.json(status);
      return ExitCode.OK;
    }
    terminal.print(
        "%s  %s  %s%s"
            .formatted(
                terminal.bold(status.path("project").asText("-")),
                status.path("endpoint").asText("-"),
                status.path("clock").path("now").asText(),
                status.path("clock").path("virtual").asBoolean()
                    ? " (" + terminal.text("status.virtual") + ")"
                    : ""));
    loop(terminal, status.path("stages"), status.path("findings"));
    versions(terminal, status.path("versions"));
    live(terminal, status.path("live"));
    criteria(terminal, status.path("criteria"));
    findings(terminal, status.path("findings"));
    retrains(terminal, status.path("retrains"));
    next(terminal, status.path("next"), client);
    return ExitCode.OK;
  }

  private static void loop(Terminal terminal, JsonNode stages, JsonNode findings) {
    if (stages.isEmpty()) return;
    head(terminal, "status.loop");
    for (JsonNode stage : stages) {
      boolean isMonitor = stage.path("id").asText().equals("monitor");
      String state = stage.path("state").asText();
      terminal.print(
          "  %s %-10s %s"
              .formatted(
                  mark(terminal, isMonitor && hasCritical(findings) ? "critical" : state),
                  stage.path("id").asText(),
                  stage.path("detail").asText("")));
    }
  }

  private static boolean hasCritical(JsonNode findings) {
    for (JsonNode finding : findings) {
      if (finding.path("severity").asText().equals("critical")) return true;
    }
    return false;
  }

  private static void versions(Terminal terminal, JsonNode versions) {
    if (versions.isEmpty()) return;
    head(terminal, "status.versions");
    for (JsonNode version : versions) {
      double traffic = version.path("traffic").asDouble();
      terminal.print(
          "  %-8s %-11s %5s  auc %s  %s"
              .formatted(
                  version.path("version").asText(),
                  version.path("state").asText(),
                  traffic > 0 ? "%.0f %%".formatted(100 * traffic) : "",
                  number(version.path("auc_roc")),
                  words(version.path("reasons"))));
    }
  }

  private static void live(Terminal terminal, JsonNode live) {
    if (live.path("predictions").asLong() == 0) return;
    head(terminal, "status.live");
    terminal.print(
        "  "
            + terminal.text(
                "status.live.line",
                "%,d".formatted(live.path("predictions").asLong()),
                "%,d".formatted(live.path("outcomes").asLong()),
                number(live.path("p50_ms")),
                number(live.path("p99_ms"))));
  }

  private static void criteria(Terminal terminal, JsonNode criteria) {
    if (criteria.isEmpty()) return;
    head(terminal, "status.criteria");
    for (JsonNode line : criteria) {
      List<String> limits = new ArrayList<>();
      for (String limit : List.of("min", "target", "max")) {
        if (line.path(limit).isTextual()) limits.add(limit + " " + line.path(limit).asText());
      }
      terminal.print(
          "  %s %-16s %-12s %s  %s"
              .formatted(
                  mark(terminal, line.path("state").asText()),
                  line.path("name").asText(),
                  line.path("actual").asText("-").replace("null", "-"),
                  String.join(", ", limits),
                  terminal.dim(line.path("evidence").asText("").replace("null", ""))));
    }
  }

  private static void findings(Terminal terminal, JsonNode findings) {
    if (findings.isEmpty()) return;
    head(terminal, "status.findings");
    int shown = 0;
    for (JsonNode finding : findings) {
      if (shown++ == FINDINGS_MAX) {
        terminal.print("  " + terminal.text("status.more", findings.size() - FINDINGS_MAX));
        break;
      }
      terminal.print(
          "  %s %s  %s"
              .formatted(
                  mark(terminal, finding.path("severity").asText()),
                  finding.path("at").asText(),
                  finding.path("message").asText()));
    }
  }

  private static void retrains(Terminal terminal, JsonNode retrains) {
    if (retrains.isEmpty()) return;
    head(terminal, "status.retrains");
    for (JsonNode retrain : retrains) {
      JsonNode promoted = retrain.path("promoted");
      String end = promoted.isBoolean() ? promoted.asBoolean() ? "promoted" : "rejected" : "open";
      terminal.print(
          "  %s %s  %s -> %s  %s"
              .formatted(
                  mark(terminal, end),
                  retrain.path("at").asText(),
                  retrain.path("from").asText(),
                  retrain.path("to").asText("-").replace("null", "-"),
                  words(retrain.path("reasons"))));
    }
  }

  private static void next(Terminal terminal, JsonNode next, Client client) {
    terminal.say("");
    terminal.say(terminal.text("up.console", client.server()));
    for (JsonNode step : next) {
      terminal.say(
          "  %-36s %s".formatted(step.path("command").asText(), step.path("text").asText()));
    }
  }

  private static void head(Terminal terminal, String key) {
    terminal.print("");
    terminal.print(terminal.bold(terminal.text(key)));
  }

  /// A state in its colour; the word stays, as colours say nothing to programs and to some people.
  private static String mark(Terminal terminal, String state) {
    String word = "%-12s".formatted(state);
    return switch (state) {
      case "ok", "met", "promoted" -> terminal.green(word);
      case "failed", "critical" -> terminal.red(word);
      case "unknown", "below_target", "warning", "rejected" -> terminal.yellow(word);
      default -> word;
    };
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? "%.4f".formatted(value.asDouble()) : "-";
  }

  private static String words(JsonNode list) {
    List<String> words = new ArrayList<>();
    list.forEach(word -> words.add(word.asText()));
    return String.join(", ", words);
  }
}
