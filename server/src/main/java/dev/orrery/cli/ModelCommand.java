package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery model ACTION [NAME] [VERSION] [OTHER]`: the registry from the command line.
final class ModelCommand extends Command {
  private static final List<String> ACTIONS =
      List.of(
          "ls",
          "show",
          "register",
          "promote",
          "approve",
          "alias",
          "archive",
          "rollback",
          "history",
          "diff",
          "card",
          "verify",
          "export");

  @Parameters(index = "0", paramLabel = "ACTION", descriptionKey = "orrery.model.action")
  String action = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      descriptionKey = "orrery.model.name")
  @Nullable String name;

  @Parameters(
      index = "2",
      arity = "0..1",
      paramLabel = "VERSION",
      descriptionKey = "orrery.model.version")
  @Nullable String version;

  @Parameters(
      index = "3",
      arity = "0..1",
      paramLabel = "OTHER",
      descriptionKey = "orrery.model.other")
  @Nullable String other;

  @Option(names = "--source", paramLabel = "URI", descriptionKey = "orrery.model.source")
  @Nullable String source;

  @Option(names = "--as", paramLabel = "SEMVER", descriptionKey = "orrery.model.as")
  @Nullable String as;

  @Option(names = "--to", paramLabel = "STAGE", descriptionKey = "orrery.model.to")
  String to = "Production";

  @Option(names = "--alias", paramLabel = "ALIAS", descriptionKey = "orrery.model.alias")
  @Nullable String alias;

  @Option(names = "--why", paramLabel = "TEXT", descriptionKey = "orrery.model.why")
  String why = "";

  @Option(names = "--force", descriptionKey = "orrery.model.force")
  boolean force;

  @Option(names = "--format", paramLabel = "FORMAT", descriptionKey = "orrery.model.format")
  String format = "html";

  @Option(names = "--out", paramLabel = "FILE", descriptionKey = "orrery.model.out")
  @Nullable Path out;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    return switch (action) {
      case "ls" -> list(terminal, client);
      case "show" -> show(terminal, client);
      case "register" -> register(terminal, client);
      case "promote" -> stage(terminal, client, to);
      case "archive" -> stage(terminal, client, "Archived");
      case "approve" -> moved(terminal, client.post(versionPath() + "/approve", why()));
      case "alias" ->
          moved(
              terminal,
              client.post(
                  versionPath() + "/aliases/" + Urls.segment(needed(alias, "--alias")), why()));
      case "rollback" -> moved(terminal, client.post(path() + "/rollback", why()));
      case "history" -> history(terminal, client);
      case "diff" -> diff(terminal, client);
      case "card" -> card(terminal, client);
      case "verify" -> verify(terminal, client);
      case "export" -> export(terminal, client);
      default ->
          throw new Problem(
              Fault.BAD_COMMAND,
              "'%s' is nothing that is done to models".formatted(Texts.shown(action)),
              Texts.didYouMean(action, ACTIONS));
    };
  }

  private String path() {
    return "/api/v1/models/" + Urls.segment(needed(name, "NAME"));
  }

  private String versionPath() {
    return path() + "/versions/" + Urls.segment(needed(version, "VERSION"));
  }

  private static String needed(@Nullable String value, String what) {
    if (value != null && !value.isEmpty()) return value;
    throw new Problem(
        Fault.BAD_COMMAND, "%s is missing".formatted(what), "See 'orrery help model'");
  }

  private Map<String, Object> why() {
    return Map.of("why", why);
  }

  private static int list(Terminal terminal, Client client) {
    JsonNode answer = client.get("/api/v1/models");
    if (terminal.isJson()) {
      terminal.json(answer);
      return ExitCode.OK;
    }
    terminal.print(
        terminal.dim(
            "%-32s %8s %-10s %-10s".formatted("name", "versions", "latest", "production")));
    for (JsonNode model : answer.path("models")) {
      terminal.print(
          "%-32s %8d %-10s %-10s"
              .formatted(
                  model.path("name").asText(),
                  model.path("versions").asLong(),
                  model.path("latest").path("semver").asText("-"),
                  model.path("production").path("semver").asText("-")));
    }
    return ExitCode.OK;
  }

  private int show(Terminal terminal, Client client) {
    JsonNode answer = client.get(version == null ? path() : versionPath());
    if (terminal.isJson()) {
      terminal.json(answer);
      return ExitCode.OK;
    }
    if (version != null) {
      line(terminal, answer);
      return ExitCode.OK;
    }
    JsonNode model = answer.path("model");
    terminal.print(
        terminal.bold(model.path("name").asText()) + "  " + model.path("description").asText(""));
    for (JsonNode found : answer.path("versions")) line(terminal, found);
    return ExitCode.OK;
  }

  private static void line(Terminal terminal, JsonNode version) {
    StringBuilder aliases = new StringBuilder();
    version
        .path("aliases")
        .forEach(alias -> aliases.append("@").append(alias.asText()).append("  "));
    terminal.print(
        "%5d  %-9s %-11s %s%s"
            .formatted(
                version.path("version").asLong(),
                version.path("semver").asText(),
                version.path("stage").asText(),
                aliases,
                version.path("semver_reason").asText()));
  }

  private int register(Terminal terminal, Client client) {
    var body = new LinkedHashMap<String, Object>();
    body.put("source", needed(source, "--source"));
    if (as != null) body.put("version", as);
    if (!why.isEmpty()) body.put("why", why);
    String path = path();
    try {
      return moved(terminal, client.post(path + "/versions", body));
    } catch (Problem e) {
      if (e.kind() != Problem.Kind.NOT_FOUND || !e.what().startsWith("Registered Model")) throw e;
      client.post("/api/v1/models", Map.of("name", needed(name, "NAME")));
      return moved(terminal, client.post(path + "/versions", body));
    }
  }

  private int stage(Terminal terminal, Client client, String stage) {
    return moved(
        terminal,
        client.post(versionPath() + "/stage", Map.of("stage", stage, "why", why, "force", force)));
  }

  private static int moved(Terminal terminal, JsonNode version) {
    if (terminal.isJson()) {
      terminal.json(version);
      return ExitCode.OK;
    }
    terminal.print(
        terminal.green("ok")
            + "  "
            + terminal.text(
                "model.done",
                version.path("model").asText(),
                version.path("version").asLong(),
                version.path("semver").asText(),
                version.path("stage").asText()));
    return ExitCode.OK;
  }

  private int history(Terminal terminal, Client client) {
    JsonNode answer = client.get(path() + "/history");
    if (terminal.isJson()) {
      terminal.json(answer);
      return ExitCode.OK;
    }
    for (JsonNode move : answer.path("moves")) {
      terminal.print(
          "%s  %-10s %-10s %5d  %s -> %s  %s"
              .formatted(
                  move.path("at").asText(),
                  move.path("who").asText(),
                  move.path("kind").asText(),
                  move.path("version").asLong(),
                  move.path("from").asText("-"),
                  move.path("to").asText("-"),
                  move.path("why").asText()));
    }
    return ExitCode.OK;
  }

  private int diff(Terminal terminal, Client client) {
    JsonNode diff = client.get(versionPath() + "/diff/" + Urls.segment(needed(other, "OTHER")));
    if (terminal.isJson()) {
      terminal.json(diff);
      return ExitCode.OK;
    }
    terminal.print(
        terminal.bold(diff.path("from").asText() + " -> " + diff.path("to").asText())
            + "  "
            + diff.path("bump").asText());
    for (JsonNode reason : diff.path("reasons")) terminal.print("  " + reason.asText());
    sides(terminal, diff.path("params"));
    sides(terminal, diff.path("lineage"));
    sides(terminal, diff.path("metrics"));
    return ExitCode.OK;
  }

  private static void sides(Terminal terminal, JsonNode all) {
    all.properties()
        .forEach(side ->
            terminal.print(
                "  %-24s %s -> %s"
                    .formatted(
                        side.getKey(),
                        side.getValue().path("from").asText("-"),
                        side.getValue().path("to").asText("-"))));
  }

  private int card(Terminal terminal, Client client) {
    String text = client.text(versionPath() + "/card?format=" + Urls.segment(format));
    return written(terminal, text);
  }

  private int verify(Terminal terminal, Client client) {
    JsonNode report = client.get(versionPath() + "/verify");
    boolean sound = report.path("wrong").isEmpty();
    if (terminal.isJson()) {
      terminal.json(report);
    } else if (sound) {
      terminal.print(
          terminal.green("ok")
              + "  "
              + terminal.text(
                  "model.verified",
                  report.path("files").asLong(),
                  report.path("bytes").asLong(),
                  report.path("key_id").asText()));
    } else {
      report.path("wrong").forEach(wrong -> terminal.print(terminal.red("x ") + wrong.asText()));
    }
    return sound ? ExitCode.OK : ExitCode.FAILED;
  }

  private int export(Terminal terminal, Client client) {
    return written(terminal, Json.pretty(client.get(versionPath() + "/manifest")) + "\n");
  }

  private int written(Terminal terminal, String text) {
    if (out == null) {
      terminal.print(text.stripTrailing());
      return ExitCode.OK;
    }
    Path file = terminal.folder().resolve(out);
    try {
      Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "cannot write %s".formatted(Texts.shown(file.toString())),
              "Name a file in a folder that is there and may be written")
          .because(e);
    }
    terminal.print(terminal.green("ok") + "  " + terminal.text("model.written", file));
    return ExitCode.OK;
  }
}
