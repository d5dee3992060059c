package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.replay.Plan;
import dev.orrery.replay.Played;
import dev.orrery.replay.Replay;
import dev.orrery.sql.StoreLock;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `orrery demo`: the whole loop on real flights of 2001, on a virtual clock.
final class DemoCommand extends Command {
  private static final Instant START = Instant.parse("2001-03-01T00:00:00Z");
  private static final Instant END = Instant.parse("2001-07-01T00:00:00Z");
  private static final Path FOLDER = Path.of(".orrery-demo");
  private static final Duration CLOSED_WITHIN = Duration.ofMillis(3_700);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int SEED = 42;

  /// How the launcher was called, so that what is printed can be typed.
  private static final String ORRERY = System.getProperty("orrery.launcher", "orrery");

  @Option(names = "--exit", descriptionKey = "orrery.demo.exit")
  boolean exit;

  @Option(names = "--report", paramLabel = "FILE", descriptionKey = "orrery.demo.report")
  @Nullable Path report;

  @Option(names = "--resume", descriptionKey = "orrery.demo.resume")
  boolean resume;

  @Option(names = "--fresh", descriptionKey = "orrery.demo.fresh")
  boolean fresh;

  @Option(names = "--port", paramLabel = "N", descriptionKey = "orrery.demo.port")
  @Nullable Integer port;

  @Option(names = "--seed", paramLabel = "N", descriptionKey = "orrery.demo.seed")
  @Nullable Integer seed;

  @Option(names = "--threads", paramLabel = "N", descriptionKey = "option.threads")
  int threads = Runtime.getRuntime().availableProcessors();

  private final long began = System.nanoTime();

  @Override
  Path home(Terminal terminal) {
    Path here = terminal.folder().toAbsolutePath().normalize();
    return here.resolve(home == null ? FOLDER : home).normalize();
  }

  @Override
  int run(Terminal terminal) throws InterruptedException {
    DemoHome demo = new DemoHome(home(terminal));
    int cores = Threads.checked(threads);
    try (Stopper stopper = new Stopper(CLOSED_WITHIN)) {
      requirePort(terminal, demo);
      prepare(terminal, demo);
      try (Orrery orrery = start(terminal, demo.folder(), cores)) {
        Client client = Client.at(URI.create(orrery.address())).within(Duration.ofSeconds(60));
        terminal.say(terminal.dim(terminal.text("demo.live", orrery.address())));
        if (!train(terminal, client, stopper)) return ExitCode.NOT_MET;
        Played played = play(terminal, demo, client, stopper, cores);
        tell(terminal, demo, client, played);
        if (exit) return ExitCode.OK;
        stopper.exitWith(ExitCode.OK);
        terminal.say(terminal.dim(terminal.text("up.stop")));
        stopper.await();
      } catch (Problem e) {
        if (e.fault() != Fault.INTERRUPTED) throw e;
        terminal.complain(terminal.text("demo.interrupted"));
        terminal.complain("  " + again("--resume"));
        return Stopper.INTERRUPTED;
      }
    }
    return ExitCode.OK;
  }

  /// A demo that cannot be served on the port that was asked for is not begun.
  private void requirePort(Terminal terminal, DemoHome demo) {
    if (port == null || StoreLock.holder(demo.folder().resolve(".orrery")).isPresent()) return;
    int asked = Ports.of(port, terminal, demo.folder());
    WebServer.requireFree(new WebOptions("127.0.0.1", asked));
  }

  /// Makes the home, or finds the one that is to go on.
  private void prepare(Terminal terminal, DemoHome demo) {
    if (fresh && resume) {
      throw new Problem(
          Fault.BAD_COMMAND, "--fresh and --resume contradict each other", "Give one of them");
    }
    boolean isBegun = demo.isBegun();
    if (isBegun && fresh) {
      demo.remove();
    } else if (isBegun && !resume) {
      throw new Problem(
          Fault.ALREADY_THERE,
          "a demo is in %s already, %s"
              .formatted(
                  demo.folder(), demo.isComplete() ? "played to its end" : "and not at its end"),
          "Go on with it by --resume, or start over by --fresh");
    }
    int chosen = seed == null ? SEED : seed;
    if (chosen < 0) {
      throw new Problem(Fault.BAD_COMMAND, chosen + " is no seed", "Give --seed 0 or more");
    }
    boolean goesOn = isBegun && resume;
    int begunWith = goesOn ? demo.seed().orElse(chosen) : chosen;
    if (goesOn && seed != null && seed != begunWith) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "the demo in %s was begun with seed %d".formatted(demo.folder(), begunWith),
          "Drop --seed, or start over by --fresh");
    }
    demo.fill(begunWith);
  }

  private Orrery start(Terminal terminal, Path folder, int cores) {
    int wanted = Ports.of(port, terminal, folder);
    try {
      return Orrery.start(options(folder, wanted, cores), terminal.clock());
    } catch (Problem e) {
      // Nobody asked for this port: another does as well.
      if (e.fault() != Fault.PORT_IN_USE || port != null) throw e;
      terminal.say(terminal.text("demo.port", Integer.toString(wanted)));
      return Orrery.start(options(folder, 0, cores), terminal.clock());
    }
  }

  private static OrreryOptions options(Path folder, int port, int cores) {
    return new OrreryOptions(folder, "127.0.0.1", port, START, cores, "orrery demo");
  }

  /// Trains and deploys a first version, unless one serves already.
  ///
  /// @return false if the gates turned it away
  private static boolean train(Terminal terminal, Client client, Stopper stopper)
      throws InterruptedException {
    var watch = new RunWatch(client, terminal, stopper, true);
    var underWay = RunWatch.underWay(client);
    JsonNode newest = client.get("/api/v1/pipeline/runs?limit=1").path(0);
    if (newest.isMissingNode() || underWay.isPresent() || !hasChampion(client)) {
      JsonNode run = watch.follow(underWay.orElseGet(() -> RunWatch.start(client, "first")));
      boolean isRejected = run.path("state").asText().equals("rejected");
      if (isRejected && !hasChampion(client)) {
        terminal.print(terminal.red(terminal.text("run.rejected")));
        run.path("rejections").forEach(why -> terminal.print("  " + why.asText()));
        return false;
      }
    } else {
      terminal.say(terminal.text("demo.serving"));
    }
    return true;
  }

  private static boolean hasChampion(Client client) {
    for (JsonNode version : client.get("/api/v1/overview").path("versions")) {
      if (version.path("state").asText().equals("champion")) return true;
    }
    return false;
  }

  private Played play(Terminal terminal, DemoHome demo, Client client, Stopper stopper, int cores) {
    var window = new Plan.Window(START, END);
    var recording = ReplayCommand.recording(demo.folder(), window, cores);
    var replay =
        new Replay(
            recording,
            new Replay.Options(
                client.server(),
                demo.ledger(),
                Replay.isBegun(demo.ledger()),
                PATIENCE,
                Duration.ofNanos(System.nanoTime() - began)));
    stopper.onStop(replay::stop);
    terminal.say(terminal.text("demo.play", "%,d".formatted(recording.plan().rows())));
    var progress = new ProgressLine(terminal);
    try {
      return replay.play(now -> progress.show(" " + ReplayCommand.line(terminal, now)));
    } finally {
      progress.clear();
      stopper.onStop(() -> {});
    }
  }

  private void tell(Terminal terminal, DemoHome demo, Client client, Played played) {
    JsonNode performance = client.get("/api/v1/performance?by=month");
    JsonNode retrains = client.get("/api/v1/retrains");
    DemoReport told = DemoReport.of(performance, retrains, played);
    if (report != null) write(terminal.folder().resolve(report), told);
    demo.complete(demo.seed().orElse(SEED));
    if (terminal.isJson()) {
      terminal.json(told);
      return;
    }
    terminal.print("");
    terminal.print(terminal.bold(terminal.text("demo.months")));
    for (JsonNode line : performance) {
      terminal.print(
          String.format(
              Locale.ROOT,
              "%-9s %,12d %,12d  %10s  %10s",
              line.path("period").asText(),
              line.path("predictions").asLong(),
              line.path("outcomes").asLong(),
              auc(line.path("served_auc")),
              auc(line.path("first_model_auc"))));
    }
    retrains(terminal, told, retrains);
    terminal.print("");
    terminal.print(
        terminal.text(
            "demo.latency",
            "%.2f".formatted(told.latencyMs().p50()),
            "%.2f".formatted(told.latencyMs().p99()),
            "%,d".formatted(played.requests()),
            "%.1f".formatted(told.seconds())));
    terminal.print(terminal.text("up.console", client.server()));
    hints(terminal, client, played);
  }

  private static void retrains(Terminal terminal, DemoReport told, JsonNode retrains) {
    terminal.print("");
    terminal.print(terminal.bold(terminal.text("demo.retrains")));
    for (DemoReport.Retrain retrain : told.retrains()) {
      String end =
          retrain.promoted() == null
              ? terminal.text("demo.open")
              : retrain.promoted()
                  ? terminal.green(terminal.text("demo.promoted"))
                  : terminal.yellow(terminal.text("demo.rejected"));
      terminal.print(
          "%s  %s -> %s  %s  %s"
              .formatted(
                  retrain.at().substring(0, Math.min(10, retrain.at().length())),
                  retrain.from(),
                  retrain.to() == null ? "-" : retrain.to(),
                  end,
                  String.join(", ", retrain.reasons())));
      if (Boolean.FALSE.equals(retrain.promoted())) {
        for (JsonNode one : retrains) {
          if (!one.path("at").asText().equals(retrain.at())) continue;
          terminal.print("            " + terminal.dim(one.path("why").asText("")));
        }
      }
    }
  }

  private void hints(Terminal terminal, Client client, Played played) {
    String at = home == null ? " --home " + FOLDER : " --home " + home;
    terminal.say("");
    terminal.say(terminal.text("demo.try"));
    if (exit) {
      terminal.say("  " + ORRERY + " demo --resume" + (home == null ? "" : at));
      return;
    }
    terminal.say("  " + ORRERY + " status" + at);
    terminal.say("  %s lineage %s%s".formatted(ORRERY, played.last(), at));
    terminal.say("  " + ORRERY + " rollback" + at);
    terminal.say(
        "  curl %s/predict -d '{\"date\":\"2001-07-01T08:00:00Z\",\"distance\":606,\"origin\":\"ATL\",\"destination\":\"ORD\"}'"
            .formatted(client.server()));
  }

  private String again(String option) {
    return ORRERY
        + " demo "
        + option
        + (home == null ? "" : " --home " + home)
        + (exit ? " --exit" : "")
        + (report == null ? "" : " --report " + report);
  }

  private static String auc(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4f", value.asDouble()) : "-";
  }

  private static void write(Path file, DemoReport told) {
    try {
      Files.write(file, (Json.pretty(told) + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw DemoHome.cannotWrite(file, e);
    }
  }
}
