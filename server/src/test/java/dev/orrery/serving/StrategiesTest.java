package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static dev.orrery.serving.ServingGround.V2;
import static dev.orrery.serving.ServingGround.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.pipeline.Libraries;
import dev.orrery.project.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategiesTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "strategy: blue-green|Did you mean 'blue_green'",
        "strategie: canary|Did you mean 'strategy'",
        "canary: { steps: [50, 10, 100] }|do not rise to 100",
        "canary: { steps: [10, 50] }|do not rise to 100",
        "canary: { abort_on: [error_rat] }|Did you mean 'error_rate'",
        "canary: { abort_on: [ { p98: 100ms } ] }|Did you mean 'p99'",
        "canary: { abort_on: { psi: -1 } }|not a number from 0 to 100",
        "canary: { abort_on: { auc_roc: 7 } }|not a number from 0 to 1",
        "canary: { abort_on: { log_loss: 0.1 } }|true or false",
        "strategy: ab_test|has the strategy ab_test, and no test",
        "fallback: { version: 1.0.0, score: 0.5 }|names 2 of version, rule and score",
        "fallback: { deadline: 50ms }|names 0 of version, rule and score",
        "log: { features: some }|unknown value 'some'",
      })
  void a_serve_block_that_is_wrong_is_refused_with_its_place(String line, String told)
      throws Exception {
    Files.writeString(
        folder.resolve("orrery.yaml"), "orrery: 1\nproject: p\nserve:\n  " + line + "\n");
    assertThatThrownBy(() -> ServeBlock.read(Project.load(folder).serve(), "p"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(told)
        .matches(e -> ((Problem) e).place().isPresent());
  }

  @Test
  void rules_with_limits_may_stand_in_a_list_or_in_a_block() throws Exception {
    Files.writeString(
        folder.resolve("orrery.yaml"),
        """
        orrery: 1
        project: p
        serve: { canary: { abort_on: [error_rate, { p99: 100ms }, { auc_roc: 0.7 }, { psi: 0.3 }] } }
        """);
    List<AbortRule> listed = ServeBlock.read(Project.load(folder).serve(), "p").abortOn();
    assertThat(listed)
        .containsExactly(
            new AbortRule("error_rate", null),
            new AbortRule("p99", 100.0),
            new AbortRule("auc_roc", 0.7),
            new AbortRule("psi", 0.3));
    Files.writeString(
        folder.resolve("orrery.yaml"),
        """
        orrery: 1
        project: p
        serve: { canary: { abort_on: { error_rate: true, p99: 100ms, auc_roc: 0.7, psi: 0.3 } } }
        """);
    assertThat(ServeBlock.read(Project.load(folder).serve(), "p").abortOn()).isEqualTo(listed);
  }

  @Test
  void blue_green_takes_all_traffic_at_once_and_returns_at_once() {
    try (var ground = new ServingGround(folder, "endpoint: late\nstrategy: blue_green")) {
      ground.deploy(V1);
      assertThat(ground.deploy(V2).kind()).isEqualTo(Deployment.Kind.PROMOTED);
      for (int i = 0; i < 20; i++) assertThat(ground.ask(100).version()).isEqualTo("1.0.1");
      // The one before is kept in memory: its file may be gone.
      ground.broken.put(V1, new IllegalStateException("gone"));
      ground.endpoint.rollback("test", "at once");
      assertThat(ground.ask(100).version()).isEqualTo("1.0.0");
    }
  }

  @Test
  void a_version_that_cannot_be_loaded_changes_nothing() {
    try (var ground = new ServingGround(folder, "strategy: blue_green")) {
      ground.deploy(V1);
      ground.broken.put(V2, new Problem(Fault.BAD_PACKAGE, "damaged", "Train again"));
      assertThatThrownBy(() -> ground.deploy(V2)).isInstanceOf(Problem.class);
      assertThat(ground.ask(100).version()).isEqualTo("1.0.0");
      assertThat(ground.endpoint.moves(10)).hasSize(1);
    }
  }

  @Test
  void a_rollback_needs_no_other_version_than_the_one_it_returns_to() {
    try (var ground = new ServingGround(folder, "strategy: blue_green\nshadow: first")) {
      ground.deploy(V1);
      ground.deploy(V2);
      ground.deploy(V3);
      ground.restart();
      ground.broken.put(V1, new Problem(Fault.BAD_PACKAGE, "gone", "Restore it"));
      ground.broken.put(V3, new Problem(Fault.BAD_PACKAGE, "gone", "Restore it"));
      ground.endpoint.rollback("test", "the others are gone");
      assertThat(ground.ask(100).version()).isEqualTo("1.0.1");
      ground.restart();
      assertThat(ground.ask(100).version()).isEqualTo("1.0.1");
    }
  }

  @Test
  void a_shadow_is_tried_off_the_clients_path_and_its_disagreement_is_told() {
    try (var ground = new ServingGround(folder, "strategy: shadow")) {
      ground.deploy(V2);
      for (int i = 0; i < 30; i++) ground.ask(4_000);
      // It decides otherwise about every long flight.
      ground.sure.put(V3, 0.1);
      assertThat(ground.deploy(V3).kind()).isEqualTo(Deployment.Kind.SHADOW_STARTED);
      Map<UUID, Integer> told = new LinkedHashMap<>();
      for (int i = 0; i < 100; i++) {
        Answer answer = ground.ask(i < 40 ? 4_000 : 100);
        assertThat(answer.version()).isEqualTo("1.0.1");
        told.put(answer.ids().getFirst(), i < 40 ? 60 : 0);
      }
      ground.tell(told);
      ground.endpoint.catchUpShadow();
      ShadowReport report = Objects.requireNonNull(ground.endpoint.status().shadow());
      assertThat(report.rows()).isEqualTo(100);
      assertThat(report.different()).isEqualTo(1.0);
      assertThat(report.maxDifference())
          .isEqualTo(0.7, org.assertj.core.api.Assertions.within(1e-12));
      assertThat(report.correlation())
          .isEqualTo(-1.0, org.assertj.core.api.Assertions.within(1e-9));
      assertThat(report.histogram().getLast()).isEqualTo(100);
      assertThat(report.known()).isEqualTo(100);
      assertThat(report.servedLogLoss()).isLessThan(report.shadowLogLoss());
      assertThat(report.slices()).extracting(ShadowReport.Slice::column).contains("origin");

      ground.restart();
      ground.endpoint.catchUpShadow();
      assertThat(Objects.requireNonNull(ground.endpoint.status().shadow()).rows()).isEqualTo(100);
      ground.endpoint.promote(null, "test", "better");
      assertThat(ground.ask(100).version()).isEqualTo("2.0.0");
    }
  }

  @Test
  void a_canary_gets_its_share_within_three_standard_deviations() {
    try (var ground = new ServingGround(folder, "canary: { steps: [25, 100] }")) {
      ground.deploy(V1);
      ground.deploy(V2);
      int its = 0;
      for (int i = 0; i < 4_000; i++) if (ground.ask("c" + i, 1).version().equals("1.0.1")) its++;
      assertThat(its).isBetween(1_000 - 83, 1_000 + 83);
    }
  }

  @Test
  void a_canary_goes_on_where_it_was_when_the_process_ends_between_its_steps() {
    try (var ground = new ServingGround(folder, "canary: { steps: [20, 100], hold: 1h }")) {
      ground.deploy(V1);
      ground.deploy(V2);
      for (int step = 0; step < 2; step++) {
        Map<UUID, Integer> outcomes = new LinkedHashMap<>();
        for (int i = 0; i < 120; i++) {
          int distance = i % 2 == 0 ? 4_000 : 100;
          outcomes.put(ground.ask("c" + i, distance).ids().getFirst(), i % 2 == 0 ? 60 : 0);
        }
        ground.tell(outcomes);
        ground.restart();
        assertThat(Objects.requireNonNull(ground.traffic().canary()).step()).isEqualTo(step);
        ground.pass(Duration.ofHours(1));
      }
      assertThat(ground.traffic().champion()).isEqualTo(V2);
      assertThat(ground.endpoint.moves(9)).hasSize(4);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{ accuracy: 0.9 }]|accuracy: 0.9",
        "[accuracy]|accuracy",
        "[auc_roc]|auc_roc",
        "[recall]|recall",
        "[precision]|precision",
        "[{ p99: 0.0001ms }]|p99"
      })
  void a_canary_is_aborted_by_the_metric_that_the_project_names(String rules, String told) {
    try (var ground =
        new ServingGround(folder, "canary: { hold: 1h, abort_on: %s }".formatted(rules))) {
      ground.deploy(V2);
      // It takes the short ones for late.
      ground.sure.put(V3, 0.1);
      ground.deploy(V3);
      Map<UUID, Integer> outcomes = new LinkedHashMap<>();
      for (int i = 0; i < 2_000; i++) {
        int distance = i % 2 == 0 ? 4_000 : 100;
        outcomes.put(ground.ask("c" + i, distance).ids().getFirst(), i % 2 == 0 ? 60 : 0);
      }
      ground.tell(outcomes);
      ground.pass(Duration.ofHours(1));
      assertThat(ground.endpoint.moves(1).getFirst().kind()).isEqualTo(Deployment.Kind.ABORTED);
      assertThat(ground.endpoint.moves(1).getFirst().why()).startsWith(told);
    }
  }

  @Test
  void a_version_made_by_another_java_is_refused_unless_forced_with_a_reason() {
    try (var ground = new ServingGround(folder, "strategy: blue_green")) {
      ground.deploy(V1);
      var then = new TreeMap<>(Libraries.here());
      then.put("java", "17");
      ground.made.put(V2, new Made("", null, then));
      assertThatThrownBy(() -> ground.deploy(V2, null))
          .isInstanceOf(Problem.class)
          .hasMessageContaining("and was 17 when it was trained");
      assertThatThrownBy(() -> ground.endpoint.deploy(new DeployOrder(V2, null, "test", " ", true)))
          .hasMessageContaining("forced without a reason");
      assertThat(ground.traffic().champion()).isEqualTo(V1);
      ground.endpoint.deploy(new DeployOrder(V2, null, "test", "tried by hand", true));
      assertThat(ground.endpoint.moves(1).getFirst().why())
          .startsWith("tried by hand [forced although java is ");
    }
  }

  @Test
  void what_was_trained_on_other_features_is_refused() {
    try (var ground = new ServingGround(folder, "strategy: blue_green")) {
      ground.deploy(V1);
      ground.made.put(V2, new Made("", "0123456789abcdef", Libraries.here()));
      assertThatThrownBy(() -> ground.deploy(V2, null)).hasMessageContaining("features are");
      // As a pipeline deploys what it has registered.
      assertThatThrownBy(() -> ground.deploy(V2)).hasMessageContaining("features are");
      assertThat(ground.traffic().trial()).isNull();
      assertThat(ground.traffic().stack()).containsExactly(V1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ version: 1.0.0 }|1.0.0|version|0.5",
        "{ rule: \"route.distance > 1000\" }|0.0.0|rule|1.0",
        "{ score: 0.2 }|0.0.0|score|0.2"
      })
  void the_fallback_answers_for_a_champion_that_fails_and_says_so(
      String fallback, String version, String kind, double score) {
    try (var ground = new ServingGround(folder, "strategy: blue_green\nfallback: " + fallback)) {
      ground.deploy(V1);
      ground.deploy(V2);
      ground.endpoint.rehearsals().start(new Chaos.Plan(1, 0, 60), "test");
      Answer answer = ground.ask(4_000);
      assertThat(answer.version()).isEqualTo(version);
      assertThat(answer.fallback()).isEqualTo(kind);
      assertThat(answer.score()[0]).isEqualTo(score);
      assertThat(ground.endpoint.find(answer.ids().getFirst()).arm()).isEqualTo("fallback");
      ground.endpoint.rehearsals().end(dev.orrery.base.Json.MAPPER.createObjectNode(), "test");
      assertThat(ground.ask(4_000).fallback()).isNull();
    }
  }

  @Test
  void the_fallback_answers_for_a_champion_that_is_late() {
    try (var ground =
        new ServingGround(
            folder, "strategy: blue_green\nfallback: { score: 0.2, deadline: 100ms }")) {
      ground.deploy(V1);
      assertThat(ground.ask(1).fallback()).isNull();
      ground.endpoint.rehearsals().start(new Chaos.Plan(0, 10_000, 60), "test");
      assertThat(ground.ask(1).fallback()).isEqualTo("score");
    }
  }

  @Test
  void without_a_fallback_a_failing_champion_is_told_to_the_client() {
    try (var ground = new ServingGround(folder, "strategy: blue_green")) {
      ground.deploy(V1);
      ground.endpoint.rehearsals().start(new Chaos.Plan(1, 0, 60), "test");
      assertThatThrownBy(() -> ground.ask(1)).hasMessageContaining("as the running rehearsal asks");
      assertThat(ground.endpoint.predictionCount()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"digest, 1", "none, 0"})
  void the_log_keeps_no_features_where_the_project_says_so(String policy, int columns) {
    try (var ground =
        new ServingGround(
            folder, "canary: { hold: 1h }\nlog: { features: %s }".formatted(policy))) {
      ground.deploy(V1);
      Answer first = ground.ask(4_000);
      Answer second = ground.ask(4_000);
      Prediction logged = ground.endpoint.find(first.ids().getFirst());
      assertThat(logged.features()).hasSize(columns);
      assertThat(logged.row()).containsOnlyKeys("date");
      assertThat(logged.features())
          .isEqualTo(ground.endpoint.find(second.ids().getFirst()).features());
      ground.tell(Map.of(first.ids().getFirst(), 60));
      assertThat(ground.endpoint.find(first.ids().getFirst()).actual()).isEqualTo(1.0);
      assertThat(ground.learnt(ground.history).rows()).isZero();
    }
  }

  /// The short form of `orrery-dev switches`: what is counted does not depend on the machine.
  @Test
  void a_hundred_switches_under_load_lose_no_request_and_a_broken_version_answers_none()
      throws Exception {
    try (var ground = new ServingGround(folder, "strategy: blue_green");
        var clients = Executors.newVirtualThreadPerTaskExecutor()) {
      Semver bad = new Semver(9, 9, 9);
      ground.broken.put(bad, new Problem(Fault.BAD_PACKAGE, "damaged", "Train again"));
      ground.deploy(V1);
      var stop = new AtomicBoolean();
      var answered = new AtomicInteger();
      var failures = new ArrayList<Throwable>();
      Set<String> versions = ConcurrentHashMap.newKeySet();
      for (int client = 0; client < 8; client++) {
        String caller = "client-" + client;
        clients.submit(() -> {
          while (!stop.get()) {
            try {
              versions.add(ground.ask(caller, 100).version());
              answered.incrementAndGet();
            } catch (Throwable e) {
              synchronized (failures) {
                failures.add(e);
              }
            }
          }
        });
      }
      int refused = 0;
      for (int i = 1; i <= 100; i++) {
        if (i % 10 == 0) {
          try {
            ground.deploy(bad);
          } catch (Problem e) {
            refused++;
          }
        } else {
          ground.deploy(ground.traffic().champion().equals(V1) ? V2 : V1);
        }
        int seen = answered.get();
        while (answered.get() < seen + 5) Thread.sleep(1);
      }
      stop.set(true);
      clients.shutdown();
      assertThat(clients.awaitTermination(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(failures).isEmpty();
      assertThat(refused).isEqualTo(10);
      assertThat(versions).containsExactlyInAnyOrder("1.0.0", "1.0.1");
      assertThat(ground.endpoint.predictionCount()).isEqualTo(answered.get());
      assertThat(answered.get()).isGreaterThanOrEqualTo(500);
    }
  }
}
