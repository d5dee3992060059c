package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Engine;
import dev.orrery.project.Project;
import dev.orrery.replay.Plan;
import dev.orrery.replay.Played;
import dev.orrery.replay.Progress;
import dev.orrery.replay.Recording;
import dev.orrery.replay.Replay;
import dev.orrery.replay.ReplayCheck;
import dev.orrery.replay.ReplayCheck.Depth;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery replay`: plays recorded rows and their outcomes against the server, on its virtual
/// clock.
final class ReplayCommand extends Command {
  static final String LEDGER = "replay.ledger";
  private static final String MEMORY = "1GB";

  @Option(names = "--start", paramLabel = "TIME", descriptionKey = "orrery.replay.start")
  @Nullable String start;

  @Option(names = "--end", paramLabel = "TIME", descriptionKey = "orrery.replay.end")
  @Nullable String end;

  @Option(names = "--batch", paramLabel = "MINUTES", descriptionKey = "orrery.replay.batch")
  int batch = (int) Plan.BATCH_MAX.toMinutes();

  @Option(names = "--ledger", paramLabel = "FILE", descriptionKey = "orrery.replay.ledger")
  @Nullable Path ledger;

  @Option(names = "--resume", descriptionKey = "orrery.replay.resume")
  boolean resume;

  @Option(names = "--check", descriptionKey = "orrery.replay.check")
  boolean check;

  @Option(names = "--every", descriptionKey = "orrery.replay.every")
  boolean every;

  @Override
  int run(Terminal terminal) {
    Path folder = home(terminal);
    Client client = server(terminal);
    Path file = ledger == null ? folder.resolve(LEDGER) : terminal.folder().resolve(ledger);
    Recording recording = recording(folder, window(), Runtime.getRuntime().availableProcessors());
    if (check) return check(terminal, recording, file, client.server());
    try (Stopper stopper = new Stopper(Duration.ofMillis(3_700))) {
      var replay = new Replay(recording, new Replay.Options(client.server(), file, resume));
      stopper.onStop(replay::stop);
      var progress = new ProgressLine(terminal);
      Played played;
      try {
        played = replay.play(now -> progress.show(line(terminal, now)));
      } finally {
        progress.clear();
      }
      if (terminal.isJson()) {
        terminal.json(played);
      } else {
        terminal.print(
            terminal.green("ok")
                + "  "
                + terminal.text(
                    "replay.done",
                    "%,d".formatted(played.predictions()),
                    "%,d".formatted(played.outcomes()),
                    "%.1f".formatted(played.seconds()),
                    "%.2f".formatted(played.p50Ms()),
                    "%.2f".formatted(played.p99Ms())));
        terminal.say(terminal.text("replay.next"));
      }
      return ExitCode.OK;
    }
  }

  static Recording recording(Path folder, Plan.Window window, int threads) {
    try (Engine engine = new Engine(threads, MEMORY)) {
      return Recording.of(Project.load(folder), window, engine);
    }
  }

  private Plan.Window window() {
    if (start == null || end == null) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "a replay needs --start and --end",
          "Such as: orrery replay --start 2001-03-01 --end 2001-07-01");
    }
    return new Plan.Window(
        Moments.parse("--start", start), Moments.parse("--end", end), Duration.ofMinutes(batch));
  }

  /// How far a replay is, in one line.
  static String line(Terminal terminal, Progress now) {
    return String.format(
        Locale.ROOT,
        "%s  %3.0f %%  %,d %s  %,d %s  %,.0f/s  %s",
        now.virtual().toString().substring(0, 16).replace('T', ' '),
        100 * now.share(),
        now.predictions(),
        terminal.text("replay.predictions"),
        now.outcomes(),
        terminal.text("replay.outcomes"),
        now.rowsPerSecond(),
        terminal.text("replay.left", now.left().toSeconds()));
  }

  private int check(Terminal terminal, Recording recording, Path file, URI server) {
    ReplayCheck.Result result = looked(terminal, recording, file, server);
    if (terminal.isJson()) terminal.json(result);
    if (!result.isSound()) {
      throw new Problem(
          Fault.PREDICTIONS_LOST,
          "of %,d acknowledged predictions %,d were looked up and %,d are lost; stored are %,d"
                  .formatted(result.acknowledged(), result.looked(), result.lost(), result.stored())
              + "; of %,d outcomes told, %,d are stored".formatted(result.told(), result.known()),
          "Keep the ledger and the home as they are, and report it; lost: " + result.examples());
    }
    if (!terminal.isJson()) {
      terminal.print(
          terminal.green("ok")
              + "  "
              + terminal.text(
                  "replay.sound",
                  "%,d".formatted(result.acknowledged()),
                  "%,d".formatted(result.looked()),
                  "%,d".formatted(result.told())));
    }
    return ExitCode.OK;
  }

  private ReplayCheck.Result looked(Terminal terminal, Recording recording, Path file, URI server) {
    var progress = new ProgressLine(terminal);
    try (Stopper stopper = new Stopper(Duration.ofMillis(3_700))) {
      var check = new ReplayCheck(recording, file, server, every ? Depth.EVERY : Depth.ENDS);
      stopper.onStop(check::stop);
      return check.check(now ->
          progress.show(
              "%,d / %,d %s  %s"
                  .formatted(
                      now.looked(),
                      now.of(),
                      terminal.text("replay.predictions"),
                      terminal.text("replay.left", now.left().toSeconds()))));
    } catch (Problem e) {
      if (e.fault() != Fault.INTERRUPTED) throw e;
      throw new Problem(e.fault(), "the check was stopped", "Nothing was changed: start it again")
          .because(e);
    } finally {
      progress.clear();
    }
  }
}
