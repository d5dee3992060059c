package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/// What the commands of `orrery deploy` have in common.
final class Deploys {
  private Deploys() {}

  static String path(String endpoint) {
    return "/api/v1/endpoints/" + Urls.segment(endpoint);
  }

  /// Tells of a move of traffic.
  static void moved(Terminal terminal, JsonNode move) {
    if (terminal.isJson()) {
      terminal.json(move);
      return;
    }
    String kind = move.path("kind").asText().toLowerCase(Locale.ROOT);
    terminal.print(
        terminal.green("ok")
            + "  "
            + terminal.text(
                "deploy.moved." + kind,
                move.path("version").asText(),
                move.path("percent").asText(),
                move.path("previous").asText("-")));
    terminal.print("    " + terminal.dim(move.path("why").asText()));
  }

  /// A number of four digits, or a dash where there is none.
  static String number(JsonNode node) {
    if (!node.isNumber()) return "-";
    double value = node.asDouble();
    return Math.abs(value) >= 1_000
        ? "%,.0f".formatted(value)
        : "%.4g".formatted(value).replaceFirst("\\.?0+$", "");
  }
}
