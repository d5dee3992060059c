package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.cli.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A rollback brings back model, threshold, features and configuration, from the store alone.
@ExtendWith(Told.class)
class RestoredTest {
  private static final String ENDPOINT = "/api/v1/endpoints/late-arrival";

  /// Flights of the last hours before the clock stands still, with full windows behind them.
  private static final String ROWS =
      """
      {"rows":[
        {"date":"2001-03-07T20:00:00Z","distance":606,"origin":"ATL","destination":"ORD"},
        {"date":"2001-03-07T21:30:00Z","distance":1745,"origin":"LAX","destination":"ORD"},
        {"date":"2001-03-07T22:10:00Z","distance":187,"origin":"ORD","destination":"ATL"}]}
      """;

  @Test
  void after_features_and_configuration_have_changed_a_rollback_answers_as_before_bit_for_bit(
      Story story, @TempDir Path folder) throws Exception {
    Path home = story.copy(folder.resolve("home"));
    JsonNode before;
    String configuration;
    try (Up up = Up.on(home)) {
      before = scores(up.web(), "1.1.0");
      configuration = status(up.web()).path("configuration").asText();
      assertThat(status(up.web()).path("pending")).isEmpty();
      change(home);
      train(up.web());
      assertThat(status(up.web()).path("champion").asText()).isEqualTo("1.2.0");
      assertThat(status(up.web()).at("/fallback/score").asDouble()).isEqualTo(0.25);
      assertThat(scores(up.web(), "1.2.0")).isNotEqualTo(before);
      // The shadow of the old definition goes on beside the new one.
      JsonNode logged = newest(up.web());
      assertThat(logged.path("features").has("route.is_far")).isTrue();
      assertThat(logged.path("features").has("calendar.hour@1.0.0")).isTrue();
    }
    Files.delete(Flights.parquet(home));
    try (Up up = Up.on(home)) {
      assertThat(scores(up.web(), "1.2.0")).isNotEqualTo(before);
      JsonNode back = up.web().post(ENDPOINT + "/rollback", "{\"why\":\"a test\"}").json();
      assertThat(back.path("version").asText()).isEqualTo("1.1.0");
      assertThat(back.at("/restored/configuration").asText()).isEqualTo(configuration);
      assertThat(back.at("/restored/features").asText()).isEqualTo("1.0.0");
      assertThat(back.path("ms").asDouble()).isPositive();
      System.out.println("restored: " + back);
      assertThat(scores(up.web(), "1.1.0")).isEqualTo(before);
      assertThat(status(up.web()).path("fallback").isNull()).isTrue();
      assertThat(status(up.web()).path("pending"))
          .extracting(JsonNode::asText)
          .containsExactly("features", "serve");
    }
    try (Up up = Up.on(home)) {
      assertThat(scores(up.web(), "1.1.0")).as("after a restart").isEqualTo(before);
      assertThat(up.web().json(ENDPOINT).at("/moves/0/configuration").asText())
          .isEqualTo(configuration);
      var again = new Session(home).run("rollback");
      assertThat(again.code()).as(again.err()).isZero();
      assertThat(again.out()).contains("1.0.0", "features 1.0.0", "configuration ");
    }
  }

  @Test
  void a_rollback_waits_for_no_training(Story story, @TempDir Path folder) throws Exception {
    Path home = story.copy(folder.resolve("home"));
    change(home);
    Flights.edit(Flights.yaml(home), "trees: 40", "trees: 300");
    try (Up up = Up.on(home)) {
      String run = up.web().post("/api/v1/pipeline/runs", "").json().path("id").asText();
      while (!stage(up.web(), run, "train").equals("running")) Thread.sleep(20);
      JsonNode back = up.web().post(ENDPOINT + "/rollback", "{}").json();
      assertThat(stage(up.web(), run, "train")).isEqualTo("running");
      System.out.println("restored beside a training: " + back);
      assertThat(back.at("/restored/version").asText()).isEqualTo("1.0.0");
      JsonNode asked = scores(up.web(), "1.0.0");
      assertThat(asked).hasSize(3);
    }
  }

  private static void change(Path home) throws IOException {
    Flights.edit(home.resolve("problem.yaml"), "baseline: 0.40", "baseline: 0.30");
    Path yaml = Flights.yaml(home);
    Flights.edit(yaml, "hour: \"hour\\(date\\)\"", "hour: \"24 - hour(date)\"");
    Flights.edit(yaml, "clip\\(delay, -30, 180\\)", "clip(delay, 0, 60)");
    Flights.edit(
        yaml, "\\{ distance: distance,", "{ is_far: \"distance > 900\", distance: distance,");
    Flights.edit(
        yaml,
        "strategy: canary",
        "strategy: blue_green\n  key: origin\n  fallback: { score: 0.25 }");
  }

  private static JsonNode scores(Web web, String version) throws Exception {
    Web.Reply reply = web.post("/predict", ROWS);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(reply.json().path("version").asText()).isEqualTo(version);
    return reply.json().path("score");
  }

  private static JsonNode newest(Web web) throws Exception {
    String id = web.post("/predict", ROWS).json().path("ids").path(0).asText();
    return web.json("/api/v1/predictions/" + id);
  }

  private static JsonNode status(Web web) throws Exception {
    return web.json(ENDPOINT + "/deployment");
  }

  private static String stage(Web web, String run, String name) throws Exception {
    for (JsonNode stage : web.json("/api/v1/pipeline/runs/" + run).path("stages")) {
      if (stage.path("name").asText().equalsIgnoreCase(name)) {
        return stage.path("state").asText().toLowerCase(java.util.Locale.ROOT);
      }
    }
    return "";
  }

  private static void train(Web web) throws Exception {
    String run = web.post("/api/v1/pipeline/runs", "").json().path("id").asText();
    while (true) {
      JsonNode now = web.json("/api/v1/pipeline/runs/" + run);
      String state = now.path("state").asText();
      if (state.equals("succeeded")) return;
      assertThat(state).as(now.toPrettyString()).isIn("waiting", "running");
      Thread.sleep(50);
    }
  }
}
