package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Databases.class)
class TrackingTest {
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Tracking tracking;
  private final VirtualClock clock = new VirtualClock(NOON);

  @BeforeEach
  void open() {
    db = database.fresh();
    tracking = new Tracking(db, Blobs.folder(folder.resolve("blobs")), clock);
  }

  @AfterEach
  void close() {
    db.close();
  }

  private Run run() {
    return tracking.start("flights", "lightgbm", Map.of());
  }

  @Test
  void the_default_experiment_is_there_and_others_are_made_when_they_are_named() {
    assertThat(tracking.experiment("Default").id()).isEqualTo("0");
    Experiment made = tracking.experiment("flights");
    assertThat(made.id()).isEqualTo("1");
    assertThat(tracking.experiment("flights")).isEqualTo(made);
    assertThat(run().experiment()).isEqualTo("1");
  }

  @Test
  void a_run_has_an_id_of_32_hexadecimal_digits_and_is_found_again() {
    Run run = run();
    assertThat(run.id()).matches("[0-9a-f]{32}");
    assertThat(run.state()).isEqualTo(Run.State.RUNNING);
    assertThat(tracking.get(run.id())).isEqualTo(run);
    assertThat(tracking.find("nope")).isEmpty();
    assertThatThrownBy(() -> tracking.get("nope"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("no run named 'nope'");
  }

  @Test
  void a_parameter_keeps_its_first_value_and_a_batch_with_another_is_refused_whole() {
    Run run = run();
    tracking.logParams(run.id(), Map.of("trees", "200"));
    tracking.logParams(run.id(), Map.of("trees", "200", "leaves", "63"));
    assertThatThrownBy(() -> tracking.logParams(run.id(), Map.of("seed", "1", "trees", "300")))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.PARAM_CHANGED));
    assertThat(tracking.data(run.id()).params()).isEqualTo(Map.of("trees", "200", "leaves", "63"));
  }

  @Test
  void the_latest_of_a_metric_is_the_greatest_by_step_time_and_value() {
    Run run = run();
    Instant later = NOON.plusSeconds(1);
    tracking.logMetrics(
        run.id(),
        List.of(
            new Metric("auc", 0.70, 2, NOON),
            new Metric("auc", 0.72, 2, NOON),
            new Metric("auc", 0.99, 1, later),
            new Metric("auc", 0.50, -3, later)));
    assertThat(tracking.data(run.id()).metrics().get("auc"))
        .isEqualTo(new Metric("auc", 0.72, 2, NOON));
    tracking.logMetrics(run.id(), List.of(new Metric("auc", 0.1, 2, later)));
    assertThat(tracking.data(run.id()).metrics().get("auc"))
        .isEqualTo(new Metric("auc", 0.1, 2, later));
    assertThat(tracking.history(run.id(), "auc", 100)).hasSize(5);
    assertThat(tracking.history(run.id(), "nothing", 100)).isEmpty();
  }

  @Test
  void an_equal_point_is_kept_once() {
    Run run = run();
    var point = new Metric("loss", Double.NaN, 7, NOON);
    tracking.logMetrics(run.id(), List.of(point, point));
    tracking.logMetrics(run.id(), List.of(point));
    assertThat(tracking.history(run.id(), "loss", 100)).containsExactly(point);
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        -Double.MAX_VALUE,
        0.1
      })
  void every_double_is_a_value(double value) {
    Run run = run();
    tracking.logMetrics(run.id(), Map.of("x", value));
    assertThat(tracking.history(run.id(), "x", 9)).containsExactly(new Metric("x", value, 0, NOON));
    assertThat(tracking.data(run.id()).metrics().get("x"))
        .isEqualTo(new Metric("x", value, 0, NOON));
  }

  @Test
  void a_batch_with_one_bad_key_writes_nothing() {
    Run run = run();
    List<Metric> batch = List.of(new Metric("good", 1, 0, NOON), new Metric("../bad", 1, 0, NOON));
    assertThatThrownBy(() -> tracking.logMetrics(run.id(), batch)).isInstanceOf(Problem.class);
    assertThat(tracking.data(run.id()).metrics()).isEmpty();
  }

  @Test
  void tags_change_and_the_name_is_one_of_them() {
    Run run = run();
    tracking.tag(run.id(), Map.of("stage", "train"));
    tracking.tag(run.id(), Map.of("stage", "gate", Tracking.NAME_TAG, "the good one"));
    RunData data = tracking.data(run.id());
    assertThat(data.tags()).isEqualTo(Map.of("stage", "gate", Tracking.NAME_TAG, "the good one"));
    assertThat(data.run().name()).isEqualTo("the good one");
    assertThat(tracking.tagged("stage", "gate", 10)).containsExactly(data.run());
    assertThat(tracking.tagged("stage", "train", 10)).isEmpty();
  }

  @Test
  void an_artifact_is_a_path_that_names_a_blob() {
    Run run = run();
    byte[] bytes = "{}".getBytes(StandardCharsets.UTF_8);
    Artifact artifact = tracking.putArtifact(run.id(), "reports/data.json", bytes);
    assertThat(artifact.digest()).isEqualTo(Digest.of(bytes));
    assertThat(tracking.data(run.id()).artifacts()).containsExactly(artifact);
    assertThat(tracking.readArtifact(run.id(), "reports/data.json")).isEqualTo(bytes);
    assertThatThrownBy(() -> tracking.readArtifact(run.id(), "reports/other.json"))
        .isInstanceOf(Problem.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/etc/passwd",
        "a/../b",
        "..",
        "a//b",
        "a\\b",
        "C:/x",
        "file:x",
        "a/%2e%2e/b",
        "a#b",
        "a?b",
        "a/",
        ".",
        "a\u0000b",
        "a\u202eb",
        "%252e",
        "e\u0301"
      })
  void a_path_that_could_mean_anything_else_is_refused(String path) {
    Run run = run();
    assertThatThrownBy(() -> tracking.putArtifact(run.id(), path, new byte[0]))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.BAD_ARTIFACT_PATH));
  }

  @Test
  void a_run_ends_once_and_may_still_be_written_to() {
    Run run = run();
    clock.advance(NOON.plus(Duration.ofMinutes(1)));
    Run ended = tracking.finish(run.id(), Run.State.FINISHED);
    assertThat(ended.endedAt()).isEqualTo(clock.instant());
    clock.advance(NOON.plus(Duration.ofMinutes(2)));
    assertThat(tracking.finish(run.id(), Run.State.FINISHED)).isEqualTo(ended);
    assertThatThrownBy(() -> tracking.finish(run.id(), Run.State.KILLED))
        .hasMessage(
            "run %s has already ended as FINISHED. Start a new run; a run ends only once.",
            run.id());
    tracking.logMetrics(run.id(), Map.of("late", 1.0));
    assertThat(tracking.data(run.id()).metrics()).containsKey("late");
  }

  @Test
  void the_newest_runs_come_first() {
    Run first = run();
    clock.advance(NOON.plusSeconds(1));
    Run second = run();
    tracking.start("other", "x", Map.of());
    assertThat(tracking.newest("flights", 10)).containsExactly(second, first);
    assertThat(tracking.newest("flights", 1)).containsExactly(second);
    assertThat(tracking.newest("none", 10)).isEmpty();
  }
}
