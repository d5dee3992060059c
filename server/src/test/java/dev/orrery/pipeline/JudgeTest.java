package dev.orrery.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.evaluation.Comparison;
import dev.orrery.pipeline.GateResult.State;
import dev.orrery.project.Project;
import dev.orrery.stats.Interval;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JudgeTest {
  private static final Map<String, Map<String, Double>> BASELINES =
      Map.of("majority", Map.of("auc_roc", 0.5), "rule", Map.of("auc_roc", 0.62));
  private static final Map<String, Double> GOOD =
      Map.of("auc_roc", 0.75, "precision_at_recall_50", 0.45);
  private static final Interval BETTER = new Interval(0.01, -0.01, 0.03, 0.95);

  @TempDir Path folder;
  private Judge judge;

  @BeforeEach
  void read() {
    Recipe recipe = RecipeReader.read(Project.load(Home.write(folder, yaml -> yaml)));
    judge = new Judge(recipe.gates(), recipe.successMetric());
  }

  private static Judge.Evidence evidence(Map<String, Double> metrics, double size, double millis) {
    return new Judge.Evidence(metrics, BASELINES, size, millis, null);
  }

  private static GateResult result(Verdict verdict, String name, String kind) {
    return verdict.results().stream()
        .filter(r -> r.name().equals(name) && r.kind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void a_good_candidate_passes_with_what_cannot_be_measured_yet_unknown() {
    Verdict verdict = judge.judge(evidence(GOOD, 1e6, 0.1), null);
    assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
    assertThat(result(verdict, "throughput", "constraint").state()).isEqualTo(State.UNKNOWN);
    assertThat(result(verdict, "latency", "constraint").state()).isEqualTo(State.PASSED);
    GateResult success = result(verdict, "auc_roc", "success");
    assertThat(success.state()).isEqualTo(State.PASSED);
    assertThat(success.note()).isEqualTo("meets the limit, not yet the target");
  }

  @Test
  void a_measurement_that_is_missing_is_never_a_pass() {
    Verdict verdict = judge.judge(evidence(Map.of("precision_at_recall_50", 0.45), 1e6, 0.1), null);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Rejected.class,
            rejected ->
                assertThat(rejected.reasons())
                    .contains("auc_roc is unknown, and must be >= 0.6000"));
  }

  @Test
  void a_candidate_that_does_not_beat_the_rule_is_rejected() {
    Verdict verdict =
        judge.judge(
            evidence(Map.of("auc_roc", 0.62, "precision_at_recall_50", 0.4), 1e6, 0.1), null);
    assertThat(((Verdict.Rejected) verdict).reasons())
        .containsExactly("the score against 'rule' is 0.6200, and must be > 0.6200 (in auc_roc)");
  }

  @Test
  void what_is_too_large_or_too_slow_is_rejected_and_the_same_limit_is_told_once() {
    assertThat(((Verdict.Rejected) judge.judge(evidence(GOOD, 60e6, 0.1), null)).reasons())
        .containsExactly("model_size is 60000000, and must be < 50000000 bytes");
    assertThat(((Verdict.Rejected) judge.judge(evidence(GOOD, 1e6, 11), null)).reasons())
        .containsExactly("latency_p99 is 11, and must be < 10 ms (scoring alone)");
  }

  @Test
  void a_load_of_the_endpoint_is_told_beside_the_latency_and_decides_nothing() {
    String load = "beside it deploy bench at 1000/s for 60 s, p99 900.000 ms of version 1.0.0";
    for (double millis : new double[] {1, 11}) {
      Verdict verdict = judge.judge(new Judge.Evidence(GOOD, BASELINES, 1e6, millis, load), null);
      assertThat(verdict.results())
          .filteredOn(result -> result.kind().equals("latency_p99"))
          .singleElement()
          .satisfies(result -> {
            assertThat(result.actual()).isEqualTo(millis);
            assertThat(result.state())
                .isEqualTo(millis < 10 ? GateResult.State.PASSED : GateResult.State.FAILED);
            assertThat(result.note()).isEqualTo("scoring alone; " + load);
          });
    }
  }

  @Test
  void what_is_reached_today_must_be_beaten() {
    Verdict verdict =
        judge.judge(
            evidence(Map.of("auc_roc", 0.75, "precision_at_recall_50", 0.29), 1e6, 0.1), null);
    assertThat(((Verdict.Rejected) verdict).reasons())
        .containsExactly(
            "precision_at_recall_50 is 0.2900, and must be > 0.3000 (what is reached today)");
  }

  @Test
  void a_champion_is_replaced_only_by_what_is_better_in_both_figures() {
    var comparison = new Comparison(1_000, BETTER, BETTER);
    Judge.Evidence evidence = evidence(GOOD, 1e6, 0.1);
    var better = new Judge.Duel("m@1.0.0", comparison, 0.75, 0.74, 0.40, 0.41);
    var surerOnly = new Judge.Duel("m@1.0.0", comparison, 0.74, 0.74, 0.40, 0.41);
    var ranksOnly = new Judge.Duel("m@1.0.0", comparison, 0.75, 0.74, 0.41, 0.41);
    assertThat(judge.judge(evidence, better)).isInstanceOf(Verdict.Accepted.class);
    assertThat(judge.judge(evidence, surerOnly)).isInstanceOf(Verdict.Rejected.class);
    assertThat(judge.judge(evidence, ranksOnly)).isInstanceOf(Verdict.Rejected.class);
  }
}
