package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Soundness;
import dev.orrery.project.Project;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/// `orrery run`: takes the project through data, features, train, gate, register and deploy.
final class RunCommand extends Command {
  @Option(names = "--reason", paramLabel = "TEXT", descriptionKey = "orrery.run.reason")
  String reason = "request";

  @Option(names = "--threads", paramLabel = "N", descriptionKey = "option.threads")
  int threads = Runtime.getRuntime().availableProcessors();

  @Override
  int run(Terminal terminal) throws InterruptedException {
    Path folder = home(terminal);
    int cores = Threads.checked(threads);
    // What cannot run is told at once, with its place, and no store is made for it.
    Soundness.require(Project.load(folder));
    try (Stopper stopper = new Stopper(Duration.ofMillis(3_700));
        Reach reach = Reach.of(folder, terminal, cores, "orrery run")) {
      Client client = reach.client().within(Duration.ofSeconds(60));
      var watch = new RunWatch(client, terminal, stopper, reach.own() != null);
      String id = RunWatch.underWay(client).orElseGet(() -> RunWatch.start(client, reason));
      JsonNode run = watch.follow(id);
      boolean isRejected = run.path("state").asText().equals("rejected");
      if (terminal.isJson()) {
        terminal.json(run);
      } else if (isRejected) {
        terminal.print(terminal.red(terminal.text("run.rejected")));
        run.path("rejections").forEach(why -> terminal.print("  " + why.asText()));
      } else {
        JsonNode status =
            client.get(Deploys.path(EndpointName.of(terminal, client, folder)) + "/deployment");
        terminal.print(terminal.green("ok") + "  " + standing(terminal, run, status));
        terminal.say(terminal.text(reach.own() == null ? "run.next" : "run.next.up"));
      }
      return isRejected ? ExitCode.NOT_MET : ExitCode.OK;
    }
  }

  /// What has become of the run's version: it need not serve yet.
  ///
  /// @param status as `/deployment` tells it
  static String standing(Terminal terminal, JsonNode run, JsonNode status) {
    String model = run.path("model").asText();
    String version = run.path("version").asText().replaceFirst("^" + model + "[@/]", "");
    String name = model + " " + version;
    String champion = status.path("champion").asText("");
    if (version.equals(champion)) return terminal.text("run.done", name);
    for (JsonNode share : status.path("shares")) {
      if (!share.path("version").asText().equals(version)) continue;
      String percent = Deploys.number(share.path("percent"));
      switch (status.path("trial").asText("")) {
        case "canary" -> {
          return terminal.text("run.done.canary", name, champion, percent);
        }
        case "shadow" -> {
          return terminal.text("run.done.shadow", name, champion);
        }
        case "ab_test" -> {
          return terminal.text("run.done.test", name, share.path("role").asText(), percent);
        }
        default -> {}
      }
    }
    return champion.isEmpty()
        ? terminal.text("run.done.none", name)
        : terminal.text("run.done.registered", name, champion);
  }
}
