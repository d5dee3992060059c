package dev.orrery.serving;

import static dev.orrery.serving.ServingGround.V1;
import static dev.orrery.serving.ServingGround.V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Json;
import dev.orrery.web.Meters;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnseenTest {
  @TempDir Path folder;
  private final Meters meters = new Meters();
  private ServingGround ground;

  @BeforeEach
  void open() {
    ground = new ServingGround(folder, "endpoint: late\nstrategy: blue_green\n");
    ground.deploy(V1);
    ground.endpoint.meter(meters);
  }

  @AfterEach
  void close() {
    ground.close();
  }

  private Answer ask(String... origins) {
    var rows = new StringBuilder();
    for (String origin : origins) {
      rows.append(rows.isEmpty() ? "" : ",")
          .append("{\"date\":\"%s\",\"distance\":100,".formatted(ground.clock.instant()))
          .append("\"origin\":%s}".formatted(Json.text(origin)));
    }
    byte[] body = ("{\"rows\":[" + rows + "]}").getBytes(StandardCharsets.UTF_8);
    return ground.endpoint.predict(body, Optional.of("k" + rows.toString().hashCode()));
  }

  private String counted(String version) {
    return meters
        .text()
        .lines()
        .filter(line -> line.startsWith("model_unseen_categories_total{"))
        .filter(line -> line.contains("version=\"" + version + "\""))
        .findFirst()
        .orElse("");
  }

  @Test
  void rows_with_a_text_that_training_had_not_seen_are_counted_by_feature_and_version() {
    ask("ATL", "ORD");
    assertThat(counted("1.0.0"))
        .isEqualTo(
            "model_unseen_categories_total"
                + "{feature=\"route.origin\",model=\"late\",version=\"1.0.0\"} 0.0");

    ask("XXX", "ATL", "YYY");
    ask("XXX");
    // Repeated under its key, so that nothing is scored.
    ask("XXX");
    assertThat(counted("1.0.0")).endsWith(" 3.0");

    ground.deploy(V2);
    ask("ZZZ");
    assertThat(counted("1.0.0")).endsWith(" 3.0");
    assertThat(counted("1.0.1")).endsWith(" 1.0");
  }

  @Test
  void an_unseen_text_is_scored_like_a_rare_one() {
    double[] scores = ask("XXX", "YYY").score();
    assertThat(scores[0]).isEqualTo(scores[1]).isBetween(0.0, 1.0);
  }
}
