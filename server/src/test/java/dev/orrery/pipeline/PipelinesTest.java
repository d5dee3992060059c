package dev.orrery.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Table;
import dev.orrery.evaluation.Metrics;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.lineage.Edge;
import dev.orrery.model.ModelPackage;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelVersion;
import dev.orrery.sql.Databases;
import dev.orrery.tracking.Run;
import dev.orrery.tracking.RunData;
import dev.orrery.tracking.Tracking;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PipelinesTest {
  @TempDir Path folder;

  private Home open(Databases database, UnaryOperator<String> change) {
    var home = new Home(Home.write(folder, change), database.fresh(), Home.end(), 2);
    home.jobs.start(1);
    return home;
  }

  private Home open() {
    return open(Databases.SQLITE, yaml -> yaml);
  }

  private static <T> T output(Home home, PipelineRun run, Stage stage, Class<T> type) {
    StageRun last =
        home.pipelines.stages(run.id()).stream()
            .filter(s -> s.stage() == stage)
            .reduce((_, b) -> b)
            .orElseThrow();
    return Json.read(Json.text(requireNonNull(last.output())), type);
  }

  @ParameterizedTest
  @EnumSource
  void a_run_goes_from_rows_to_a_version_in_service(Databases database) {
    try (Home home = open(database, yaml -> yaml)) {
      PipelineRun run = home.train("first");

      assertThat(run.failure()).isNull();
      assertThat(run.rejections()).isEmpty();
      assertThat(run.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      assertThat(home.pipelines.stages(run.id()))
          .extracting(StageRun::stage, StageRun::attempt, StageRun::state)
          .containsExactly(
              tuple(Stage.DATA, 1L, StageRun.State.FINISHED),
              tuple(Stage.FEATURES, 1L, StageRun.State.FINISHED),
              tuple(Stage.TRAIN, 1L, StageRun.State.FINISHED),
              tuple(Stage.GATE, 1L, StageRun.State.FINISHED),
              tuple(Stage.REGISTER, 1L, StageRun.State.FINISHED),
              tuple(Stage.DEPLOY, 1L, StageRun.State.FINISHED));
      ModelVersion version = home.registry.latest(run.model()).orElseThrow();
      assertThat(version.id()).isEqualTo("late-arrival@1.0.0");
      assertThat(version.dataVersion()).isEqualTo("flights@1.0.0");
      assertThat(version.codeVersion()).startsWith("src-");
      assertThat(version.reasons()).containsExactly("first");
      assertThat(home.deployed).containsExactly("DIRECT late-arrival@1.0.0 (first)");
      assertThat(home.lineage.up(version.node()))
          .extracting(edge -> edge.from().toString())
          .contains("data flights@1.0.0", "features 1.0.0", "run " + version.run());
      assertThat(home.lineage.up(version.node())).extracting(Edge::to).contains(version.node());

      ModelPackage model = home.registry.open(version);
      assertThat(model.golden().rows().rows()).isEqualTo(Fitting.GOLDEN_ROWS);
      assertThat(model.card().thresholdRule()).isEqualTo("precision_at_recall_50");
      assertThat(model.card().positive()).isEqualTo("late");
      assertThat(model.references()).hasSize(model.signature().size());
    }
  }

  @Test
  void every_candidate_leaves_a_run_with_its_figures_and_its_package() {
    try (Home home = open()) {
      PipelineRun run = home.train("first");
      List<Run> runs = home.tracking.newest("small-flights", 10);
      assertThat(runs)
          .extracting(Run::name)
          .containsExactlyInAnyOrder(
              "pipeline " + run.id(), "majority", "rule", "logistic_regression", "lightgbm");
      assertThat(runs).extracting(Run::state).containsOnly(Run.State.FINISHED);
      String whole = output(home, run, Stage.DATA, Outputs.Data.class).record();
      for (Run one : runs) {
        if (one.id().equals(whole)) continue;
        RunData data = home.tracking.data(one.id());
        assertThat(data.tags()).containsEntry(Tracking.PARENT_TAG, whole);
        assertThat(data.params())
            .containsKeys("model_digest", "training_rows", "trained_until", "seed");
        assertThat(data.metrics())
            .containsKeys("auc_roc", "log_loss", "cv_auc_roc_mean", "cv_auc_roc_std");
        byte[] bytes = home.tracking.readArtifact(one.id(), Stages.MODEL_PATH);
        assertThat(ModelPackage.read(bytes).digest().hex())
            .isEqualTo(data.params().get("model_digest"));
      }
      JsonNode report =
          Json.tree(home.tracking.readArtifact(whole, "reports/data_validation.json"));
      assertThat(report.get("passed").booleanValue()).isTrue();
      assertThat(
              new String(
                  home.tracking.readArtifact(whole, "reports/data_validation.html"),
                  StandardCharsets.UTF_8))
          .contains("<!doctype html>", "row_count", "passed")
          .doesNotContain("http");
    }
  }

  @Test
  void what_the_gates_turn_away_ends_as_rejected_and_its_evidence_is_kept() {
    try (Home home =
        open(Databases.SQLITE, yaml -> yaml.replace("{ auc_roc: 0.6 }", "{ auc_roc: 0.999 }"))) {
      PipelineRun run = home.train("first");

      assertThat(run.state()).isEqualTo(PipelineRun.State.REJECTED);
      assertThat(run.rejections()).hasSize(1);
      assertThat(run.rejections().getFirst()).contains("auc_roc is 0.", "must be >= 0.9990");
      assertThat(home.registry.names()).isEmpty();
      assertThat(home.deployed).isEmpty();
      var gate = output(home, run, Stage.GATE, Outputs.Gate.class);
      assertThat(gate.rejections()).isEqualTo(run.rejections());
      assertThat(home.tracking.readArtifact(gate.candidate().run(), "reports/gates.json"))
          .isNotEmpty();
      assertThat(gate.results())
          .filteredOn(r -> r.name().equals("throughput"))
          .extracting(GateResult::state)
          .containsExactly(GateResult.State.UNKNOWN);
    }
  }

  @Test
  void rows_that_break_the_contract_stop_the_run_with_a_report() {
    try (Home home =
        open(Databases.SQLITE, yaml -> yaml.replace("delay: [-300, 3000]", "delay: [-300, 20]"))) {
      PipelineRun run = home.train("first");

      assertThat(run.state()).isEqualTo(PipelineRun.State.FAILED);
      Failure failure = requireNonNull(run.failure());
      assertThat(failure.fault()).isEqualTo(Fault.CONTRACT_BROKEN.code());
      assertThat(failure.what()).contains("value_range", "delay", "row ");
      assertThat(failure.hint()).isNotBlank();
      assertThat(home.pipelines.stages(run.id()))
          .extracting(StageRun::stage, StageRun::state)
          .containsExactly(tuple(Stage.DATA, StageRun.State.FAILED));
      Run whole = home.tracking.newest("small-flights", 1).getFirst();
      assertThat(whole.state()).isEqualTo(Run.State.FAILED);
      JsonNode report =
          Json.tree(home.tracking.readArtifact(whole.id(), "reports/data_validation.json"));
      assertThat(report.get("passed").booleanValue()).isFalse();
      assertThat(home.train("again").state()).isEqualTo(PipelineRun.State.FAILED);
    }
  }

  @Test
  void a_run_that_is_cut_short_in_training_goes_on_there_and_makes_the_same_model() {
    try (Home home = open()) {
      String undisturbed = home.train("first").version();
      var whole = home.registry.get(requireNonNull(home.champion).model(), Semver.FIRST);
      assertThat(undisturbed).isEqualTo("1.0.0");

      var crashed = new AtomicBoolean();
      List<String> told = new ArrayList<>();
      home.pipelines.listen(event -> {
        if (event instanceof PipelineEvent.StageBegan begun) {
          told.add(begun.stage() + " " + begun.attempt());
        }
        boolean inTheMiddle =
            event instanceof PipelineEvent.Progressed progressed
                && progressed.what().startsWith("lightgbm: 10");
        if (inTheMiddle && crashed.compareAndSet(false, true)) throw new Crash();
      });
      PipelineRun run = home.train("again");

      assertThat(run.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      assertThat(home.pipelines.stages(run.id()))
          .extracting(StageRun::stage, StageRun::attempt, StageRun::state)
          .startsWith(
              tuple(Stage.DATA, 1L, StageRun.State.FINISHED),
              tuple(Stage.FEATURES, 1L, StageRun.State.FINISHED),
              tuple(Stage.TRAIN, 1L, StageRun.State.LOST),
              tuple(Stage.TRAIN, 2L, StageRun.State.FINISHED),
              tuple(Stage.GATE, 1L, StageRun.State.FINISHED));
      assertThat(told)
          .containsExactly(
              "DATA 1", "FEATURES 1", "TRAIN 1", "TRAIN 2", "GATE 1", "REGISTER 1", "DEPLOY 1");
      ModelVersion second = home.registry.latest(run.model()).orElseThrow();
      assertThat(second.modelDigest()).isEqualTo(whole.modelDigest());
      assertThat(second.version()).isEqualTo(new Semver(1, 0, 1));
    }
  }

  /// What stands in for the end of the process.
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void a_server_that_stops_in_training_goes_on_after_its_next_start() throws Exception {
    Home.write(folder, yaml -> yaml.replace("trees: 30", "trees: 3000"));
    String address = Databases.SQLITE.address();
    var training = new CountDownLatch(1);
    PipelineRun run;
    try (Home home = new Home(folder, Databases.SQLITE.open(address), Home.end(), 1)) {
      home.jobs.start(1);
      home.pipelines.listen(event -> {
        if (event instanceof PipelineEvent.Progressed p && p.what().startsWith("lightgbm: 5 ")) {
          training.countDown();
        }
      });
      run = home.pipelines.train(List.of("first"));
      assertThat(training.await(1, TimeUnit.MINUTES)).isTrue();
    }
    try (Home home = new Home(folder, Databases.SQLITE.open(address), Home.end(), 1)) {
      assertThat(home.pipelines.underWay()).isPresent();
      home.jobs.start(1);
      PipelineRun ended = home.pipelines.await(run.id(), Duration.ofMinutes(2));
      assertThat(ended.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      assertThat(home.pipelines.stages(run.id()))
          .filteredOn(s -> s.stage() == Stage.TRAIN)
          .extracting(StageRun::attempt, StageRun::state)
          .containsExactly(tuple(1L, StageRun.State.LOST), tuple(2L, StageRun.State.FINISHED));
      assertThat(home.tracking.newest("small-flights", 20))
          .extracting(Run::state)
          .doesNotContain(Run.State.RUNNING);
    }
  }

  @Test
  void other_definitions_are_not_met_with_the_output_of_earlier_ones() {
    try (Home home = open()) {
      var changed = new AtomicBoolean();
      home.pipelines.listen(event -> {
        boolean trained =
            event instanceof PipelineEvent.StageEnded e && e.ended().stage() == Stage.TRAIN;
        if (trained && changed.compareAndSet(false, true)) {
          Home.define(folder, Home.YAML.replace("trees: 30", "trees: 20"));
          throw new Crash();
        }
      });
      PipelineRun run = home.train("first");
      assertThat(run.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      ModelVersion version = home.registry.latest(run.model()).orElseThrow();
      var train = output(home, run, Stage.TRAIN, Outputs.Train.class);
      assertThat(train.models())
          .filteredOn(m -> m.kind().equals("lightgbm"))
          .extracting(m -> m.parameters().get("trees"))
          .containsExactly("20");
      assertThat(version.version()).isEqualTo(Semver.FIRST);
    }
  }

  @Test
  void definitions_that_were_broken_in_between_end_the_run_with_their_place() {
    try (Home home = open()) {
      var broken = new AtomicBoolean();
      home.pipelines.listen(event -> {
        boolean begun = event instanceof PipelineEvent.StageBegan b && b.stage() == Stage.TRAIN;
        if (begun && broken.compareAndSet(false, true)) {
          Home.define(folder, Home.YAML.replace("seed: 7", "sead: 7"));
          throw new Crash();
        }
      });
      PipelineRun run = home.train("first");
      assertThat(run.state()).isEqualTo(PipelineRun.State.FAILED);
      Failure failure = requireNonNull(run.failure());
      assertThat(failure.hint()).isEqualTo("Did you mean 'seed'");
      assertThat(failure.place()).startsWith("orrery.yaml:");
      assertThat(home.tracking.newest("small-flights", 20))
          .extracting(Run::state)
          .containsExactly(Run.State.KILLED);
    }
  }

  @Test
  void a_run_whose_job_ended_without_it_gets_another() {
    Home.write(folder, yaml -> yaml);
    String address = Databases.SQLITE.address();
    PipelineRun run;
    try (Home home = new Home(folder, Databases.SQLITE.open(address), Home.end(), 1)) {
      run = home.pipelines.train(List.of("first"));
      home.db.update("update job set state = 'FAILED'");
    }
    try (Home home = new Home(folder, Databases.SQLITE.open(address), Home.end(), 1)) {
      home.jobs.start(1);
      assertThat(home.pipelines.await(run.id(), Duration.ofMinutes(2)).state())
          .isEqualTo(PipelineRun.State.SUCCEEDED);
    }
  }

  @Test
  void a_champion_is_renewed_on_what_service_has_taught_and_compared_with() {
    try (Home home =
        open(Databases.SQLITE, yaml -> yaml.replace("  seed: 7", "  seed: 7\n  history: 8d"))) {
      home.train("first");
      ModelVersion first = requireNonNull(home.champion);
      // From here on distance works the other way.
      home.live = (_, _, _) -> Home.rows(4_000, Home.DAYS, 12, -1);
      home.clock.advance(Home.end().plus(Duration.ofDays(13)));

      PipelineRun run = home.retrain("data_drift", "accuracy_degradation");

      assertThat(run.rejections()).isEmpty();
      assertThat(run.state()).isEqualTo(PipelineRun.State.SUCCEEDED);
      ModelVersion second = home.registry.latest(run.model()).orElseThrow();
      assertThat(second.version()).isEqualTo(new Semver(1, 0, 1));
      assertThat(second.parent()).isEqualTo(first.version());
      assertThat(second.dataVersion()).isEqualTo("flights@1.1.0");
      assertThat(second.make().kind()).isEqualTo(first.make().kind());
      assertThat(home.deployed.getLast())
          .isEqualTo("CANARY late-arrival@1.0.1 (data_drift, accuracy_degradation)");
      var gate = output(home, run, Stage.GATE, Outputs.Gate.class);
      assertThat(gate.champion()).isEqualTo(first.id());
      assertThat(gate.results())
          .filteredOn(r -> r.kind().equals("champion"))
          .extracting(GateResult::name, GateResult::state)
          .containsExactly(
              tuple("champion_auc_roc", GateResult.State.PASSED),
              tuple("champion_log_loss", GateResult.State.PASSED));
      var train = output(home, run, Stage.TRAIN, Outputs.Train.class);
      assertThat(train.models())
          .extracting(Outputs.Trained::kind)
          .containsExactly("majority", "rule", first.make().kind());
    }
  }

  @Test
  void a_champion_of_other_features_is_compared_with_by_its_own() {
    try (Home home =
        open(Databases.SQLITE, yaml -> yaml.replace("  seed: 7", "  seed: 7\n  history: 8d"))) {
      Project then = Project.load(folder);
      home.train("first");
      // Since then one feature is gone, one is new, and one means something else.
      Home.define(
          folder,
          Home.YAML
              .replace("  seed: 7", "  seed: 7\n  history: 8d")
              .replace("late_share: \"mean(late)\"", "late_share: \"sum(late)\"")
              .replace("late_share_6h > 0.4", "late_share_6h > 4")
              .replace("hour: \"hour(date)\"", "weekday: \"isodow(date)\""));
      home.live = (_, _, _) -> Home.rows(4_000, Home.DAYS, 12, -1);
      home.clock.advance(Home.end().plus(Duration.ofDays(13)));
      var dataset = requireNonNull(DatasetBlock.read(then.data()).get("flights"));
      home.served = new Champions.Definitions(dataset, then.features());

      PipelineRun run = home.retrain("data_drift");

      assertThat(run.state())
          .as(String.valueOf(run.failure()))
          .isNotEqualTo(PipelineRun.State.FAILED);
      double told =
          output(home, run, Stage.GATE, Outputs.Gate.class).results().stream()
              .filter(result -> result.name().equals("champion_auc_roc"))
              .mapToDouble(result -> requireNonNull(result.threshold()))
              .findFirst()
              .orElseThrow();
      assertThat(told).isCloseTo(championByHand(home, run, then, dataset), within(1e-12));
    }
  }

  /// The champion's AUC on the rows that the run validated on, with the features that it was
  /// trained on.
  private static double championByHand(Home home, PipelineRun run, Project then, Dataset dataset) {
    ModelPackage model = home.registry.open(requireNonNull(home.champion));
    DataVersion data =
        home.datasets.get(output(home, run, Stage.DATA, Outputs.Data.class).version());
    var train = output(home, run, Stage.TRAIN, Outputs.Train.class);
    Table rows = dataset.complete(home.datasets.read(data));
    long from = Prepared.micros(train.validatedFrom());
    long until = Prepared.micros(train.validatedUntil());
    long[] times = rows.micros("date");
    int[] validated =
        IntStream.range(0, times.length)
            .filter(i -> times[i] >= from && times[i] <= until)
            .filter(i -> !Double.isNaN(rows.numbers("late")[i]))
            .toArray();
    assertThat(validated).hasSize((int) train.validationRows());
    Table features = FeatureBlock.compile(then.features(), dataset, data.schema()).history(rows);
    return Metrics.of(
            model.score(features.pick(validated)),
            Prepared.pick(rows.numbers("late"), validated),
            model.threshold())
        .value(Metrics.AUC_ROC)
        .orElseThrow();
  }

  @Test
  void a_candidate_that_is_no_better_than_the_champion_is_rejected() {
    try (Home home = open()) {
      home.train("first");
      // Nothing new: the same rows make the same model.
      PipelineRun run = home.retrain("scheduled_retrain");

      assertThat(run.state()).isEqualTo(PipelineRun.State.REJECTED);
      assertThat(run.rejections())
          .anySatisfy(r -> assertThat(r).contains("champion_auc_roc", "late-arrival@1.0.0"));
      assertThat(home.deployed).hasSize(1);
      assertThat(home.registry.list(run.model(), 10)).hasSize(1);
    }
  }

  @Test
  void a_champion_that_was_trained_on_the_validation_rows_is_no_measure() {
    try (Home home = open()) {
      home.train("first");
      // Validation of the next run reaches back into what the champion was trained on.
      Home.define(folder, Home.YAML.replace("holdout: 4d", "holdout: 10d"));
      PipelineRun run = home.retrain("scheduled_retrain");

      assertThat(run.state()).isEqualTo(PipelineRun.State.REJECTED);
      assertThat(run.rejections())
          .anySatisfy(r ->
              assertThat(r)
                  .contains("champion_auc_roc is unknown", "was trained on some of these rows"));
    }
  }

  @Test
  void nothing_is_renewed_where_nothing_is_in_service() {
    try (Home home = open()) {
      assertThatThrownBy(() -> home.pipelines.retrain(List.of("scheduled_retrain")))
          .isInstanceOfSatisfying(
              Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.NOTHING_TO_RETRAIN));
    }
  }

  @Test
  void a_model_has_one_run_at_a_time() {
    Home.write(folder, yaml -> yaml);
    try (Home home = new Home(folder, Databases.SQLITE.fresh(), Home.end(), 1)) {
      PipelineRun waiting = home.pipelines.train(List.of("first"));
      assertThatThrownBy(() -> home.pipelines.train(List.of("second")))
          .isInstanceOfSatisfying(
              Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.PIPELINE_BUSY))
          .hasMessageContaining(waiting.id().toString());
      assertThat(home.pipelines.underWay()).contains(waiting);
    }
  }

  @Test
  void the_same_seed_gives_the_same_model_on_one_thread_or_two() {
    Home.write(folder, yaml -> yaml);
    List<String> digests = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      Path other = folder.resolve("on-" + threads);
      Home.write(other, yaml -> yaml);
      try (Home home = new Home(other, Databases.SQLITE.fresh(), Home.end(), threads)) {
        home.jobs.start(1);
        PipelineRun run = home.train("first");
        var train = output(home, run, Stage.TRAIN, Outputs.Train.class);
        digests.add(
            train.models().stream().map(m -> m.kind() + " " + m.model()).toList().toString());
      }
    }
    assertThat(digests.getFirst()).isEqualTo(digests.getLast());
  }

  @Test
  void the_figures_say_how_good_the_model_is_on_rows_it_has_not_seen() {
    try (Home home = open()) {
      PipelineRun run = home.train("first");
      var train = output(home, run, Stage.TRAIN, Outputs.Train.class);
      Map<String, Double> best =
          output(home, run, Stage.GATE, Outputs.Gate.class).candidate().metrics();
      assertThat(best.get("auc_roc")).isBetween(0.65, 0.95);
      assertThat(train.trainedUntil()).isBefore(train.validatedFrom());
      assertThat(Duration.between(train.validatedFrom(), train.validatedUntil()))
          .isBetween(Duration.ofDays(3), Duration.ofDays(4));
    }
  }
}
