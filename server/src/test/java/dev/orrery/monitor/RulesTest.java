package dev.orrery.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.monitor.Finding.Severity;
import dev.orrery.monitor.MonitorBlock.Rule;
import dev.orrery.project.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RulesTest {
  private static final Instant NOON = Instant.parse("2001-03-08T12:00:00Z");
  private static final Path FOUNDING =
      Path.of("src/test/resources/acceptance/churn/monitoring.yaml");

  @TempDir Path folder;

  private MonitorBlock block(String text) throws Exception {
    Files.writeString(
        folder.resolve(Project.FILE), "orrery: 1\nproject: small\nmonitor: " + text + "\n");
    return MonitorBlock.read(Project.load(folder).monitor());
  }

  private MonitorBlock founding() throws Exception {
    Files.copy(FOUNDING, folder.resolve("monitoring.yaml"));
    return block("monitoring.yaml");
  }

  @Test
  void the_founding_document_gives_eight_rules() throws Exception {
    MonitorBlock block = founding();
    assertThat(block.every()).isEqualTo(Duration.ofDays(1));
    assertThat(block.window()).isEqualTo(Duration.ofDays(7));
    assertThat(block.model())
        .containsEntry("accuracy", new Rule(0.85, false))
        .containsEntry("latency_p99", new Rule(100, true))
        .containsEntry("error_rate", new Rule(0.01, true));
    assertThat(block.drift())
        .containsEntry("psi", new Rule(0.1, true))
        .containsEntry("ks_statistic", new Rule(0.1, true));
    assertThat(block.system())
        .containsEntry("cpu_usage", new Rule(80, true))
        .containsEntry("memory_usage", new Rule(80, true))
        .containsEntry("gpu_utilization", new Rule(90, true));
  }

  @ParameterizedTest
  @CsvSource({
    "accuracy,0.84,0.85",
    "latency_p99,100.1,100",
    "error_rate,0.011,0.01",
    "cpu_usage,81,80",
    "memory_usage,80.5,80",
    "gpu_utilization,99,90"
  })
  void each_rule_of_the_founding_document_fires_and_is_fine_at_its_limit(
      String metric, double bad, double limit) throws Exception {
    var rules = new Rules(founding());
    assertThat(rules.metrics(Map.of(metric, bad)))
        .singleElement()
        .isInstanceOfSatisfying(
            Verdict.Bad.class,
            verdict -> {
              assertThat(verdict.subject()).isEqualTo(metric);
              assertThat(verdict.threshold()).isEqualTo(limit);
              assertThat(verdict.message()).contains(metric);
            });
    assertThat(rules.metrics(Map.of(metric, limit)))
        .singleElement()
        .isInstanceOf(Verdict.Fine.class);
    assertThat(rules.metrics(Map.of())).isEmpty();
  }

  private static FeatureDrift drift(Double psi, Double ks, Double p) {
    return new FeatureDrift(
        "x", NOON, NOON, Semver.FIRST, FeatureDrift.State.JUDGED, 40_000, psi, ks, p, null);
  }

  @ParameterizedTest
  @CsvSource({
    "0.05,0.05,0.5,-",
    "0.1,0.05,0.5,-",
    "0.11,0.05,0.5,WARNING",
    "0.25,0.3,0.0,WARNING",
    "0.26,0.3,0.0,CRITICAL",
    "0.05,0.09,0.0,-",
    "0.05,0.11,0.06,-",
    "0.05,0.11,0.04,WARNING"
  })
  void drift_has_two_bands_and_ks_needs_size_and_significance(
      double psi, double ks, double p, String severity) throws Exception {
    Verdict verdict = new Rules(founding()).drift(List.of(drift(psi, ks, p))).getFirst();
    if (severity.equals("-")) assertThat(verdict).isInstanceOf(Verdict.Fine.class);
    else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              Verdict.Bad.class,
              bad -> assertThat(bad.severity()).isEqualTo(Severity.valueOf(severity)));
    }
  }

  @Test
  void only_the_drift_metrics_that_are_named_raise_findings() throws Exception {
    var rules = new Rules(block("{ drift_metrics: { psi: { threshold: 0.4, alert_on: above } } }"));
    assertThat(rules.drift(List.of(drift(0.05, 0.5, 0.0))))
        .hasOnlyElementsOfType(Verdict.Fine.class);
    assertThat(rules.drift(List.of(drift(0.3, 0.5, 0.0))))
        .singleElement()
        .isInstanceOfSatisfying(
            Verdict.Bad.class, bad -> assertThat(bad.severity()).isEqualTo(Severity.WARNING));
  }

  private static FeatureDrift texts(long texts, long unseen) {
    var seen = new UnseenTexts(texts, unseen, new TreeMap<>(Map.of("ZZ", 2L, "XX", unseen)));
    return new FeatureDrift(
        "city",
        NOON,
        NOON,
        Semver.FIRST,
        FeatureDrift.State.FILLING,
        texts,
        null,
        null,
        null,
        seen);
  }

  @ParameterizedTest
  @CsvSource({
    "1000,10,-",
    "1000,11,WARNING",
    "1000,100,WARNING",
    "1000,101,CRITICAL",
    "100,2,WARNING"
  })
  void unseen_texts_are_found_over_one_percent_whatever_else_is_named(
      long texts, long unseen, String severity) throws Exception {
    var rules = new Rules(block("{ drift_metrics: { psi: { threshold: 0.4, alert_on: above } } }"));
    Verdict verdict = rules.unseenTexts(List.of(texts(texts, unseen))).getFirst();
    if (severity.equals("-")) assertThat(verdict).isInstanceOf(Verdict.Fine.class);
    else {
      assertThat(verdict)
          .isInstanceOfSatisfying(
              Verdict.Bad.class,
              bad -> {
                assertThat(bad.severity()).isEqualTo(Severity.valueOf(severity));
                assertThat(bad.subject()).isEqualTo("city");
                assertThat(bad.message())
                    .startsWith("city has texts that training had not seen in ")
                    .contains("'XX' (%d)".formatted(unseen));
              });
    }
  }

  @Test
  void a_rule_for_unseen_texts_is_a_project_s_own_and_leaves_drift_looked_at() throws Exception {
    var rules =
        new Rules(
            block(
                "{ drift_metrics: { unseen_categories: { threshold: 5, alert_on: above, unit: '%' }"
                    + " } }"));
    assertThat(rules.unseenTexts(List.of(texts(1_000, 50))))
        .hasOnlyElementsOfType(Verdict.Fine.class);
    assertThat(rules.unseenTexts(List.of(texts(1_000, 51))))
        .hasOnlyElementsOfType(Verdict.Bad.class);
    assertThat(rules.drift(List.of(drift(0.11, 0.05, 0.5))))
        .hasOnlyElementsOfType(Verdict.Bad.class);
  }

  @Test
  void few_texts_say_nothing_of_a_share() throws Exception {
    var rules = new Rules(founding());
    assertThat(rules.unseenTexts(List.of(texts(99, 50)))).isEmpty();
    assertThat(rules.unseenTexts(List.of(drift(0.1, 0.1, 0.1)))).isEmpty();
  }

  @Test
  void a_volume_far_from_what_is_usual_is_found() throws Exception {
    var rules = new Rules(founding());
    long[] week = {100, 110, 90, 100, 0, 100};
    assertThat(rules.volume("late", NOON, 100, new long[] {100, 100})).isNull();
    assertThat(rules.volume("late", NOON, 60, week)).isInstanceOf(Verdict.Fine.class);
    assertThat(rules.volume("late", NOON, 49, week)).isInstanceOf(Verdict.Bad.class);
    assertThat(rules.volume("late", NOON, 201, week)).isInstanceOf(Verdict.Bad.class);
    assertThat(rules.volume("late", NOON, 0, week))
        .isInstanceOfSatisfying(
            Verdict.Bad.class, bad -> assertThat(bad.severity()).isEqualTo(Severity.CRITICAL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ every: 2d, window: 7d }",
        "{ every: 1d, window: 12h }",
        "{ model_metrics: { acuracy: { threshold: 0.8, alert_on: below } } }",
        "{ model_metrics: { latency_p99: { threshold: 1, alert_on: above, unit: furlong } } }",
        "{ drift_metrics: { kl: { threshold: 0.8, alert_on: above } } }"
      })
  void a_block_that_cannot_be_meant_is_refused_with_its_place(String text) {
    assertThatThrownBy(() -> block(text))
        .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.place()).isPresent());
  }

  @Test
  void a_threshold_may_be_written_in_another_unit() throws Exception {
    MonitorBlock block =
        block("{ model_metrics: { latency_p99: { threshold: 2, alert_on: above, unit: s } } }");
    assertThat(block.model()).containsEntry("latency_p99", new Rule(2_000, true));
  }
}
