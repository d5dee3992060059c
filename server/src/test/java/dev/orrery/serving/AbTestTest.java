package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static dev.orrery.serving.ServingGround.V2;
import static dev.orrery.serving.ServingGround.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import dev.orrery.stats.Contrast;
import dev.orrery.stats.Interval;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AbTestTest {
  /// The founding documents' test, with other numbers.
  private static final String CONFIG =
      """
      {
          "experiment_name": "churn_model_v2",
          "variants": {
              "control": { "model_version": "v1.0.0", "traffic_percentage": 50 },
              "treatment": { "model_version": "v2.0.0", "traffic_percentage": 50 }
          },
          "metrics": { "primary": "conversion_rate", "secondary": ["latency_p99", "error_rate"] },
          "duration_days": 14,
          "min_sample_size": %d
      }
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"\"\nA/B 테스트 설정\n\"\"\"\n\nab_test_config = "})
  void the_founding_documents_test_is_accepted_as_json_and_as_python(String before)
      throws Exception {
    AbTest test = Objects.requireNonNull(serve(before + CONFIG.formatted(10_000)).abTest());
    assertThat(test.name()).isEqualTo("churn_model_v2");
    assertThat(test.variants())
        .containsExactly(
            new AbTest.Variant("control", V1, 50), new AbTest.Variant("treatment", V3, 50));
    assertThat(test.primary()).isEqualTo("conversion_rate");
    assertThat(test.guardrails()).containsExactly("latency_p99", "error_rate");
    assertThat(test.duration()).isEqualTo(Duration.ofDays(14));
    assertThat(test.minSampleSize()).isEqualTo(10_000);
    assertThat(test.promote()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v2.0.0\", \"traffic_percentage\": 50|v2.0.0\", \"traffic_percentage\": 40|sum to 90, not"
            + " to 100",
        "\"control\"|\"kontrol\"|has no variant 'control'",
        "v2.0.0|v1.0.0|as another variant has",
        "v2.0.0|two|is not a semantic version",
        "\"error_rate\"|\"eror_rate\"|Did you mean 'error_rate'",
        "duration_days|duration_day|Did you mean 'duration_days'",
        "\"traffic_percentage\": 50 },|\"traffic_percentage\": 0 },|0.01",
        "min_sample_size\": 100|min_sample_size\": 1|2 to 1000000000"
      })
  void a_test_that_is_wrong_is_refused_with_its_place(String from, String to, String told) {
    String config = CONFIG.formatted(100);
    String wrong = config.replace(from, to);
    assertThat(wrong).isNotEqualTo(config);
    assertThatThrownBy(() -> serve(wrong))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(told)
        .matches(e -> ((Problem) e).place().orElseThrow().file().endsWith("ab_test.yaml"));
  }

  @Test
  void callers_stay_with_their_variant_across_a_restart_and_the_split_is_as_asked() {
    try (var ground = started(5_000)) {
      Map<String, String> before = new HashMap<>();
      int treated = 0;
      for (int i = 0; i < 4_000; i++) {
        String version = ground.ask("caller-" + i, 100).version();
        before.put("caller-" + i, version);
        if (version.equals("2.0.0")) treated++;
      }
      // Three standard deviations of a fair split.
      assertThat(treated).isBetween(2_000 - 95, 2_000 + 95);
      ground.restart();
      before.forEach(
          (caller, version) -> assertThat(ground.ask(caller, 4_000).version()).isEqualTo(version));
    }
  }

  @Test
  void before_its_time_and_its_sample_there_is_no_verdict_and_no_word_of_who_is_ahead() {
    try (var ground = started(200)) {
      play(ground, 1_000, 0.1, 0.9, 0);
      ground.pass(Duration.ofDays(13));
      var early = Objects.requireNonNull(ground.endpoint.status().experiment());
      assertThat(early.verdict()).isNull();
      assertThat(early.missing()).hasSize(1);
      assertThat(early.arms()).allMatch(arm -> arm.known() > 400);

      ground.pass(Duration.ofDays(1));
      var late = Objects.requireNonNull(ground.traffic().experiment()).verdict();
      assertThat(Objects.requireNonNull(late).arms().get(1).result())
          .isEqualTo(Verdict.Result.BETTER);
      assertThat(ground.endpoint.moves(1).getFirst().kind())
          .isEqualTo(Deployment.Kind.EXPERIMENT_ENDED);
      assertThat(ground.traffic().champion()).isEqualTo(V1);
      ground.endpoint.promote(null, "test", "it won");
      assertThat(ground.traffic().champion()).isEqualTo(V3);
    }
  }

  @Test
  void without_enough_outcomes_the_test_goes_on_after_its_time() {
    try (var ground = started(600)) {
      play(ground, 1_000, 0.5, 0.5, 0);
      ground.pass(Duration.ofDays(20));
      assertThat(Objects.requireNonNull(ground.traffic().experiment()).verdict()).isNull();
      play(ground, 400, 0.5, 0.5, 1_000);
      ground.pass(Duration.ofMinutes(1));
      assertThat(Objects.requireNonNull(ground.traffic().experiment()).verdict()).isNotNull();
    }
  }

  @Test
  void a_verdict_is_found_once_and_outcomes_that_come_later_do_not_change_it() {
    try (var ground = started(100)) {
      play(ground, 400, 0.5, 0.5, 0);
      ground.pass(Duration.ofDays(14));
      Verdict first = Objects.requireNonNull(ground.traffic().experiment()).verdict();
      play(ground, 400, 0.0, 1.0, 5_000);
      ground.pass(Duration.ofDays(1));
      ground.restart();
      assertThat(Objects.requireNonNull(ground.traffic().experiment()).verdict()).isEqualTo(first);
    }
  }

  @Test
  void a_winner_is_promoted_by_itself_where_the_project_says_so() {
    String config =
        CONFIG.formatted(100).replace("\"duration_days\"", "\"promote\": true, \"duration_days\"");
    try (var ground = started(config)) {
      play(ground, 600, 0.1, 0.9, 0);
      ground.pass(Duration.ofDays(14));
      assertThat(ground.traffic().champion()).isEqualTo(V3);
      assertThat(ground.endpoint.moves(2).stream().map(Deployment::kind))
          .containsExactly(Deployment.Kind.PROMOTED, Deployment.Kind.EXPERIMENT_ENDED);
    }
  }

  @Test
  void a_split_that_is_not_the_one_asked_for_gives_no_verdict() {
    try (var ground = started(100)) {
      // A client that loses half of the treatment's callers.
      Map<UUID, Integer> told = new LinkedHashMap<>();
      for (int i = 0; i < 1_200; i++) {
        boolean treated = Live.bucket("churn_model_v2", "c" + i) >= 5_000;
        if (treated && i % 2 == 0) continue;
        told.put(ground.ask("c" + i, 100).ids().getFirst(), i % 3 == 0 ? 60 : 0);
      }
      ground.tell(told);
      ground.pass(Duration.ofDays(14));
      Verdict verdict =
          Objects.requireNonNull(Objects.requireNonNull(ground.traffic().experiment()).verdict());
      assertThat(verdict.problem()).contains("the split is not the one asked for");
      assertThat(verdict.arms()).noneMatch(arm -> arm.result() == Verdict.Result.BETTER);
      assertThat(verdict.winner()).isEmpty();
    }
  }

  @Test
  void a_request_with_rows_of_several_callers_is_no_part_of_the_test() {
    try (var ground = new ServingGround(folder, block("key: origin\n", CONFIG.formatted(100)))) {
      ground.deploy(V1);
      ground.deploy(V3);
      String body =
          """
          {"rows":[{"date":"2001-01-11T00:00:00Z","distance":1,"origin":"ATL"},
                   {"date":"2001-01-11T00:00:00Z","distance":1,"origin":"ORD"}]}
          """;
      byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      Answer mixed = ground.endpoint.predict(bytes, Endpoint.Call.PLAIN);
      assertThat(mixed.version()).isEqualTo("1.0.0");
      assertThat(ground.endpoint.find(mixed.ids().getFirst()).arm()).isEqualTo("champion");
      Set<String> versions = new HashSet<>();
      for (int i = 0; i < 20; i++) versions.add(ground.ask(100).version());
      assertThat(versions).as("all rows of ATL").hasSize(1);
    }
  }

  @Test
  void a_callers_key_may_stand_in_the_header_or_beside_the_rows_and_is_the_same_there() {
    try (var ground = new ServingGround(folder, block("", CONFIG.formatted(100)))) {
      ground.deploy(V1);
      ground.deploy(V3);
      Set<String> versions = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        String caller = "user-" + i;
        String version = ground.ask(caller, 100).version();
        versions.add(version);
        String features =
            "{\"key\":\"%s\",\"features\":[\"2001-01-11\",1,\"ATL\"]}".formatted(caller);
        String rows =
            "{\"rows\":[{\"distance\":1,\"origin\":\"ATL\"},{\"distance\":2,\"origin\":\"ORD\"}],\"key\":\"%s\"}"
                .formatted(caller);
        assertThat(asked(ground, features, null).version()).isEqualTo(version);
        assertThat(asked(ground, rows, null).version()).isEqualTo(version);
        assertThat(asked(ground, rows, caller).version()).isEqualTo(version);
      }
      assertThat(versions).containsExactlyInAnyOrder("1.0.0", "2.0.0");
    }
  }

  private static Answer asked(ServingGround ground, String body, @Nullable String header) {
    return ground.endpoint.predict(
        body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
        new Endpoint.Call(
            java.util.Optional.empty(), java.util.Optional.ofNullable(header), false));
  }

  @Test
  void a_test_about_other_versions_is_refused_and_nothing_changes() {
    try (var ground = new ServingGround(folder, block("", CONFIG.formatted(100)))) {
      ground.deploy(V2);
      assertThatThrownBy(() -> ground.deploy(V3))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("the control of the test is 1.0.0, and the champion 1.0.1");
      assertThat(ground.traffic().trial()).isNull();
    }
  }

  /// 2,000 seeded trials of two equal versions: the 5 % test may find a difference in 6.3 % of
  /// them.
  @ParameterizedTest
  @CsvSource({"0.02, 400", "0.2, 1000", "0.5, 150"})
  void of_two_equal_versions_hardly_any_is_called_better_or_worse(double share, int units) {
    AbTest test = test("conversion_rate");
    int found = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      var random = new Random(7_919L * trial + units);
      Interval effect =
          ExperimentJudge.effect(
              test, arm(random, share, units), arm(random, share, units), true, 0.95);
      if (ExperimentJudge.result(effect, true) != Verdict.Result.NO_DIFFERENCE) found++;
    }
    assertThat(found / 2_000.0).isLessThanOrEqualTo(0.063);
  }

  /// The same where callers come several times and stay as they are.
  @Test
  void of_equal_versions_asked_by_the_same_callers_again_hardly_any_is_called_better() {
    AbTest test = test("conversion_rate");
    int found = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      var random = new Random(104_729L * trial);
      Interval effect = ExperimentJudge.effect(test, visits(random), visits(random), false, 0.95);
      if (ExperimentJudge.result(effect, true) != Verdict.Result.NO_DIFFERENCE) found++;
    }
    assertThat(found / 2_000.0).isBetween(0.02, 0.063);
  }

  @Test
  void a_difference_of_ten_points_is_found_in_nearly_every_trial() {
    AbTest test = test("conversion_rate");
    int better = 0;
    for (int trial = 0; trial < 200; trial++) {
      var random = new Random(trial);
      Interval effect =
          ExperimentJudge.effect(
              test, arm(random, 0.2, 1_000), arm(random, 0.3, 1_000), true, 0.95);
      if (ExperimentJudge.result(effect, true) == Verdict.Result.BETTER) better++;
    }
    assertThat(better).isGreaterThan(190);
  }

  private static Contrast.Clusters arm(Random random, double share, int units) {
    var tally = new ArmTally();
    for (long unit = 0; unit < units; unit++) {
      tally.request(unit, false, 100);
      tally.value(unit, random.nextDouble() < share ? 1 : 0);
    }
    return tally.clusters();
  }

  /// Callers who come one to nine times, each with a share of its own.
  private static Contrast.Clusters visits(Random random) {
    var tally = new ArmTally();
    for (long unit = 0; unit < 300; unit++) {
      double share = random.nextDouble();
      int times = 1 + random.nextInt(9);
      for (int i = 0; i < times; i++) tally.value(unit, random.nextDouble() < share ? 1 : 0);
    }
    return tally.clusters();
  }

  private static AbTest test(String primary) {
    return new AbTest(
        "t",
        java.util.List.of(
            new AbTest.Variant("control", V1, 50), new AbTest.Variant("treatment", V3, 50)),
        primary,
        true,
        java.util.List.of(),
        Duration.ofDays(14),
        100,
        false);
  }

  /// Callers with an outcome each: a share of the control's and one of the treatment's convert.
  private static void play(
      ServingGround ground, int callers, double control, double treatment, int from) {
    var random = new Random(from);
    Map<UUID, Integer> told = new LinkedHashMap<>();
    for (int i = from; i < from + callers; i++) {
      Answer answer = ground.ask("caller-" + i, 100);
      double share = answer.version().equals("2.0.0") ? treatment : control;
      told.put(answer.ids().getFirst(), random.nextDouble() < share ? 60 : 0);
    }
    ground.tell(told);
  }

  private ServingGround started(int minSampleSize) {
    return started(CONFIG.formatted(minSampleSize));
  }

  private ServingGround started(String config) {
    var ground = new ServingGround(folder, block("", config));
    ground.deploy(V1);
    assertThat(ground.deploy(V3).kind()).isEqualTo(Deployment.Kind.EXPERIMENT_STARTED);
    return ground;
  }

  private static String block(String more, String config) {
    return "endpoint: late\nstrategy: ab_test\n" + more + "ab_test: " + config.strip();
  }

  private ServeBlock serve(String config) throws java.io.IOException {
    Files.writeString(folder.resolve("ab_test.yaml"), config);
    Files.writeString(
        folder.resolve("orrery.yaml"),
        """
        orrery: 1
        project: churn
        serve: { strategy: ab_test, ab_test: ab_test.yaml }
        """);
    return ServeBlock.read(Project.load(folder).serve(), "churn");
  }
}
