package dev.orrery.evaluation;

import static dev.orrery.evaluation.Gates.State.FAILED;
import static dev.orrery.evaluation.Gates.State.PASSED;
import static dev.orrery.evaluation.Gates.State.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.model.Constant;
import dev.orrery.model.ModelPackage;
import dev.orrery.model.Preprocessor;
import dev.orrery.stats.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GatesTest {
  private static final Gates GATES =
      new Gates(
          new LinkedHashMap<>(Map.of("auc_roc", 0.70)),
          List.of("majority", "rule"),
          "auc_roc",
          50e6,
          10.0);

  private static final Map<String, Map<String, Double>> BASELINES =
      Map.of("majority", Map.of("auc_roc", 0.5), "rule", Map.of("auc_roc", 0.6));

  @Test
  void a_candidate_that_keeps_every_bound_passes() {
    var verdict = GATES.judge(new Gates.Evidence(Map.of("auc_roc", 0.70), BASELINES, 49e6, 9.9));
    assertThat(verdict.passed()).isTrue();
    assertThat(verdict.results())
        .extracting(Gates.Result::name)
        .containsExactly("auc_roc", "majority", "rule", "model_size", "latency_p99");
    assertThat(verdict.results().getFirst())
        .isEqualTo(new Gates.Result("auc_roc", "metric", 0.70, 0.70, PASSED));
  }

  @Test
  void what_was_not_measured_is_unknown_and_no_pass() {
    var verdict = GATES.judge(new Gates.Evidence(Map.of(), Map.of(), null, Double.NaN));
    assertThat(verdict.passed()).isFalse();
    assertThat(verdict.results()).extracting(Gates.Result::state).containsOnly(UNKNOWN);
  }

  @Test
  void a_bound_that_is_missed_fails_and_equal_to_a_baseline_is_not_better() {
    var verdict = GATES.judge(new Gates.Evidence(Map.of("auc_roc", 0.6), BASELINES, 50e6, 10.0));
    assertThat(verdict.results())
        .extracting(Gates.Result::state)
        .containsExactly(FAILED, PASSED, FAILED, FAILED, FAILED);
    assertThat(verdict.notPassed()).hasSize(4);
  }

  @Test
  void of_losses_the_bound_is_the_greatest() {
    Gates gates =
        new Gates(
            new LinkedHashMap<>(Map.of("log_loss", 0.5)), List.of("rule"), "brier", null, null);
    var evidence =
        new Gates.Evidence(
            Map.of("log_loss", 0.4, "brier", 0.2),
            Map.of("rule", Map.of("brier", 0.1)),
            null,
            null);
    assertThat(gates.judge(evidence).results())
        .extracting(Gates.Result::state)
        .containsExactly(PASSED, FAILED);
  }

  @Test
  void a_gate_on_an_unknown_metric_is_refused() {
    assertThatThrownBy(() ->
            new Gates(new LinkedHashMap<>(Map.of("auc", 0.7)), List.of(), "auc_roc", null, null))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("there is no metric 'auc'");
  }

  @Test
  void a_better_model_is_found_better_and_the_same_model_is_not() {
    SplittableRandom random = new SplittableRandom(1);
    int count = 20_000;
    double[] good = new double[count];
    double[] bad = new double[count];
    double[] actual = new double[count];
    long[] day = new long[count];
    for (int i = 0; i < count; i++) {
      good[i] = random.nextDouble();
      bad[i] = Math.clamp(good[i] + 0.2 * random.nextGaussian(), 0.01, 0.99);
      actual[i] = random.nextDouble() < good[i] ? 1 : 0;
      day[i] = i / 500;
    }
    Comparison better = Comparison.of(good, bad, actual, 0.95);
    assertThat(better.candidateBetter()).isTrue();
    assertThat(Comparison.of(bad, good, actual, 0.95).candidateWorse()).isTrue();
    assertThat(Comparison.grouped(good, bad, actual, day, 0.95).candidateBetter()).isTrue();
    Comparison same = Comparison.of(good, good, actual, 0.95);
    assertThat(same.candidateBetter()).isFalse();
    assertThat(same.candidateWorse()).isFalse();
    assertThat(same.logLoss()).isEqualTo(new Interval(0, 0, 0, 0.95));
    assertThat(same.auc().estimate()).isZero();
  }

  @Test
  void single_rows_are_timed() {
    var columns = new LinkedHashMap<String, Table.Column>();
    columns.put("x", new Table.Numbers(new double[] {1, 2}));
    Table table = Table.of(columns);
    ModelPackage model =
        ModelPackage.of(
            Preprocessor.fit(table),
            new Constant(0.2),
            new ModelPackage.Card("late", 0.5, null, new LinkedHashMap<>()),
            List.of(),
            table);
    Latency latency = Latency.ofSingleRows(model, table, 1_000);
    assertThat(latency.rows()).isEqualTo(1_000);
    assertThat(latency.p50()).isPositive().isLessThanOrEqualTo(latency.p99());
    assertThat(latency.p99()).isLessThanOrEqualTo(latency.max());
  }
}
