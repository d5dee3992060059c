package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Place;
import dev.orrery.base.Problem;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Follows a pipeline run to its end and shows its stages as they end.
final class RunWatch {
  static final List<String> STAGES =
      List.of("data", "features", "train", "gate", "register", "deploy");
  private static final long POLL_MILLIS = 100;
  private static final Pattern PLACE = Pattern.compile("(.+):(\\d{1,9}):(\\d{1,9})");

  private final Client client;
  private final Terminal terminal;
  private final Stopper stopper;
  private final boolean isOwn;
  private final ProgressLine progress;
  private final Map<String, String> shown = new HashMap<>();

  /// @param isOwn whether the server ends with this command
  RunWatch(Client client, Terminal terminal, Stopper stopper, boolean isOwn) {
    this.isOwn = isOwn;
    this.client = client;
    this.terminal = terminal;
    this.stopper = stopper;
    this.progress = new ProgressLine(terminal);
  }

  /// The newest run, if it goes on still.
  static Optional<String> underWay(Client client) {
    JsonNode runs = client.get("/api/v1/pipeline/runs?limit=1");
    JsonNode newest = runs.path(0);
    return newest.isObject() && !isEnd(newest)
        ? Optional.of(newest.path("id").asText())
        : Optional.empty();
  }

  /// Starts a run.
  static String start(Client client, String reason) {
    return client.post("/api/v1/pipeline/runs", Map.of("reason", reason)).path("id").asText();
  }

  /// Waits for the end of a run.
  ///
  /// @return the run as it ended: succeeded or rejected
  /// @throws Problem what made it fail, or INTERRUPTED
  JsonNode follow(String id) throws InterruptedException {
    while (true) {
      JsonNode run = client.get("/api/v1/pipeline/runs/" + id);
      run.path("stages").forEach(this::show);
      if (isEnd(run)) {
        progress.clear();
        if (run.path("state").asText().equals("failed")) throw failure(run.path("failure"));
        return run;
      }
      if (stopper.isAsked()) {
        progress.clear();
        throw isOwn
            ? new Problem(
                Fault.INTERRUPTED,
                "the run was interrupted",
                "It goes on with the next 'orrery run' or 'orrery up'")
            : new Problem(
                Fault.INTERRUPTED,
                "the run is no longer watched",
                "The server goes on with it: watch it with 'orrery run' or 'orrery status'");
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static boolean isEnd(JsonNode run) {
    return List.of("succeeded", "rejected", "failed").contains(run.path("state").asText());
  }

  private void show(JsonNode stage) {
    String name = stage.path("name").asText();
    String state = stage.path("state").asText();
    String detail = stage.path("detail").asText("");
    if (state.equals("running")) {
      progress.show(line(name, detail.isEmpty() ? "..." : detail));
      return;
    }
    String now = state + stage.path("attempt").asText();
    if (now.equals(shown.put(name, now))) return;
    progress.clear();
    String took =
        stage.path("millis").isNumber()
            ? "  %.1f s".formatted(stage.path("millis").asDouble() / 1_000)
            : "";
    boolean isFailed = state.equals("failed");
    // Why is told at the end.
    String text = line(name, isFailed ? state : detail) + terminal.dim(took);
    terminal.say(isFailed ? terminal.red(text) : text);
  }

  private static String line(String name, String detail) {
    int number = STAGES.indexOf(name) + 1;
    return String.format(Locale.ROOT, " %d/%d %-10s %s", number, STAGES.size(), name, detail);
  }

  /// The failure as the problem it was.
  private static Problem failure(JsonNode failure) {
    String code = failure.path("fault").asText();
    Fault fault =
        Arrays.stream(Fault.values())
            .filter(known -> known.code().equals(code))
            .findFirst()
            .orElse(Fault.STAGE_FAILED);
    String what = failure.path("what").asText("a stage failed");
    String hint = failure.path("hint").asText("");
    var problem = new Problem(fault, what, hint.isEmpty() ? "See the server's log" : hint);
    Matcher place = PLACE.matcher(failure.path("place").asText(""));
    if (!place.matches()) return problem;
    return problem.at(
        new Place(
            Path.of(place.group(1)),
            Integer.parseInt(place.group(2)),
            Integer.parseInt(place.group(3)),
            1));
  }
}
