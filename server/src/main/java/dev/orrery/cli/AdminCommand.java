package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.base.Texts;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery admin gc`, `orrery admin verify` and `orrery admin audit verify`: what is done about the
/// bytes of a store, and whether the record of what was done is whole.
final class AdminCommand extends Command {
  private static final long POLL_MILLIS = 200;
  private static final Duration PATIENCE = Duration.ofHours(1);

  /// What is kept in files besides rows and blobs, where there is an endpoint.
  private static final List<String> FILES = List.of("log", "archive");

  private static final List<String> VERBS = List.of("gc", "verify", "audit");

  @Parameters(index = "0", paramLabel = "gc|verify|audit", descriptionKey = "orrery.admin.what")
  String what = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "verify",
      descriptionKey = "orrery.admin.words")
  String words = "verify";

  @Option(names = "--dry-run", descriptionKey = "orrery.admin.dry-run")
  boolean dryRun;

  @Option(names = "--grace", paramLabel = "TIME", descriptionKey = "orrery.admin.grace")
  @Nullable String grace;

  @Option(names = "--older-than", paramLabel = "TIME", descriptionKey = "orrery.admin.older-than")
  @Nullable String olderThan;

  @Override
  int run(Terminal terminal) throws InterruptedException {
    if (!VERBS.contains(what)) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is no 'admin %s'".formatted(Texts.shown(what)),
          Texts.didYouMean(what, VERBS));
    }
    try (Reach reach = Reach.of(home(terminal), terminal, 1, "orrery admin " + what)) {
      Client client = reach.client().within(PATIENCE);
      return switch (what) {
        case "gc" -> collect(terminal, client);
        case "audit" -> audit(terminal, client);
        default -> verify(terminal, client);
      };
    }
  }

  private int audit(Terminal terminal, Client client) {
    if (!words.equals("verify")) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is no 'admin audit %s'".formatted(Texts.shown(words)),
          "Write 'orrery admin audit verify'");
    }
    JsonNode verdict = client.get("/api/v1/audit/verify");
    boolean sound = verdict.path("sound").asBoolean();
    if (terminal.isJson()) {
      terminal.json(verdict);
    } else if (sound) {
      terminal.print(
          terminal.green("ok")
              + "  "
              + terminal.text(
                  "admin.sound", verdict.path("entries").asLong(), verdict.path("head").asText()));
    } else {
      terminal.print(
          terminal.red("x")
              + "  "
              + terminal.text(
                  "admin.broken", verdict.path("entry").asLong(), verdict.path("how").asText()));
    }
    return sound ? ExitCode.OK : ExitCode.FAILED;
  }

  private int collect(Terminal terminal, Client client) {
    Map<String, Object> wish = new LinkedHashMap<>();
    wish.put("dry_run", dryRun);
    if (grace != null) wish.put("grace_seconds", seconds("--grace", grace));
    if (olderThan != null) wish.put("deleted_for_seconds", seconds("--older-than", olderThan));
    JsonNode report = client.post("/api/v1/gc", wish);
    if (terminal.isJson()) {
      terminal.json(report);
      return ExitCode.OK;
    }
    report
        .path("rows")
        .properties()
        .forEach(row ->
            terminal.print(
                terminal.text(
                    dryRun ? "admin.gc.rows.dry" : "admin.gc.rows",
                    row.getKey(),
                    row.getValue().asLong())));
    terminal.print(
        terminal.text(
            dryRun ? "admin.gc.dry" : "admin.gc.done",
            report.path("removed").asLong(),
            size(report.path("removed_bytes").asLong()),
            report.path("kept").asLong(),
            size(report.path("kept_bytes").asLong()),
            report.path("young").asLong()));
    return ExitCode.OK;
  }

  private static long seconds(String option, String text) {
    Quantity quantity = Quantity.parse(text);
    if (quantity.dimension() == Quantity.Dimension.SECONDS && quantity.value() >= 0) {
      return (long) quantity.value();
    }
    throw new Problem(
        Fault.BAD_COMMAND,
        "%s '%s' is not a time".formatted(option, Texts.shown(text)),
        "Write it as 1h or 30s");
  }

  private static int verify(Terminal terminal, Client client) throws InterruptedException {
    JsonNode state = client.post("/api/v1/verify", Map.of());
    ProgressLine progress = new ProgressLine(terminal);
    while (state.path("running").asBoolean()) {
      progress.show(progress(terminal, state));
      Thread.sleep(POLL_MILLIS);
      state = client.get("/api/v1/verify");
    }
    progress.clear();
    if (terminal.isJson()) {
      terminal.json(state);
    } else {
      show(terminal, state);
    }
    boolean isSound =
        state.path("damaged").isEmpty()
            && state.path("pages").path("damaged").isEmpty()
            && !areFilesDamaged(state)
            && !state.has("failure");
    return isSound ? ExitCode.OK : ExitCode.FAILED;
  }

  private static boolean areFilesDamaged(JsonNode state) {
    return FILES.stream().anyMatch(kind -> state.path(kind).path("damages").asLong() > 0);
  }

  /// Pages come first; blobs are begun when they are done, then the log and its archive.
  private static String progress(Terminal terminal, JsonNode state) {
    for (String kind : FILES.reversed()) {
      if (state.has(kind)) {
        return progress(terminal, "admin.verify.%s.progress".formatted(kind), state.path(kind));
      }
    }
    boolean isBlobs = state.path("of").asLong() > 0;
    return isBlobs
        ? progress(terminal, "admin.verify.progress", state)
        : progress(terminal, "admin.verify.pages.progress", state.path("pages"));
  }

  private static String progress(Terminal terminal, String text, JsonNode now) {
    return terminal.text(
        text,
        now.path("checked").asLong(),
        now.path("of").asLong(),
        size(now.path("bytes").asLong()));
  }

  private static void show(Terminal terminal, JsonNode state) {
    JsonNode pages = state.path("pages");
    for (JsonNode damaged : pages.path("damaged")) {
      terminal.print(
          terminal.red(
              terminal.text(
                  "admin.verify.page",
                  damaged.path("page").asLong(),
                  damaged.path("name").asText())));
    }
    for (JsonNode damaged : state.path("damaged")) {
      terminal.print(
          terminal.red(terminal.text("admin.verify.bad", damaged.path("digest").asText())));
      damaged.path("artifacts").forEach(name -> terminal.print("  " + name.asText()));
    }
    for (String kind : FILES) {
      for (JsonNode damaged : state.path(kind).path("damaged")) {
        terminal.print(
            terminal.red(terminal.text("admin.verify.bad", damaged.path("what").asText())));
      }
    }
    if (state.has("failure")) terminal.print(terminal.red(state.path("failure").asText()));
    String why = pages.path("why").asText();
    terminal.print(
        why.isEmpty()
            ? terminal.text(
                "admin.verify.pages.done",
                pages.path("checked").asLong(),
                size(pages.path("bytes").asLong()),
                pages.path("damaged").size())
            : terminal.text("admin.verify.pages.none", why));
    terminal.print(
        terminal.text(
            "admin.verify.done",
            state.path("checked").asLong(),
            size(state.path("bytes").asLong()),
            state.path("damaged").size()));
    for (String kind : FILES) {
      JsonNode files = state.path(kind);
      if (files.isMissingNode()) continue;
      terminal.print(
          terminal.text(
              "admin.verify.%s.done".formatted(kind),
              files.path("checked").asLong(),
              size(files.path("bytes").asLong()),
              files.path("damages").asLong()));
    }
  }

  /// A size for people.
  private static String size(long bytes) {
    if (bytes < 1_000) return bytes + " B";
    double value = bytes;
    for (String unit : List.of("kB", "MB", "GB")) {
      value /= 1_000;
      if (value < 1_000) return "%.1f %s".formatted(value, unit);
    }
    return "%.1f TB".formatted(value / 1_000);
  }
}
