package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `orrery exp` against a server on an empty folder, fed from a folder as MLflow writes it.
class ExpCommandsTest {
  private static final String RUN = "00000000000000000000000000000a";

  @TempDir static Path home;
  @TempDir static Path source;
  @TempDir static Path other;
  private static Orrery orrery;
  private static Orrery second;
  private static Session session;

  @BeforeAll
  static void start() throws IOException {
    orrery = Orrery.start(OrreryOptions.of(home, 0), Instant::now);
    second = Orrery.start(OrreryOptions.of(other, 0), Instant::now);
    session = new Session(home).with("ORRERY_SERVER", orrery.address());
    experiment("1", "churn", "active");
    experiment(".trash/2", "old", "deleted");
    for (int i = 0; i < 3; i++) run(i);
    var done = session.run("exp", "import-mlflow", source.toString(), "-q");
    assertThat(done.err()).isEmpty();
    assertThat(done.code()).isZero();
    assertThat(done.out()).startsWith("2 experiments, 3 runs, 33 points and 3 files came over; 0");
  }

  @AfterAll
  static void stop() {
    orrery.close();
    second.close();
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }

  private static void experiment(String folder, String name, String lifecycle) throws IOException {
    write(
        source.resolve(folder).resolve("meta.yaml"),
        "artifact_location: file:///x\nexperiment_id: '%s'\nlifecycle_stage: %s\nname: %s\n"
            .formatted(folder.replaceAll(".*/", ""), lifecycle, name));
  }

  private static void run(int i) throws IOException {
    Path run = source.resolve("1").resolve(RUN + "0" + i);
    write(
        run.resolve("meta.yaml"),
        "run_id: %s\nrun_name: r%d\nstatus: 3\nuser_id: ann\nstart_time: 1700000000000\nend_time: 1700000009500\nlifecycle_stage: %s\n"
            .formatted(RUN + "0" + i, i, i == 2 ? "deleted" : "active"));
    write(run.resolve("params/lr"), "0." + i);
    write(run.resolve("params/nested/key"), "same");
    write(run.resolve("tags/mlflow.runName"), "r" + i);
    var points = new StringBuilder();
    for (int step = 0; step < 10; step++) {
      points.append("%d %s %d\n".formatted(1_700_000_000_000L + step, 1.0 / (step + 1 + i), step));
    }
    write(run.resolve("metrics/loss"), points.toString());
    write(run.resolve("metrics/sys/cpu"), "1700000000000 nan 0\n");
    write(run.resolve("artifacts/dir/note.txt"), "hello " + i);
  }

  private static JsonNode json(String... words) {
    var outcome = session.run(words);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return Json.tree(outcome.out().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void what_cannot_be_imported_is_told() throws IOException {
    String itself = orrery.address().replace("127.0.0.1", "localhost");
    var own = session.run("exp", "import-mlflow", itself);
    assertThat(own.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(own.err()).contains("the very server");
    var nope = session.run("exp", "import-mlflow", source.toString(), "--experiment", "nope");
    assertThat(nope.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(nope.err()).contains("no experiment named 'nope'");
    int free;
    try (var socket = new java.net.ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    var silent = session.run("exp", "import-mlflow", "http://127.0.0.1:" + free);
    assertThat(silent.code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(silent.err()).contains("Check that MLflow runs there").doesNotContain("doctor");
  }

  @Test
  void importing_again_brings_nothing_over_twice_and_a_server_is_read_like_a_folder() {
    JsonNode again = json("exp", "import-mlflow", source.toString(), "--json");
    assertThat(again.path("unchanged").asInt()).isEqualTo(3);
    assertThat(again.path("runs").asInt()).isZero();
    assertThat(again.path("files").asInt()).isZero();
    var into = new Session(other).with("ORRERY_SERVER", second.address());
    var first = into.run("exp", "import-mlflow", orrery.address(), "--experiment", "churn", "-q");
    assertThat(first.err()).isEmpty();
    assertThat(first.out()).startsWith("1 experiments, 3 runs, 33 points and 3 files came over; 0");
    var twice = into.run("exp", "import-mlflow", orrery.address(), "--experiment", "churn", "-q");
    assertThat(twice.out())
        .startsWith("1 experiments, 0 runs, 0 points and 0 files came over; 3 runs");
    assertThat(into.run("exp", "ls", "churn", "--deleted").out()).contains("r2");
  }

  @Test
  void experiments_and_their_runs_are_listed_filtered_and_ordered() {
    assertThat(session.run("exp", "ls").out()).contains("churn", "Default").doesNotContain("old");
    JsonNode found =
        json(
            "exp",
            "ls",
            "churn",
            "--order",
            "metrics.loss",
            "--filter",
            "not params.lr = 5",
            "--json");
    assertThat(found.path("count").asInt()).isEqualTo(2);
    assertThat(found.path("runs").get(0).path("name").asText()).isEqualTo("r1");
    assertThat(found.path("runs").get(0).path("metrics").path("sys/cpu").asText()).isEqualTo("NaN");
    var table = session.run("exp", "ls", "churn", "--columns", "metrics.loss,params.lr");
    assertThat(table.out()).contains("loss", "0.100000", "0.0").contains("9.5 s");
    assertThat(session.run("exp", "ls", "chrun").err()).contains("Did you mean 'churn'");
    assertThat(session.run("exp", "ls", "chrun").code()).isEqualTo(ExitCode.NOT_FOUND);
    var wrong = session.run("exp", "ls", "--filter", "metrix.loss > 1");
    assertThat(wrong.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(wrong.err()).contains("Did you mean 'metrics'");
  }

  @Test
  void a_run_is_named_by_its_name_or_the_beginning_of_its_id() {
    assertThat(session.run("exp", "show", "r1").out())
        .contains(RUN + "01", "FINISHED", "ann", "nested/key")
        .containsPattern("files +1");
    assertThat(session.run("exp", "show", "0000000000").err()).contains("is several runs");
    assertThat(session.run("exp", "show", "nope").code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void two_runs_differ_by_what_is_not_the_same_and_several_stand_side_by_side() {
    var diff = session.run("exp", "diff", "r0", "r1");
    assertThat(diff.out()).contains("lr", "0.0", "0.1", "loss").doesNotContain("nested/key");
    JsonNode compared = json("exp", "compare", "r0", "r1", "--json");
    assertThat(compared.path("metrics").path("loss")).hasSize(2);
    assertThat(session.run("exp", "diff", "r0", "r0").out()).contains("nothing differs");
    assertThat(session.run("exp", "diff", "r0", "r1", "r2").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(session.run("exp", "compare", "r0", "r1", "--lang", "ko").out()).contains("지표");
  }

  @Test
  void runs_are_exported_as_json_csv_and_markdown() throws IOException {
    for (String file : new String[] {"runs.json", "runs.csv", "runs.md"}) {
      var outcome = session.run("exp", "export", "churn", "--out", file);
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(Files.readString(home.resolve(file))).contains("r0", "r1", "nested/key");
      assertThat(session.run("exp", "export", "churn", "--out", file).code())
          .isEqualTo(ExitCode.CONFLICT);
    }
    assertThat(Files.readAllLines(home.resolve("runs.csv"))).hasSize(3);
    assertThat(session.run("exp", "export", "--out", "runs.xls").code())
        .isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void a_run_of_another_tracker_cannot_be_reproduced_and_a_source_must_be_there() {
    assertThat(session.run("exp", "repro", "r0").code()).isNotZero();
    var none = session.run("exp", "import-mlflow", "nowhere");
    assertThat(none.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(session.run("exp", "lss").err()).contains("Did you mean 'ls'");
    assertThat(session.run("exp").out()).contains("exp import-mlflow");
  }
}
