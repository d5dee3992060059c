package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Quantity;
import dev.orrery.base.Texts;
import dev.orrery.clock.Clockwork;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery up`: serves a project, or an empty folder, until it is told to stop.
final class UpCommand extends Command {
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(20);

  @Option(names = "--port", paramLabel = "N", descriptionKey = "orrery.up.port")
  @Nullable Integer port;

  @Option(names = "--host", paramLabel = "ADDRESS", descriptionKey = "orrery.up.host")
  String host = "127.0.0.1";

  @Option(names = "--clock", paramLabel = "real|virtual", descriptionKey = "orrery.up.clock")
  @Nullable String clock;

  @Option(names = "--clock-start", paramLabel = "TIME", descriptionKey = "orrery.up.clock-start")
  @Nullable String clockStart;

  @Option(names = "--threads", paramLabel = "N", descriptionKey = "option.threads")
  int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--database", paramLabel = "URL", descriptionKey = "orrery.up.database")
  @Nullable String database;

  @Option(names = "--disk-reserve", paramLabel = "SIZE", descriptionKey = "orrery.up.disk-reserve")
  String reserve = "64MB";

  @Option(names = "--access-log", paramLabel = "FILE", descriptionKey = "option.access-log")
  @Nullable String accessLog;

  @Override
  int run(Terminal terminal) throws InterruptedException {
    Path folder = home(terminal);
    var options =
        new OrreryOptions(
            folder,
            host,
            Ports.of(port, terminal, folder),
            virtualStart(terminal),
            Threads.checked(threads),
            "orrery up",
            Databases.of(database, terminal),
            bytes(reserve),
            LogFile.of(accessLog, terminal));
    try (Stopper stopper = new Stopper(CLOSED_WITHIN)) {
      try (Orrery orrery = Orrery.start(options, terminal.clock())) {
        requireReal(orrery.clock());
        stopper.exitWith(ExitCode.OK);
        if (terminal.isJson()) {
          terminal.json(
              JsonNodeFactory.instance
                  .objectNode()
                  .put("address", orrery.address())
                  .put("home", folder.toString())
                  .put("clock", orrery.clock().virtual() ? "virtual" : "real")
                  .put("pid", ProcessHandle.current().pid()));
        } else {
          terminal.print(terminal.text("up.console", orrery.address()));
          terminal.say(terminal.dim(terminal.text("up.home", folder)));
          if (orrery.clock().virtual()) {
            terminal.say(terminal.yellow(terminal.text("up.clock", orrery.clock().now())));
          }
          terminal.say(terminal.dim(terminal.text("up.stop")));
        }
        stopper.await();
        terminal.say(terminal.text("up.stopping"));
      }
    }
    return ExitCode.OK;
  }

  /// A store goes on with the virtual clock it knows; who asks for the real one is told.
  private void requireReal(Clockwork.State shown) {
    if (!"real".equals(clock) || !shown.virtual()) return;
    throw new Problem(
        Fault.OTHER_CLOCK,
        "this home was used on the virtual clock, and stays on it",
        "Drop --clock real, or use a fresh home: orrery up --home DIR");
  }

  private @Nullable Instant virtualStart(Terminal terminal) {
    Instant start = clockStart == null ? null : Moments.parse("--clock-start", clockStart);
    if (clock == null || clock.equals("virtual")) {
      return start == null && clock != null ? terminal.clock().instant() : start;
    }
    if (!clock.equals("real")) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is no clock '%s'".formatted(Texts.shown(clock)),
          Texts.didYouMean(clock, List.of("real", "virtual")));
    }
    if (start != null) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "the real clock cannot start at %s".formatted(start),
          "Add --clock virtual, or drop --clock-start");
    }
    return null;
  }

  private static long bytes(String size) {
    Quantity quantity = Quantity.parse(size);
    boolean isNone = size.equals("0");
    if (isNone || (quantity.dimension() == Quantity.Dimension.BYTES && quantity.value() >= 0)) {
      return (long) quantity.value();
    }
    throw new Problem(
        Fault.BAD_COMMAND,
        "--disk-reserve '%s' is not a size".formatted(Texts.shown(size)),
        "Write it as 64MB, or 0 for none");
  }
}
