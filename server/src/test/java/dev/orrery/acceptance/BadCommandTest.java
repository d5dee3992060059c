package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.cli.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bad input to every command: the right exit code, a message with a hint, and nothing changed.
@ExtendWith(Told.class)
class BadCommandTest {
  private static final int BAD_INPUT = 2;
  private static final int NOT_MET = 3;
  private static final int NOT_FOUND = 4;
  private static final int CONFLICT = 5;
  private static final int UNAVAILABLE = 6;

  @TempDir static Path folder;

  private final Up up;
  private JsonNode before = Json.MAPPER.nullNode();
  private Map<String, Long> files = Map.of();

  BadCommandTest(Up up) {
    this.up = up;
  }

  /// The files that the commands are given: `file` is none but a file, `wrong` a project whose
  /// definition is, `damaged` one whose data are, `empty` nothing.
  @BeforeAll
  static void lay(Story story) throws IOException {
    Files.writeString(folder.resolve("file"), "a file");
    Files.createDirectory(folder.resolve("empty"));
    for (String project : new String[] {"wrong", "damaged"}) {
      Files.createDirectories(folder.resolve(project).resolve("data"));
      for (String file : new String[] {"orrery.yaml", "problem.yaml", "success_criteria.yaml"}) {
        Files.copy(story.first().resolve(file), folder.resolve(project).resolve(file));
      }
    }
    Flights.edit(Flights.yaml(folder.resolve("wrong")), "candidates:", "candidtaes:");
    byte[] whole = Files.readAllBytes(Flights.parquet(story.first()));
    byte[] damaged = Arrays.copyOf(whole, whole.length / 2);
    Files.write(Flights.parquet(folder.resolve("damaged")), damaged);
    Files.write(folder.resolve("damaged.parquet"), damaged);
    rows("missing.csv", "date,origin,destination", "2001-03-20 08:00:00,ATL,ORD");
    rows("text.csv", "date,distance,origin,destination", "2001-03-20 08:00:00,far,ATL,ORD");
    rows("nan.csv", "date,distance,origin,destination", "2001-03-20 08:00:00,NaN,ATL,ORD");
    rows(
        "many.csv",
        "date,distance,origin,destination",
        "2001-03-20 08:00:00,606,ATL,ORD",
        "2001-03-20 08:00:00,606,ATL,ORD,1,2,3");
    rows("large.json", "{\"rows\":[\"" + "a".repeat(10_000_000) + "\"]}");
    rows("none.json", "{\"outcome\":[]}");
    rows("keyless.csv", "key,delay", "1,2");
    rows("nobody.csv", "id,delay", "018f0000-0000-7000-8000-000000000000,3");
  }

  private static void rows(String file, String... lines) throws IOException {
    Files.write(folder.resolve(file), Arrays.asList(lines));
  }

  @BeforeEach
  void look() throws Exception {
    before = up.state();
    files = files();
  }

  @AfterEach
  void nothing_has_changed() throws Exception {
    assertThat(up.state()).isEqualTo(before);
    assertThat(files()).isEqualTo(files);
  }

  /// Every file with its size, but for the store of a run that was begun and failed.
  private static Map<String, Long> files() throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (var found = Files.walk(folder)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString();
        if (!name.startsWith("damaged/.orrery/")) sizes.put(name, Files.size(file));
      }
    }
    return sizes;
  }

  /// Words of a command, its exit code and what it says; `PORT` stands for the running server's.
  private static Stream<Arguments> commands() {
    String row =
        "{\"date\":\"2001-03-20\",\"distance\":606,\"origin\":\"ATL\",\"destination\":\"ORD\"}";
    return Stream.of(
        arguments(
            "predict " + row.replace("\"distance\":606,", ""), BAD_INPUT, "no column 'distance'"),
        arguments("predict " + row.replace("606", "\"606\""), BAD_INPUT, "for 'distance'"),
        arguments("predict " + row.replace("606", "NaN"), BAD_INPUT, "NaN"),
        arguments(
            "predict {\"features\":[\"2001-03-20\",606,\"ATL\",\"ORD\",1]}",
            BAD_INPUT,
            "has 5 values"),
        arguments("predict " + row.replace("distance", "distanse"), BAD_INPUT, "'distanse'"),
        arguments("predict {", BAD_INPUT, "line 1"),
        arguments("predict missing.csv", BAD_INPUT, "distance"),
        arguments("predict text.csv", BAD_INPUT, "for 'distance'"),
        arguments("predict nan.csv", BAD_INPUT, "'distance'"),
        arguments("predict many.csv", BAD_INPUT, "many.csv"),
        arguments("predict large.json", BAD_INPUT, "4,194,304 bytes"),
        arguments("predict damaged.parquet", BAD_INPUT, "damaged.parquet"),
        arguments("predict nowhere.parquet", NOT_FOUND, "nowhere.parquet"),
        arguments("predict empty", NOT_FOUND, "empty"),
        arguments(
            "predict --endpoint late-arival " + row, NOT_FOUND, "Did you mean 'late-arrival'"),
        arguments("predict --batch-size 0 " + row, BAD_INPUT, "--batch-size 1 to"),
        arguments("outcomes damaged.parquet", BAD_INPUT, "damaged.parquet"),
        arguments("outcomes nowhere.csv", NOT_FOUND, "nowhere.csv"),
        arguments("outcomes none.json", BAD_INPUT, "tells of no outcomes"),
        arguments("outcomes keyless.csv", BAD_INPUT, "no column 'id'"),
        arguments("outcomes nobody.csv", NOT_FOUND, "no prediction"),
        arguments("outcomes", BAD_INPUT, "FILE"),
        arguments("lineage late-arrival", BAD_INPUT, "model/late-arrival@1.0.0"),
        arguments("lineage model/late-arrival@9.9.9", NOT_FOUND, "late-arrival@9.9.9"),
        arguments("lineage 018f0000-0000-7000-8000-000000000000", NOT_FOUND, "no prediction"),
        arguments("lineage", BAD_INPUT, "ID"),
        arguments("rollback late-arival", NOT_FOUND, "Did you mean 'late-arrival'"),
        arguments("rollback late-arrival now", BAD_INPUT, "'now'"),
        arguments("status --days 7", BAD_INPUT, "--days"),
        arguments("run --threads 0", BAD_INPUT, "--threads 1 to"),
        arguments("replay", BAD_INPUT, "--start and --end"),
        arguments("replay --start soon --end 2001-03-02", BAD_INPUT, "2001-03-01T08:00:00Z"),
        arguments("replay --start 2001-03-02 --end 2001-03-01", BAD_INPUT, "later time"),
        arguments("replay --start 1999-03-01 --end 1999-03-02", BAD_INPUT, "no rows"),
        arguments("replay --start 0001-01-01 --end 9999-12-31", BAD_INPUT, "batches"),
        arguments(
            "replay --start +999999999-01-01T00:00:00Z --end 9999-12-31",
            BAD_INPUT,
            "years 1 to 9999"),
        arguments("replay --start 2001-03-01 --end 2001-03-02 --batch 31", BAD_INPUT, "30 min"),
        arguments(
            "replay --start 2001-03-01 --end 2001-03-02 --ledger here",
            BAD_INPUT,
            "does not go back"),
        arguments(
            "replay --start 2001-03-01 --end 2001-03-02 --ledger here2 --resume",
            NOT_FOUND,
            "no ledger"),
        arguments(
            "replay --start 2001-03-01 --end 2001-03-02 --ledger here2 --check",
            NOT_FOUND,
            "no ledger"),
        arguments(
            "replay --start 2001-03-01 --end 2001-03-02 --ledger file --resume",
            1,
            "not that of a ledger"),
        arguments("up", CONFLICT, "is in use by process"),
        arguments("up --port 70000", BAD_INPUT, "1 to 65535"),
        arguments("up --clock sundial", BAD_INPUT, "virtual"),
        arguments("up --clock-start soon", BAD_INPUT, "2001-03-01T08:00:00Z"),
        arguments("up --clock real --clock-start 2001-03-01", BAD_INPUT, "--clock virtual"),
        arguments("up --threads 0", BAD_INPUT, "--threads 1 to"),
        arguments("up --home empty --port PORT", CONFLICT, "PORT"),
        arguments("up --home empty --port 0 --host 0.0.0.0", 1, "0.0.0.0"),
        arguments(
            "up --home empty --port 0 --host no.such.host.invalid",
            BAD_INPUT,
            "no.such.host.invalid"),
        arguments("doctor --home empty --port PORT", NOT_MET, "PORT"),
        arguments("demo --home empty --port PORT --exit", CONFLICT, "PORT"),
        arguments("demo --home wrong", CONFLICT, "not a demo's"),
        arguments("demo --home empty --fresh --resume", BAD_INPUT, "contradict"),
        arguments("demo --home empty --seed -1", BAD_INPUT, "--seed 0 or more"),
        arguments("demo --home empty --threads 0", BAD_INPUT, "--threads 1 to"),
        arguments("init wrong", CONFLICT, "is a project already"),
        arguments("init damaged/data", CONFLICT, "is not empty"),
        arguments("init empty --template trains", BAD_INPUT, "blank"),
        arguments("check --home empty", NOT_FOUND, "orrery.yaml"),
        arguments("run --home empty", NOT_FOUND, "orrery.yaml"),
        arguments("status --home empty", UNAVAILABLE, "orrery up"),
        arguments("predict --home empty {}", UNAVAILABLE, "orrery up"),
        arguments("outcomes --home empty nobody.csv", UNAVAILABLE, "orrery up"),
        arguments("lineage --home empty model/a@1.0.0", UNAVAILABLE, "orrery up"),
        arguments("rollback --home empty late-arrival", UNAVAILABLE, "orrery up"),
        arguments(
            "replay --home empty --start 2001-03-01 --end 2001-03-02", UNAVAILABLE, "orrery up"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void a_command_that_cannot_be_done_says_why_and_does_nothing(
      String words, int code, String says) {
    String command = words.replace("PORT", Integer.toString(up.port()));
    String home =
        words.contains("--home") || words.startsWith("init") ? "" : " --home " + up.home();
    refused(run(command + home), code, says.replace("PORT", Integer.toString(up.port())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check",
        "run",
        "up --port 0",
        "status",
        "predict {}",
        "outcomes nobody.csv",
        "lineage model/a@1.0.0",
        "rollback",
        "replay --start 2001-03-01 --end 2001-03-02",
        "demo --exit",
        "init"
      })
  void a_home_that_is_a_file_is_refused(String words) {
    refused(run(words + " --home file"), BAD_INPUT, "is a file, not a folder");
    refused(run(words + " --home file/inside"), BAD_INPUT, "is a file, not a folder");
  }

  @Test
  void the_doctor_sees_a_home_that_is_a_file() {
    Session.Outcome seen = run("doctor --home file");
    assertThat(seen.code()).isEqualTo(NOT_MET);
    assertThat(seen.out()).contains("is a file");
  }

  /// With a running server named, so that every command comes as far as the definition.
  @ParameterizedTest
  @ValueSource(
      strings = {"check", "run", "up --port 0", "replay --start 2001-03-01 --end 2001-03-02"})
  void an_unknown_key_is_shown_with_its_place_and_the_nearest_known_one(String words) {
    Session.Outcome refused =
        new Session(folder)
            .with("ORRERY_SERVER", up.web().address())
            .run((words + " --home wrong").split(" ", -1));
    refused(refused, BAD_INPUT, "candidtaes");
    assertThat(refused.err())
        .containsPattern("--> wrong/orrery.yaml:\\d+:3")
        .contains("  candidtaes:", "  ^^^^^^^^^^", "Did you mean 'candidates'");
  }

  @Test
  void damaged_data_stop_a_run_and_register_nothing() {
    Session.Outcome refused = run("run --home damaged");
    refused(refused, BAD_INPUT, "flights.parquet");
    assertThat(run("run --home damaged --json").code()).isEqualTo(BAD_INPUT);
  }

  private static Session.Outcome run(String words) {
    return new Session(folder).run(words.split(" ", -1));
  }

  private static void refused(Session.Outcome outcome, int code, String says) {
    String all = outcome.out() + outcome.err();
    assertThat(outcome.code()).as(all).isEqualTo(code);
    assertThat(all).contains(says).doesNotContain("Exception", "\tat ");
    if (code != NOT_MET) assertThat(outcome.err()).contains("error[ORR-", "hint: ");
  }
}
