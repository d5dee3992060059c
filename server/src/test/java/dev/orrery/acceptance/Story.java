package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.project.Project;
import dev.orrery.replay.Plan;
import dev.orrery.replay.Played;
import dev.orrery.replay.Recording;
import dev.orrery.replay.Replay;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;

/// What the tests of this package look at: two short runs of the loop on the real flights, by the
/// real server. Nothing runs on either home once it is told.
///
/// The first, on two threads: version 1.0.0 serves two days of March; 1.1.0, with more trees, is
/// trained, goes out as a canary and is promoted over two more days. The second, on one thread: the
/// same seed on flights whose outcomes differ from [#TURN] on, and the first two days.
record Story(Path folder, Path first, Path second, Played firstDays, Played lastDays)
    implements AutoCloseable {
  /// The moment after which outcomes differ; within a batch of the replay, not at its end.
  static final Instant TURN = Instant.parse("2001-03-02T09:10:00Z");

  static final Instant FIRST_END = Flights.day(3);
  static final Instant LAST_START = Flights.day(6);
  static final Instant LAST_END = Flights.day(8);

  static Story tell() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("orrery-story");
    try {
      return tell(folder);
    } catch (Throwable e) {
      remove(folder);
      throw e;
    }
  }

  private static Story tell(Path folder) throws IOException, InterruptedException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    try (Engine engine = new Engine(2, "1GB")) {
      Table rows = Flights.rows(engine);
      Flights.project(first, engine, rows);
      Table changed = Flights.changedAfter(rows, Flights.dataset(first), TURN);
      Flights.project(second, engine, changed);
    }
    Played firstDays;
    Played lastDays;
    try (Orrery orrery = start(first, 2)) {
      train(orrery);
      firstDays = replay(first, orrery, Flights.START, FIRST_END);
      Flights.edit(Flights.yaml(first), "trees: 8", "trees: 40");
      train(orrery);
      lastDays = replay(first, orrery, LAST_START, LAST_END);
    }
    try (Orrery orrery = start(second, 1)) {
      train(orrery);
      replay(second, orrery, Flights.START, FIRST_END);
    }
    return new Story(folder, first, second, firstDays, lastDays);
  }

  private static Orrery start(Path home, int threads) {
    return Orrery.start(
        new OrreryOptions(home, "127.0.0.1", 0, Flights.START, threads, "test"),
        InstantSource.system());
  }

  private static void train(Orrery orrery) throws IOException, InterruptedException {
    Web web = new Web(orrery.address());
    long began = System.nanoTime();
    String run = web.post("/api/v1/pipeline/runs", "").json().path("id").asText();
    while (true) {
      JsonNode now = web.json("/api/v1/pipeline/runs/" + run);
      String state = now.path("state").asText();
      if (state.equals("succeeded")) break;
      assertThat(state).as(now.toPrettyString()).isIn("waiting", "running");
      Thread.sleep(50);
    }
    System.out.printf("story: trained in %.1f s%n", (System.nanoTime() - began) / 1e9);
  }

  private static Played replay(Path home, Orrery orrery, Instant from, Instant to) {
    try (Engine engine = new Engine(2, "1GB")) {
      Recording recording = Recording.of(Project.load(home), new Plan.Window(from, to), engine);
      Path ledger = home.resolve(from.toString().substring(0, 10) + ".ledger");
      var options = new Replay.Options(URI.create(orrery.address()), ledger, false);
      Played played = new Replay(recording, options).play(_ -> {});
      System.out.printf(
          "story: %d predictions, %d outcomes in %.1f s%n",
          played.predictions(), played.outcomes(), played.seconds());
      return played;
    }
  }

  /// A copy of the first home, for a test that changes it; without what it holds against a full
  /// disk, which a small one has no room for.
  Path copy(Path target) throws IOException {
    try (var files = Files.walk(first)) {
      for (Path file : files.sorted().toList()) {
        if (file.endsWith(".orrery/reserve")) continue;
        Files.copy(file, target.resolve(first.relativize(file).toString()));
      }
    }
    return target;
  }

  @Override
  public void close() throws IOException {
    remove(folder);
  }

  private static void remove(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
    }
  }
}
