package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.load.HdrLog;
import dev.orrery.load.LoadPlan;
import dev.orrery.load.LoadReport;
import dev.orrery.load.OpenLoop;
import dev.orrery.registry.LoadTest;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery deploy bench`: offers an endpoint, or any address, requests at a fixed rate, and tells
/// what those who waited saw.
final class DeployBenchCommand extends Command {
  private static final int BODIES_MAX = 10_000;
  private static final int ROWS = 200;

  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Option(names = "--url", paramLabel = "URL", descriptionKey = "orrery.deploy.bench.url")
  @Nullable String url;

  @Option(names = "--body", paramLabel = "FILE", descriptionKey = "orrery.deploy.bench.body")
  @Nullable Path body;

  @Option(names = "--header", paramLabel = "TEXT", descriptionKey = "orrery.deploy.bench.header")
  List<String> headers = List.of();

  @Option(names = "--rate", paramLabel = "N", descriptionKey = "orrery.deploy.bench.rate")
  int rate = 1_000;

  @Option(names = "--for", paramLabel = "TIME", descriptionKey = "orrery.deploy.bench.for")
  String span = "60s";

  @Option(names = "--warm-up", paramLabel = "TIME", descriptionKey = "orrery.deploy.bench.warm-up")
  String warmUp = "5s";

  @Option(names = "--connections", paramLabel = "N", descriptionKey = "orrery.deploy.bench.lines")
  int connections = 64;

  @Option(names = "--timeout", paramLabel = "TIME", descriptionKey = "orrery.deploy.bench.timeout")
  String patience = "10s";

  @Option(names = "--max-p99", paramLabel = "TIME", descriptionKey = "orrery.deploy.bench.max-p99")
  @Nullable String maxP99;

  @Option(names = "--report", paramLabel = "FILE", descriptionKey = "orrery.deploy.bench.report")
  @Nullable Path report;

  @Option(names = "--hdr-log", paramLabel = "FILE", descriptionKey = "orrery.deploy.bench.hdr-log")
  @Nullable Path hdrLog;

  @Override
  int run(Terminal terminal) throws InterruptedException {
    Double limitMs = maxP99 == null ? null : time(maxP99, "--max-p99").toNanos() / 1e6;
    var plan =
        new LoadPlan(
            target(terminal),
            bodies(terminal),
            rate,
            time(warmUp, "--warm-up"),
            time(span, "--for"),
            connections,
            time(patience, "--timeout"),
            headers);
    terminal.say(terminal.text("deploy.bench.offers", plan.target(), rate, span));
    var progress = new ProgressLine(terminal);
    long all = plan.warmUp().plus(plan.span()).toSeconds();
    LoadReport result;
    try (HdrLog log = hdrLog == null ? null : new HdrLog(terminal.folder().resolve(hdrLog))) {
      result =
          OpenLoop.run(plan, seconds -> progress.show("%d / %d s".formatted(seconds, all)), log);
    }
    progress.clear();
    boolean within = limitMs == null || result.latency().p99() <= limitMs;
    show(terminal, result);
    if (url == null) keep(terminal, result);
    if (!result.isClean() || !within) {
      terminal.complain(
          terminal.text(
              "deploy.bench.missed",
              result.offered(),
              result.latency().p99(),
              limitMs == null ? "-" : limitMs,
              result.failed()));
      return ExitCode.NOT_MET;
    }
    return ExitCode.OK;
  }

  private void show(Terminal terminal, LoadReport result) {
    if (report != null) write(terminal.folder().resolve(report), result);
    if (terminal.isJson()) {
      terminal.json(result);
      return;
    }
    var statuses = new ArrayList<String>();
    result.statuses().forEach((status, count) -> statuses.add("%d: %,d".formatted(status, count)));
    terminal.print(
        terminal.text(
            "deploy.bench.counts",
            "%,d".formatted(result.offered()),
            String.join(", ", statuses),
            result.failed(),
            result.perSecond()));
    LoadReport.Spread latency = result.latency();
    terminal.print(
        "p50 %.3f  p90 %.3f  p95 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms"
            .formatted(
                latency.p50(),
                latency.p90(),
                latency.p95(),
                latency.p99(),
                latency.p999(),
                latency.max()));
    terminal.say(terminal.text("deploy.bench.service", result.service().p99(), result.lateMs()));
  }

  /// Has the server keep the result as evidence of the version that answered. A server that cannot
  /// changes nothing of what was measured.
  private void keep(Terminal terminal, LoadReport result) {
    if (result.versions().isEmpty()) return;
    try {
      Client client = server(terminal);
      String name = endpoint != null ? endpoint : EndpointName.served(client).orElse("");
      String path = "/api/v1/endpoints/%s/loads".formatted(Urls.segment(name));
      JsonNode kept = client.post(path, figures(result));
      List<String> against = new ArrayList<>();
      kept.path("against").forEach(why -> against.add(why.asText()));
      String versions = String.join(", ", result.versions().keySet());
      terminal.say(
          against.isEmpty()
              ? terminal.text("deploy.bench.kept", versions)
              : terminal.text("deploy.bench.kept.no", versions, String.join("; ", against)));
    } catch (Problem e) {
      terminal.complain(terminal.text("deploy.bench.unkept", e.what()));
    }
  }

  private static LoadTest.Figures figures(LoadReport result) {
    LoadReport.Spread spread = result.latency();
    return new LoadTest.Figures(
        result.versions(),
        result.rate(),
        result.seconds(),
        result.connections(),
        result.offered(),
        result.answered(),
        result.failed(),
        result.statuses(),
        result.perSecond(),
        new LoadTest.Spread(
            spread.p50(),
            spread.p90(),
            spread.p95(),
            spread.p99(),
            spread.p999(),
            spread.max(),
            spread.mean()),
        result.lateMs(),
        LoadTest.machineHere());
  }

  private static void write(Path file, LoadReport result) {
    try {
      Files.writeString(file, Json.pretty(result) + "\n");
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written".formatted(Texts.shown(file.toString())),
              "Check its folder and the free space")
          .because(e);
    }
  }

  private URI target(Terminal terminal) {
    if (url != null) {
      try {
        return new URI(url);
      } catch (URISyntaxException e) {
        throw new Problem(
                Fault.BAD_COMMAND,
                "'%s' is not an address".formatted(Texts.shown(url)),
                "Write it as http://127.0.0.1:8080/predict")
            .because(e);
      }
    }
    String path =
        endpoint == null ? "/predict" : "/endpoints/" + Urls.segment(endpoint) + "/predict";
    return server(terminal).server().resolve(path);
  }

  /// The lines of a file, each a body; or else rows of the project's data.
  private List<byte[]> bodies(Terminal terminal) {
    if (body != null) return lines(terminal.folder().resolve(body));
    if (url != null) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is nothing to send to %s".formatted(Texts.shown(url)),
          "Give a file of JSON bodies, one a line: --body FILE");
    }
    Path home = home(terminal);
    Dataset dataset =
        Rows.dataset(home)
            .orElseThrow(() ->
                new Problem(
                    Fault.BAD_COMMAND,
                    "%s has no data to ask about".formatted(Texts.shown(home.toString())),
                    "Give a file of JSON bodies, one a line: --body FILE"));
    Table table = Rows.table(home.resolve(dataset.path()));
    var types = new LinkedHashMap<String, Table.Type>();
    table.columns().forEach((name, column) -> types.put(name, column.type()));
    List<String> columns = List.copyOf(dataset.inputs(types).keySet());
    List<byte[]> bodies = new ArrayList<>();
    int count = Math.min(ROWS, table.rows());
    for (int i = 0; i < count; i++) {
      int row = (int) ((long) i * table.rows() / count);
      ArrayNode one = Rows.objects(table, columns, row, row + 1);
      bodies.add(Json.bytes(Map.of("rows", one)));
    }
    return bodies;
  }

  private static List<byte[]> lines(Path file) {
    try (var lines = Files.lines(file)) {
      List<byte[]> bodies = new ArrayList<>();
      for (String line : (Iterable<String>) lines.filter(l -> !l.isBlank())::iterator) {
        if (bodies.size() == BODIES_MAX) break;
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        try {
          Json.tree(bytes);
        } catch (Problem e) {
          throw new Problem(
                  Fault.BAD_COMMAND,
                  "line %d of %s is not JSON"
                      .formatted(bodies.size() + 1, Texts.shown(file.toString())),
                  "Write one whole body in each line")
              .because(e);
        }
        bodies.add(bytes);
      }
      if (!bodies.isEmpty()) return bodies;
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new Problem(
              Fault.NO_SUCH_FILE,
              "%s cannot be read".formatted(Texts.shown(file.toString())),
              "Check the path and its permissions")
          .because(e);
    }
    throw new Problem(
        Fault.BAD_COMMAND,
        "%s holds no body".formatted(Texts.shown(file.toString())),
        "Write one whole JSON body in each line");
  }

  private static Duration time(String text, String option) {
    Quantity quantity = Quantity.parse(text);
    if (quantity.dimension() != Quantity.Dimension.SECONDS || quantity.value() < 0) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "%s is '%s', which is no time".formatted(option, Texts.shown(text)),
          "Write it with its unit: 60s, 500ms, 2min");
    }
    return Duration.ofNanos((long) (quantity.value() * 1e9));
  }
}
