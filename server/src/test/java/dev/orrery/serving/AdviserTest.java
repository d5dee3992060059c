package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.START;
import static dev.orrery.serving.ServingGround.V1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Json;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is advised of traffic, and the rows that a rehearsal asks about again.
class AdviserTest {
  @TempDir Path folder;

  @Test
  void traffic_is_rated_by_when_it_was_answered_and_not_by_the_times_in_its_rows() {
    try (var ground = new ServingGround(folder, "strategy: canary")) {
      ground.deploy(V1, null);
      for (String date : new String[] {"0001-01-01", "9999-12-31", "2001-01-11"}) {
        ground.askRow("{\"date\":\"%s\",\"distance\":600,\"origin\":\"ATL\"}".formatted(date));
      }
      assertThat(ground.endpoint.advice().facts().getFirst())
          .startsWith("3 rows in 3 requests answered within 0.0 hours: no rate is told");
      for (int i = 0; i < 97; i++) ground.ask(600);
      assertThat(ground.endpoint.advice().facts().getFirst())
          .as("all within a moment")
          .contains("no rate is told");
      assertThat(ground.endpoint.advice().modeReasons().getFirst()).contains("no rate is known");
      ground.clock.advance(START.plus(Duration.ofDays(2)));
      ground.ask(600);
      assertThat(ground.endpoint.advice().facts().getFirst())
          .startsWith("101 rows in 101 requests answered over 2.0 days: 51 rows a day");
    }
  }

  @Test
  void a_row_that_lacks_a_value_is_sampled_so_that_it_can_be_asked_about_again() {
    try (var ground = new ServingGround(folder, "strategy: canary")) {
      ground.deploy(V1, null);
      ground.askRow("{\"date\":\"2001-01-11\",\"distance\":null,\"origin\":null}");
      String row = Json.MAPPER.valueToTree(ground.endpoint.sample(5)).path(0).toString();
      assertThat(row).contains("\"distance\":null", "\"origin\":null");
      assertThat(ground.askRow(row).score()).hasSize(1);
    }
  }
}
