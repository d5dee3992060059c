package dev.orrery.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Engine;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {
  private static final Instant START = Instant.parse("2001-03-01T00:00:00Z");
  private static final Plan.Window DAY = new Plan.Window(START, START.plus(Duration.ofDays(1)));
  private static final String YAML =
      """
      orrery: 1
      project: flights
      data:
        flights:
          path: flights.csv
          time: date
          target: { late: "delay >= 15" }
          known_at: "date + to_minutes(cast(distance / 7.5 + 30 + greatest(delay, 0) as integer))"
      serve: { endpoint: late-arrival }
      """;

  private static Engine engine;
  @TempDir Path folder;
  private Recording recording;
  private Path ledger;

  @BeforeAll
  static void start() {
    engine = new Engine(1, "256MB");
  }

  @AfterAll
  static void end() {
    engine.close();
  }

  /// 400 flights from the day before to the day after, some 200 of them on the day itself.
  @BeforeEach
  void record() throws IOException {
    Random random = new Random(1);
    List<String> lines = new ArrayList<>(List.of("date,delay,distance,origin,destination"));
    for (int i = 0; i < 400; i++) {
      Instant date = START.minus(Duration.ofHours(12)).plus(Duration.ofMinutes(7L * i));
      lines.add(
          String.format(
              Locale.ROOT,
              "%s,%d,%d,%s,%s",
              date.toString().replace("Z", ""),
              random.nextInt(-20, 200),
              random.nextInt(100, 2_000),
              "ATL",
              i % 50 == 0 ? "São" : "D\\W"));
    }
    Files.write(folder.resolve("flights.csv"), lines);
    Files.writeString(folder.resolve(Project.FILE), YAML);
    recording = Recording.of(Project.load(folder), DAY, engine);
    ledger = folder.resolve("replay.ledger");
  }

  private Replay replay(FakeServer server, boolean resume) {
    return new Replay(
        recording,
        new Replay.Options(server.address(), ledger, resume, Duration.ofSeconds(2), Duration.ZERO));
  }

  private ReplayCheck.Result checked(FakeServer server, ReplayCheck.Depth depth) {
    List<ReplayCheck.Looked> told = new ArrayList<>();
    ReplayCheck.Result result =
        new ReplayCheck(recording, ledger, server.address(), depth).check(told::add);
    if (result.looked() > 0) {
      assertThat(told.getLast().looked()).isEqualTo(told.getLast().of()).isEqualTo(result.looked());
    }
    return result;
  }

  @Test
  void every_row_is_sent_in_order_and_every_outcome_is_told_when_it_was_known() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      Played played = replay(server, false).play(_ -> {});

      int rows = recording.plan().rows();
      assertThat(rows).isBetween(200, 210);
      assertThat(played.predictions()).isEqualTo(rows);
      assertThat(played.outcomes()).isEqualTo(rows);
      assertThat(played.p99Ms()).isGreaterThanOrEqualTo(played.p50Ms()).isPositive();
      assertThat(server.rows.values().stream().map(r -> r.get("date").asText())).isSorted();
      assertThat(server.rows.values())
          .allSatisfy(row -> {
            List<String> names = new ArrayList<>();
            row.fieldNames().forEachRemaining(names::add);
            assertThat(names).containsExactly("date", "distance", "origin", "destination");
            assertThat(row.get("destination").asText()).isIn("São", "D\\W");
          });
      assertThat(server.outcomes).hasSize(rows);
      server.outcomes.forEach((id, outcome) -> {
        JsonNode row = java.util.Objects.requireNonNull(server.rows.get(id));
        Instant known =
            Instant.parse(row.get("date").asText())
                .plus(
                    Duration.ofMinutes(
                        Math.round(
                            row.get("distance").asDouble() / 7.5
                                + 30
                                + Math.max(0, outcome.at("/actual/delay").asInt()))));
        assertThat(Instant.parse(outcome.get("known_at").asText())).isEqualTo(known);
      });
      assertThat(server.now()).isAfter(DAY.end());
    }
  }

  @Test
  void a_batch_tells_outcomes_then_asks_then_moves_the_clock() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      replay(server, false).play(_ -> {});

      List<String> calls =
          server.calls.stream().filter(call -> !call.equals("GET /api/v1/clock")).toList();
      int last =
          calls.lastIndexOf("POST /predict replay-%s-%s".formatted(START, "2001-03-01T23:30:00Z"));
      assertThat(calls.subList(last - 2, last + 2))
          .containsExactly(
              "POST /api/v1/clock",
              "POST /outcomes",
              "POST /predict replay-2001-03-01T00:00:00Z-2001-03-01T23:30:00Z",
              "POST /api/v1/clock");
      assertThat(calls.stream().filter(c -> c.startsWith("POST /predict")).distinct()).hasSize(48);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void broken_connections_and_a_busy_server_change_nothing(long seed) throws IOException {
    Random random = new Random(seed);
    try (FakeServer server = new FakeServer(START)) {
      server.breaksAfter = _ -> random.nextInt(5) == 0;
      server.busy = _ -> random.nextInt(5) == 0;

      Played played = replay(server, false).play(_ -> {});

      assertThat(played.predictions()).isEqualTo(recording.plan().rows());
      assertThat(server.rows).hasSize(recording.plan().rows());
      assertThat(server.outcomes).hasSize(recording.plan().rows());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 20, 50, 111, 130})
  void a_replay_that_was_cut_off_goes_on_from_where_it_stood(int calls) throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      Replay first = replay(server, false);
      server.breaksAfter =
          number -> {
            if (number == calls) first.stop();
            return number == calls;
          };
      assertThatThrownBy(() -> first.play(_ -> {}))
          .isInstanceOfSatisfying(
              Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.INTERRUPTED));
      assertThat(checked(server, ReplayCheck.Depth.EVERY)).matches(ReplayCheck.Result::isSound);

      server.breaksAfter = _ -> false;
      Played played = replay(server, true).play(_ -> {});

      assertThat(played.predictions()).isEqualTo(recording.plan().rows());
      assertThat(server.rows).hasSize(recording.plan().rows());
      ReplayCheck.Result result = checked(server, ReplayCheck.Depth.EVERY);
      assertThat(result.isSound()).isTrue();
      assertThat(result.complete()).isTrue();
      assertThat(result.looked()).isEqualTo(result.stored()).isEqualTo(recording.plan().rows());
      assertThat(result.told()).isEqualTo(result.known());
    }
  }

  @Test
  void what_was_lost_is_found() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      replay(server, false).play(_ -> {});
      String last = List.copyOf(server.rows.keySet()).getLast();
      server.rows.remove(last);

      ReplayCheck.Result result = checked(server, ReplayCheck.Depth.ENDS);

      assertThat(result.isSound()).isFalse();
      assertThat(result.examples()).extracting(Object::toString).containsExactly(last);
      assertThatThrownBy(() -> replay(server, true).play(_ -> {}))
          .hasMessageContaining("the server does not have prediction " + last);
    }
  }

  @Test
  void a_replay_that_was_refused_before_anything_was_played_leaves_nothing() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      server.bare = true;
      assertThatThrownBy(() -> replay(server, false).play(_ -> {}))
          .hasMessageContaining("no model version is deployed");
      assertThat(folder.resolve("replay.ledger")).doesNotExist();
      assertThat(folder.resolve("replay.ledger.ids")).doesNotExist();

      server.bare = false;
      replay(server, false).play(_ -> {});
    }
  }

  @Test
  void a_ledger_is_begun_once_and_belongs_to_one_replay() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      assertThatThrownBy(() -> replay(server, true).play(_ -> {}))
          .hasMessageContaining("there is no ledger");
      replay(server, false).play(_ -> {});

      assertThatThrownBy(() -> replay(server, false).play(_ -> {}))
          .hasMessageContaining("a replay has been begun already");
      recording =
          Recording.of(
              Project.load(folder),
              new Plan.Window(START, START.plus(Duration.ofHours(5))),
              engine);
      assertThatThrownBy(() -> replay(server, true).play(_ -> {}))
          .hasMessageContaining("the ledger of another replay");
    }
  }

  @Test
  void a_line_that_was_cut_short_counts_for_nothing_and_a_changed_id_is_seen() throws IOException {
    try (FakeServer server = new FakeServer(START)) {
      Files.writeString(ledger, "orrery-repl");
      replay(server, false).play(_ -> {});
      Files.writeString(ledger, "want 900 3", StandardOpenOption.APPEND);
      assertThat(replay(server, true).play(_ -> {}).predictions())
          .isEqualTo(recording.plan().rows());

      Path ids = folder.resolve("replay.ledger.ids");
      byte[] bytes = Files.readAllBytes(ids);
      bytes[100] ^= 1;
      Files.write(ids, bytes);
      assertThatThrownBy(() -> replay(server, true).play(_ -> {}))
          .isInstanceOfSatisfying(
              Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.LEDGER_DAMAGED));
    }
  }

  @Test
  void a_real_clock_a_late_clock_and_no_server_are_explained() throws IOException {
    try (FakeServer server = new FakeServer(START.plusSeconds(1))) {
      assertThatThrownBy(() -> replay(server, false).play(_ -> {}))
          .hasMessageContaining("A clock does not go back");
      server.virtual = false;
      assertThatThrownBy(() -> replay(server, false).play(_ -> {}))
          .hasMessageContaining("orrery up --clock virtual");
      assertThat(folder.resolve("replay.ledger")).doesNotExist();
      server.close();
      assertThatThrownBy(() -> replay(server, false).play(_ -> {}))
          .isInstanceOfSatisfying(
              Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.SERVER_LOST));
    }
  }

  @Test
  void a_window_without_rows_and_a_window_that_ends_before_it_starts_are_refused() {
    Instant later = START.plus(Duration.ofDays(100));
    assertThatThrownBy(() ->
            Recording.of(
                Project.load(folder), new Plan.Window(later, later.plusSeconds(60)), engine))
        .hasMessageContaining("has no rows from");
    assertThatThrownBy(() -> new Plan.Window(later, START)).hasMessageContaining("not after");
    assertThatThrownBy(() -> new Plan.Window(START, later, Duration.ofHours(1)))
        .hasMessageContaining("a batch of 3600 s");
  }

  @Test
  void json_is_written_as_everyone_reads_it() {
    JsonBytes json = new JsonBytes();
    json.raw('[');
    for (String text : List.of("", "a\"b\\c\n\u0001", "né", "항공", "\ud83d\ude80x")) {
      json.text(text);
      json.raw(',');
    }
    for (double x : new double[] {0, -3, 0.25, 1e300, 123456789012L, Double.NaN}) {
      json.number(x);
      json.raw(',');
    }
    json.instant(-1);
    json.raw(',');
    json.instant(983_403_905_000_000L);
    json.raw(']');

    assertThat(new String(json.copy(), StandardCharsets.UTF_8))
        .isEqualTo(
            "[\"\",\"a\\\"b\\\\c\\u000a\\u0001\",\"né\",\"항공\",\"\ud83d\ude80x\","
                + "0,-3,0.25,1.0E300,123456789012,null,"
                + "\"1969-12-31T23:59:59.999999Z\",\"2001-02-28T23:45:05Z\"]");
    assertThat(Json.tree(json.copy())).hasSize(13);
  }
}
