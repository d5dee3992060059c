package dev.orrery.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Problem;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
  @Test
  void a_case_worked_by_hand() {
    double[] scores = {0.9, 0.8, 0.7, 0.6, 0.4, 0.2};
    double[] actual = {1, 0, 1, 1, 0, 0};
    Metrics metrics = Metrics.of(scores, actual, 0.65);
    assertThat(metrics.confusion()).isEqualTo(new Metrics.Confusion(2, 1, 2, 1));
    assertThat(metrics.value("accuracy")).hasValue(4.0 / 6);
    assertThat(metrics.value("precision")).hasValue(2.0 / 3);
    assertThat(metrics.value("recall")).hasValue(2.0 / 3);
    assertThat(metrics.value("f1")).hasValue(2.0 / 3);
    assertThat(metrics.value("auc_roc")).hasValue(7.0 / 9);
    // Precision 1 at recall 1/3, 2/3 at 2/3, 3/4 at 1.
    assertThat(metrics.value("auc_pr").orElseThrow())
        .isCloseTo((1 + 2.0 / 3 + 3.0 / 4) / 3, within(1e-15));
    assertThat(metrics.value("precision_at_recall_50")).hasValue(0.75);
    assertThat(metrics.precisionAtRecall(0.5).orElseThrow().threshold()).isEqualTo(0.6);
    assertThat(metrics.value("brier").orElseThrow())
        .isCloseTo((0.01 + 0.64 + 0.09 + 0.16 + 0.16 + 0.04) / 6, within(1e-15));
    assertThat(metrics.all(List.of("precision_at_recall_50")))
        .containsOnlyKeys(
            "accuracy",
            "precision",
            "recall",
            "f1",
            "auc_roc",
            "auc_pr",
            "log_loss",
            "brier",
            "precision_at_recall_50");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void figures_equal_brute_force_with_ties(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int count = 60;
    double[] scores = new double[count];
    double[] actual = new double[count];
    for (int i = 0; i < count; i++) {
      scores[i] = random.nextInt(12) / 11.0;
      actual[i] = random.nextDouble() < scores[i] ? 1 : 0;
    }
    Metrics metrics = Metrics.of(scores, actual, 0.5);
    assertThat(metrics.value("auc_roc").orElseThrow())
        .isCloseTo(bruteAuc(scores, actual), within(1e-14));
    for (int k = 5; k <= 100; k += 5) {
      double[] best = bruteAtRecall(scores, actual, k / 100.0);
      var point = metrics.precisionAtRecall(k / 100.0).orElseThrow();
      assertThat(point.precision()).isEqualTo(best[0]);
      Metrics there = Metrics.of(scores, actual, point.threshold());
      assertThat(there.value("precision")).hasValue(best[0]);
      assertThat(there.value("recall").orElseThrow())
          .isEqualTo(point.recall())
          .isGreaterThanOrEqualTo(k / 100.0);
    }
  }

  @Test
  void what_the_rows_do_not_define_is_absent_not_zero() {
    Metrics noPositive = Metrics.of(new double[] {0.1, 0.2}, new double[] {0, 0}, 0.5);
    for (String name :
        List.of("precision", "recall", "f1", "auc_roc", "auc_pr", "precision_at_recall_50")) {
      assertThat(noPositive.value(name)).as(name).isEqualTo(OptionalDouble.empty());
    }
    assertThat(noPositive.precisionAtRecall(0.5)).isEmpty();
    assertThat(noPositive.value("accuracy")).hasValue(1);
    Metrics noRows = Metrics.of(new double[0], new double[0], 0.5);
    assertThat(noRows.all(List.of("precision_at_recall_80"))).isEmpty();
    Metrics margins = Metrics.of(new double[] {-3, 7}, new double[] {0, 1}, 0.5);
    assertThat(margins.value("log_loss")).isEmpty();
    assertThat(margins.value("auc_roc")).hasValue(1);
  }

  @Test
  void unknown_names_and_unfit_rows_are_refused() {
    Metrics metrics = Metrics.of(new double[] {0.1, 0.9}, new double[] {0, 1}, 0.5);
    assertThatThrownBy(() -> metrics.value("auc_rok"))
        .isInstanceOf(Problem.class)
        .hasMessage("there is no metric 'auc_rok'. Did you mean 'auc_roc'.");
    assertThatThrownBy(() -> metrics.value("precision_at_recall_0")).isInstanceOf(Problem.class);
    assertThatThrownBy(() -> metrics.value("precision_at_recall_101")).isInstanceOf(Problem.class);
    assertThatThrownBy(() -> Metrics.of(new double[] {Double.NaN}, new double[] {1}, 0.5))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> Metrics.of(new double[] {0.5}, new double[] {Double.NaN}, 0.5))
        .isInstanceOf(Problem.class);
  }

  private static double bruteAuc(double[] scores, double[] actual) {
    double won = 0;
    long pairs = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (actual[i] != 1 || actual[j] != 0) continue;
        pairs++;
        won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
      }
    }
    return won / pairs;
  }

  private static double[] bruteAtRecall(double[] scores, double[] actual, double recall) {
    double best = -1;
    for (double threshold : scores) {
      Metrics.Confusion c = Metrics.of(scores, actual, threshold).confusion();
      if ((double) c.truePositives() / c.positives() < recall) continue;
      best = Math.max(best, (double) c.truePositives() / (c.truePositives() + c.falsePositives()));
    }
    return new double[] {best};
  }
}
