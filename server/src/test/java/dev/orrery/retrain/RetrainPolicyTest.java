package dev.orrery.retrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetrainPolicyTest {
  @TempDir Path folder;

  private RetrainBlock block(String text) throws Exception {
    Files.writeString(
        folder.resolve(Project.FILE), "orrery: 1\nproject: small\nretrain: " + text + "\n");
    return RetrainBlock.read(Project.load(folder).retrain());
  }

  private RetrainPolicy founding() throws Exception {
    Files.copy(
        Path.of("src/test/resources/acceptance/churn/retrain.yaml"),
        folder.resolve("retrain.yaml"));
    return block("retrain.yaml").policy();
  }

  private static Signals signals(double accuracy, double psi, double days, long rows) {
    return new Signals(new TreeMap<>(Map.of("accuracy", accuracy, "psi", psi)), days, rows);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void the_reasons_are_those_of_the_founding_document_in_all_sixteen_cases(int broken)
      throws Exception {
    boolean accuracy = (broken & 1) != 0;
    boolean drift = (broken & 2) != 0;
    boolean days = (broken & 4) != 0;
    boolean data = (broken & 8) != 0;
    // Where nothing is broken the figure stands exactly at its limit.
    Decision decision =
        founding()
            .decide(
                signals(
                    accuracy ? Math.nextDown(0.85) : 0.85,
                    drift ? Math.nextUp(0.1) : 0.1,
                    days ? Math.nextUp(30.0) : 30,
                    data ? 100_001 : 100_000));

    var expected = new ArrayList<String>();
    if (accuracy) expected.add("accuracy_degradation");
    if (drift) expected.add("data_drift");
    if (days) expected.add("scheduled_retrain");
    if (data) expected.add("new_data_available");
    assertThat(decision.reasons()).isEqualTo(expected);
    assertThat(decision.shouldRetrain()).isEqualTo(broken != 0);
    assertThat(decision.missing()).isEmpty();
  }

  @Test
  void a_signal_that_is_missing_gives_no_reason_and_is_named() throws Exception {
    Decision decision = founding().decide(new Signals(new TreeMap<>(), null, null));
    assertThat(decision.shouldRetrain()).isFalse();
    assertThat(decision.missing())
        .containsExactly("accuracy", "psi", "days_since_training", "new_data_count");
  }

  @Test
  void the_flights_block_is_read_with_its_cooldown() throws Exception {
    RetrainBlock block =
        block("{ policy: { min_auc_roc: 0.70, max_log_loss: 0.6, max_ks: 0.2 }, cooldown: 14d }");
    assertThat(block.cooldown()).isEqualTo(Duration.ofDays(14));
    assertThat(block.policy().accuracyMin()).containsOnly(Map.entry("auc_roc", 0.70));
    assertThat(block.policy().accuracyMax()).containsOnly(Map.entry("log_loss", 0.6));
    assertThat(block.policy().driftMax()).containsOnly(Map.entry("ks_statistic", 0.2));
    assertThat(block.policy().daysMax()).isNull();
    var worse = new Signals(new TreeMap<>(Map.of("auc_roc", 0.8, "log_loss", 0.61)), 1.0, 1L);
    assertThat(block.policy().decide(worse).reasons()).containsExactly("accuracy_degradation");
  }

  @Test
  void an_empty_block_never_asks_for_a_training() throws Exception {
    RetrainBlock block = block("{}");
    assertThat(block.policy().isEmpty()).isTrue();
    assertThat(block.policy().decide(signals(0, 9, 999, 9_999_999)).shouldRetrain()).isFalse();
  }

  @Test
  void a_cooldown_that_is_no_span_is_refused() {
    assertThatThrownBy(() -> block("{ cooldown: soon }")).isInstanceOf(Problem.class);
  }
}
