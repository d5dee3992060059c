package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.ModelServer;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.inference.CatalogOptions;
import dev.orrery.inference.Servable;
import dev.orrery.web.WebOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery serve FILE...`: serves model files over all inference protocols until it is told to
/// stop. No project, no store.
final class ServeCommand extends Command {
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(20);

  @Parameters(arity = "0..*", paramLabel = "FILE", descriptionKey = "orrery.serve.files")
  List<String> files = List.of();

  @Option(names = "--port", paramLabel = "N", descriptionKey = "orrery.serve.port")
  int port = 8080;

  @Option(names = "--host", paramLabel = "ADDRESS", descriptionKey = "orrery.serve.host")
  String host = "127.0.0.1";

  @Option(names = "--batch", paramLabel = "ROWS", descriptionKey = "orrery.serve.batch")
  int batch = 1;

  @Option(names = "--batch-delay", paramLabel = "MS", descriptionKey = "orrery.serve.batch-delay")
  double batchDelay = 2;

  @Option(names = "--concurrency", paramLabel = "N", descriptionKey = "orrery.serve.concurrency")
  @Nullable Integer concurrency;

  @Option(names = "--queue", paramLabel = "N", descriptionKey = "orrery.serve.queue")
  int queue = CatalogOptions.DEFAULT.queueMax();

  @Option(names = "--cache", paramLabel = "N", descriptionKey = "orrery.serve.cache")
  int cache = CatalogOptions.DEFAULT.cacheEntries();

  @Option(names = "--loaded", paramLabel = "N", descriptionKey = "orrery.serve.loaded")
  int loaded = CatalogOptions.DEFAULT.loadedMax();

  @Option(names = "--access-log", paramLabel = "FILE", descriptionKey = "option.access-log")
  @Nullable String accessLog;

  @Override
  int run(Terminal terminal) throws InterruptedException {
    if (files.isEmpty()) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is no file to serve",
          "Name one: orrery serve model.txt --port 8080");
    }
    List<Path> paths = files.stream().map(terminal.folder()::resolve).toList();
    var options =
        CatalogOptions.DEFAULT
            .withLoaded(within("--loaded", loaded, 1, 100_000), CatalogOptions.DEFAULT.bytesMax())
            .withConcurrency(
                concurrency == null ? 0 : within("--concurrency", concurrency, 1, 10_000),
                within("--queue", queue, 0, 100_000))
            .withCache(within("--cache", cache, 0, 1_000_000))
            .withBatches(within("--batch", batch, 1, 65_536), delay());
    var web = new WebOptions(host, within("--port", port, 0, 65_535));
    try (Stopper stopper = new Stopper(CLOSED_WITHIN)) {
      String log = LogFile.of(accessLog, terminal);
      try (ModelServer server = ModelServer.start(paths, options, web, terminal.clock(), log)) {
        stopper.exitWith(ExitCode.OK);
        tell(terminal, server);
        stopper.await();
        terminal.say(terminal.text("up.stopping"));
      }
    }
    return ExitCode.OK;
  }

  private void tell(Terminal terminal, ModelServer server) {
    String address = "http://%s:%d".formatted(host, server.port());
    if (terminal.isJson()) {
      ObjectNode told = JsonNodeFactory.instance.objectNode().put("address", address);
      ArrayNode models = told.putArray("models");
      server.catalog().all().forEach(model -> models.add(model.name()));
      terminal.json(told.put("pid", ProcessHandle.current().pid()));
      return;
    }
    terminal.print(terminal.text("serve.address", address));
    for (Servable model : server.catalog().all()) {
      Servable.Metadata told = model.metadata(Optional.empty());
      String versions = told.versions().stream().collect(Collectors.joining(", "));
      terminal.say(terminal.text("serve.model", model.name(), versions, told.platform()));
    }
    terminal.say(terminal.dim(terminal.text("serve.try", address)));
    terminal.say(terminal.dim(terminal.text("up.stop")));
  }

  private Duration delay() {
    if (batchDelay >= 0 && batchDelay <= 1_000) return Duration.ofNanos((long) (batchDelay * 1e6));
    throw new Problem(
        Fault.BAD_COMMAND,
        "--batch-delay is %s".formatted(batchDelay),
        "Give 0 to 1000 milliseconds");
  }

  private static int within(String option, int value, int least, int most) {
    if (value >= least && value <= most) return value;
    throw new Problem(
        Fault.BAD_COMMAND,
        "%s is %d".formatted(option, value),
        "Give %d to %,d".formatted(least, most));
  }
}
