package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery deploy chaos`: has the champion of a running server fail or be slow for a while, asks it
/// on like a client, and tells what the client saw. The result goes to the audit log.
final class DeployChaosCommand extends Command {
  private static final int SAMPLE = 50;

  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Option(names = "--failing", paramLabel = "SHARE", descriptionKey = "orrery.deploy.chaos.failing")
  @Nullable String failing;

  @Option(names = "--latency", paramLabel = "TIME", descriptionKey = "orrery.deploy.chaos.latency")
  @Nullable String latency;

  @Option(names = "--for", paramLabel = "TIME", descriptionKey = "orrery.deploy.chaos.for")
  String span = "10s";

  @Option(names = "--rate", paramLabel = "N", descriptionKey = "orrery.deploy.chaos.rate")
  int rate = 20;

  @Option(names = "--dry-run", descriptionKey = "orrery.rollback.dry-run")
  boolean dryRun;

  @Override
  int run(Terminal terminal) throws InterruptedException {
    double share = failing == null ? latency == null ? 1 : 0 : value(failing);
    double late = latency == null ? 0 : value(latency);
    double seconds = value(span);
    if (rate < 1 || rate > 200) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "--rate is %d requests a second".formatted(rate),
          "Give 1 to 200: this is a light load; 'orrery deploy bench' offers a heavy one");
    }
    Client client = server(terminal);
    String name = endpoint == null ? EndpointName.of(terminal, client, home(terminal)) : endpoint;
    String path = Deploys.path(name);
    JsonNode rows = client.get(path + "/sample?rows=" + SAMPLE).path("rows");
    if (rows.isEmpty()) {
      throw new Problem(
          Fault.BAD_REHEARSAL,
          "the log has no rows to ask about again",
          "Send some requests first ('orrery predict FILE'), with 'log: { features: full }'");
    }
    ObjectNode plan =
        Json.MAPPER
            .createObjectNode()
            .put("failing", share)
            .put("latency_ms", Math.round(late * 1_000))
            .put("seconds", (int) Math.ceil(seconds));
    if (dryRun) {
      if (terminal.isJson()) terminal.json(plan.put("dry_run", true));
      else {
        terminal.print(
            terminal.text(
                "deploy.chaos.dry",
                name,
                "%.0f %%".formatted(100 * share),
                "%.0f ms".formatted(late * 1e3),
                "%.0f s".formatted(seconds)));
      }
      return ExitCode.OK;
    }
    client.post(path + "/rehearsals", plan);
    Seen seen;
    ObjectNode report;
    client.with(Map.of("Orrery-Rehearsal", "true"));
    try {
      seen = ask(client, name, rows, seconds);
      report = seen.report(plan);
    } finally {
      client.with(Map.of());
    }
    report.put("struck", client.post(path + "/rehearsals/result", report).path("struck").asLong());
    tell(terminal, report);
    return seen.answered == seen.requests ? ExitCode.OK : ExitCode.UNAVAILABLE;
  }

  private static double value(String text) {
    return Quantity.parse(text).value();
  }

  /// What the client saw.
  private static final class Seen {
    private final Map<String, Integer> failures = new TreeMap<>();
    private final Map<String, Integer> by = new TreeMap<>();
    private double[] millis = new double[256];
    private int requests;
    private int answered;
    private int instead;

    void took(double time) {
      if (requests == millis.length) millis = Arrays.copyOf(millis, 2 * requests);
      millis[requests++] = time;
    }

    ObjectNode report(ObjectNode plan) {
      double[] sorted = Arrays.copyOf(millis, requests);
      Arrays.sort(sorted);
      ObjectNode report = plan.deepCopy();
      report.put("requests", requests).put("answered", answered).put("by_fallback", instead);
      report.set("failures", Json.MAPPER.valueToTree(failures));
      report.set("versions", Json.MAPPER.valueToTree(by));
      report.put("p50_ms", quantile(sorted, 0.5)).put("p99_ms", quantile(sorted, 0.99));
      return report;
    }

    private static double quantile(double[] sorted, double share) {
      return sorted.length == 0
          ? 0
          : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
  }

  private Seen ask(Client client, String name, JsonNode rows, double seconds)
      throws InterruptedException {
    var seen = new Seen();
    long start = System.nanoTime();
    long until = start + (long) (seconds * 1e9);
    while (System.nanoTime() < until) {
      long due = start + seen.requests * 1_000_000_000L / rate;
      long wait = due - System.nanoTime();
      if (wait > 0) Thread.sleep(wait / 1_000_000, (int) (wait % 1_000_000));
      long sent = System.nanoTime();
      try {
        JsonNode row = rows.get(seen.requests % rows.size());
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.putArray("rows").add(row);
        JsonNode answer = client.post("/endpoints/%s/predict".formatted(Urls.segment(name)), body);
        seen.answered++;
        seen.by.merge(answer.path("version").asText(), 1, Integer::sum);
        if (answer.path("fallback").isTextual()) seen.instead++;
      } catch (Problem e) {
        seen.failures.merge(e.fault().code(), 1, Integer::sum);
      }
      seen.took((System.nanoTime() - sent) / 1e6);
    }
    return seen;
  }

  private static void tell(Terminal terminal, ObjectNode report) {
    if (terminal.isJson()) {
      terminal.json(report);
      return;
    }
    terminal.print(
        terminal.text(
            "deploy.chaos.done",
            report.path("requests").asText(),
            report.path("answered").asText(),
            report.path("by_fallback").asText(),
            report.path("struck").asText(),
            "%.2f".formatted(report.path("p50_ms").asDouble()),
            "%.2f".formatted(report.path("p99_ms").asDouble())));
    report
        .path("failures")
        .properties()
        .forEach(one -> terminal.print("  %s  %s".formatted(one.getKey(), one.getValue())));
  }
}
