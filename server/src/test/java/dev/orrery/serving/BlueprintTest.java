package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static dev.orrery.serving.ServingGround.V2;
import static dev.orrery.serving.ServingGround.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.data.DataVersion;
import dev.orrery.engine.Table;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What versions are deployed with: features, data and the serve block go and come with them.
class BlueprintTest {
  private static final String BLUE = "strategy: blue_green";

  /// Of this, a flight of 100 miles counts as one of 10,000.
  private static final String TIMES_100 = "{ distance: \"distance * 100\", origin: origin }";

  @TempDir Path folder;

  private static void refused(Fault fault, String told, ThrowingCallable asked) {
    assertThatThrownBy(asked)
        .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.fault()).isEqualTo(fault))
        .hasMessageContaining(told);
  }

  @Test
  void each_of_two_versions_in_traffic_is_given_its_own_features() {
    String canary = "canary: { steps: [50, 100], hold: 1h, abort_on: [log_loss] }";
    try (var ground = new ServingGround(folder, canary)) {
      ground.deploy(V1);
      ground.ask(100);
      ground.define(V2, TIMES_100, canary);
      ground.deploy(V2);
      Map<UUID, Integer> told = new LinkedHashMap<>();
      for (int i = 0; i < 200; i++) {
        Answer answer = ground.ask("caller-" + i, 100);
        assertThat(answer.score()[0]).isEqualTo(answer.version().equals("1.0.1") ? 0.8 : 0.5);
        told.put(answer.ids().getFirst(), 60);
      }
      Prediction logged = ground.endpoint.find(told.keySet().iterator().next());
      assertThat(logged.features().get("route.distance")).isEqualTo(100.0);
      assertThat(logged.features().get("route.distance@1.0.1")).isEqualTo(10_000.0);
      ground.tell(told);
      String asked =
          "select count(*) as n, count(\"f.route.distance@1.0.1\") as both from predictions";
      assertThat(ground.endpoint.ask(asked, 10).rows().toString()).contains("201", "200");
      ground.pass(Duration.ofHours(2));
      // Both were asked about the rows that either answered, each by its own features.
      assertThat(ground.endpoint.moves(1).getFirst().why())
          .as("ln 0.5 - ln 0.8 better, over all rows")
          .isEqualTo("log loss -0.47000 against the champion over 200 rows");
      ground.pass(Duration.ofHours(2));
      assertThat(ground.traffic().champion()).isEqualTo(V2);
      assertThat(ground.ask(100).score()[0]).isEqualTo(0.8);
      ground.endpoint.rollback("test", "by its own features again");
      assertThat(ground.ask(100).score()[0]).isEqualTo(0.5);
      assertThat(ground.ask(100).version()).isEqualTo("1.0.0");
    }
  }

  @Test
  void a_shadow_is_given_its_own_features_too() {
    try (var ground = new ServingGround(folder, "strategy: shadow")) {
      ground.sure.put(V1, 0.9);
      ground.deploy(V1);
      ground.define(V3, TIMES_100, "strategy: shadow");
      ground.deploy(V3);
      for (int i = 0; i < 50; i++) ground.ask(100);
      ground.endpoint.catchUpShadow();
      ShadowReport report = Objects.requireNonNull(ground.endpoint.status().shadow());
      assertThat(report.rows()).isEqualTo(50);
      assertThat(report.meanDifference()).as("0.9 beside 0.1").isBetween(0.799, 0.801);
    }
  }

  @Test
  void the_first_version_is_a_shadow_for_as_long_as_the_serve_block_says_so() {
    try (var ground = new ServingGround(folder, BLUE + "\nshadow: first")) {
      ground.deploy(V1);
      ground.deploy(V2);
      assertThat(ground.traffic().shadow()).isEqualTo(V1);
      ground.define(V2, "{ distance: distance, origin: origin }", BLUE);
      assertThat(ground.endpoint.status().pending()).containsExactly("serve");
      ground.deploy(V2);
      assertThat(ground.traffic().shadow()).isNull();
      ground.endpoint.rollback("test", "as it was");
      assertThat(ground.traffic().champion()).isEqualTo(V2);
      assertThat(ground.traffic().shadow()).isEqualTo(V1);
    }
  }

  @Test
  void the_serve_block_takes_effect_with_a_deployment_and_goes_with_it() {
    try (var ground = new ServingGround(folder, BLUE)) {
      ground.deploy(V1);
      ground.define(
          V2, "{ distance: distance, origin: origin }", BLUE + "\nfallback: { score: 0.2 }");
      ground.restart();
      assertThat(ground.endpoint.status().pending()).containsExactly("serve");
      assertThat(ground.endpoint.status().fallback()).isNull();
      Deployment move = ground.deploy(V1);
      assertThat(move.kind()).isEqualTo(Deployment.Kind.CONFIGURED);
      assertThat(ground.endpoint.status().fallback()).isNotNull();
      assertThat(ground.endpoint.status().pending()).isEmpty();
      refused(Fault.DEPLOY_REFUSED, "with this configuration", () -> ground.deploy(V1));
      ground.restart();
      assertThat(ground.endpoint.status().fallback()).isNotNull();
      Rollback back = ground.endpoint.rollback("test", "as it was");
      assertThat(back.restored().version()).isEqualTo(V1);
      assertThat(back.restored().configuration()).isNotEqualTo(move.configuration());
      assertThat(ground.endpoint.status().fallback()).isNull();
    }
  }

  @Test
  void files_that_cannot_be_read_stop_neither_answers_nor_a_rollback() throws Exception {
    try (var ground = new ServingGround(folder, BLUE)) {
      ground.deploy(V1);
      ground.deploy(V2);
      Files.writeString(folder.resolve("orrery.yaml"), "orrery: [");
      assertThat(ground.endpoint.status().pending()).containsExactly("orrery.yaml");
      assertThatThrownBy(() -> ground.deploy(V3)).isInstanceOf(Problem.class);
      assertThat(ground.ask(100).version()).isEqualTo("1.0.1");
      ground.endpoint.rollback("test", "whatever the files say");
      assertThat(ground.ask(100).version()).isEqualTo("1.0.0");
    }
  }

  @Test
  void callers_are_told_apart_by_the_key_that_the_trial_began_with() {
    try (var ground = new ServingGround(folder, "canary: { steps: [50, 100], hold: 1h }")) {
      ground.deploy(V1);
      ground.define(
          V2,
          "{ distance: distance, origin: origin }",
          "key: origin\ncanary: { steps: [50, 100], hold: 1h }");
      ground.deploy(V2);
      String first = ground.ask(100).version();
      for (int i = 0; i < 30; i++) assertThat(ground.ask(i).version()).isEqualTo(first);
    }
  }

  @Test
  void what_takes_a_column_that_requests_lack_is_no_canary_but_may_take_over_at_once() {
    try (var ground = new ServingGround(folder, BLUE)) {
      ground.deploy(V1);
      ground.widen(V2, "seats");
      refused(
          Fault.DEPLOY_REFUSED,
          "takes {seats}, which requests to 1.0.0 do not have",
          () -> ground.deploy(V2, Strategy.CANARY));
      ground.deploy(V2, Strategy.BLUE_GREEN);
      String narrow = "{\"date\":\"2001-01-11T01:00:00Z\",\"distance\":100,\"origin\":\"ATL\"}";
      String wide = narrow.replace("}", ",\"seats\":100}");
      assertThatThrownBy(() -> ground.askRow(narrow)).hasMessageContaining("no column 'seats'");
      assertThat(ground.askRow(wide).version()).isEqualTo("1.0.1");
      ground.endpoint.rollback("test", "clients send seats meanwhile");
      assertThat(ground.askRow(wide).version()).isEqualTo("1.0.0");
      assertThat(ground.askRow(narrow).version()).isEqualTo("1.0.0");
      assertThatThrownBy(() -> ground.askRow(narrow.replace("}", ",\"seat\":100}")))
          .hasMessageContaining("unknown column 'seat'");
    }
  }

  @Test
  void what_is_learnt_after_a_rollback_to_fewer_columns_joins_the_data_that_has_them() {
    try (var ground = new ServingGround(folder, BLUE)) {
      ground.deploy(V1);
      DataVersion wide = ground.widen(V2, "seats");
      ground.deploy(V2, Strategy.BLUE_GREEN);
      String row =
          "{\"date\":\"2001-01-11T01:00:00Z\",\"distance\":100,\"origin\":\"ATL\",\"seats\":90}";
      UUID before = ground.askRow(row).ids().getFirst();
      ground.endpoint.rollback("test", "a test");
      UUID after = ground.askRow(row.replace(",\"seats\":90", "")).ids().getFirst();
      ground.clock.advance(ServingGround.START.plus(Duration.ofHours(2)));
      ground.tell(new LinkedHashMap<>(Map.of(before, 60, after, 60)));
      ground.clock.advance(ServingGround.START.plus(Duration.ofHours(4)));

      Table learnt = ground.learnt(wide);
      assertThat(learnt.rows()).isEqualTo(2);
      assertThat(learnt.numbers("seats")).containsExactlyInAnyOrder(90, Double.NaN);
      assertThat(
              ground
                  .datasets
                  .append(ground.dataset, wide, learnt, ground.clock.instant(), "service")
                  .rows())
          .isEqualTo(wide.rows() + 2);
    }
  }

  @Test
  void a_rollback_to_what_requests_do_not_have_any_more_is_refused_and_moves_nothing() {
    try (var ground = new ServingGround(folder, BLUE)) {
      ground.widen(V1, "seats");
      ground.deploy(V1);
      ground.deploy(V2);
      refused(
          Fault.CANNOT_RESTORE,
          "1.0.0 takes {seats}, which requests do not have since 1.0.1",
          () -> ground.endpoint.rollback("test", "a test"));
      assertThat(ground.traffic().stack()).containsExactly(V1, V2);
      assertThat(ground.endpoint.moves(10)).hasSize(2);
      assertThat(ground.ask(100).version()).isEqualTo("1.0.1");
      ground.deploy(V1, Strategy.BLUE_GREEN);
      assertThat(ground.traffic().champion()).isEqualTo(V1);
    }
  }

  @Test
  void what_an_older_program_deployed_is_kept_as_it_is_served_when_this_one_starts() {
    try (var ground = new ServingGround(folder, BLUE + "\nfallback: { score: 0.2 }")) {
      ground.deploy(V1);
      ground.deploy(V2);
      ground.db.update("delete from blueprint");
      ground.db.update("update deployment set blueprint = null");
      ground.db.update(
          "update endpoint set state = ?",
          "{\"stack\":[\"1.0.0\",\"1.0.1\"],\"history\":\"%s\",\"epoch\":2}"
              .formatted(ground.traffic().history()));
      ground.restart();
      ground.define(V3, TIMES_100, BLUE);
      ground.restart();
      assertThat(ground.endpoint.status().fallback()).isNotNull();
      assertThat(ground.endpoint.status().pending()).containsExactly("features", "serve");
    }
  }
}
