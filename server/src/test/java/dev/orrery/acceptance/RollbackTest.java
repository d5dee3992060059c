package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.cli.Session;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Where a prediction comes from, how all stands, and the way back while clients ask on.
@ExtendWith(Told.class)
class RollbackTest {
  private static final int CLIENTS = 8;

  /// What a client was answered, and when.
  private record Answer(long nanos, int status, String version) {}

  @Test
  void a_rollback_under_load_fails_no_request_and_returns_the_previous_version(
      Story story, @TempDir java.nio.file.Path folder) throws Exception {
    try (Up up = Up.on(story.copy(folder.resolve("home")))) {
      var answers = new ConcurrentLinkedQueue<Answer>();
      var stop = new AtomicBoolean();
      long asked;
      long done;
      try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < CLIENTS; i++) {
          clients.submit(() -> {
            while (!stop.get()) answers.add(ask(up.web()));
            return null;
          });
        }
        waitFor(answers, 400);
        asked = System.nanoTime();
        Web.Reply reply =
            up.web().post("/api/v1/endpoints/late-arrival/rollback", "{\"why\":\"a test\"}");
        done = System.nanoTime();
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.json().path("version").asText()).isEqualTo("1.0.0");
        assertThat(reply.json().path("previous").asText()).isEqualTo("1.1.0");
        waitFor(answers, answers.size() + 400);
        stop.set(true);
      }

      Map<String, Integer> before = new TreeMap<>();
      Map<String, Integer> after = new TreeMap<>();
      long last = asked;
      for (Answer answer : answers) {
        assertThat(answer.status()).isEqualTo(200);
        if (answer.nanos() < asked) before.merge(answer.version(), 1, Integer::sum);
        // A request that was sent after the rollback was answered.
        if (answer.nanos() > done) after.merge(answer.version(), 1, Integer::sum);
        if (answer.version().equals("1.1.0")) last = Math.max(last, answer.nanos());
      }
      System.out.printf(
          "rollback: answered in %.1f ms, 1.1.0 last asked %.1f ms after it was; %d requests,"
              + " before %s, after %s%n",
          (done - asked) / 1e6, (last - asked) / 1e6, answers.size(), before, after);
      assertThat(before).containsOnlyKeys("1.1.0");
      assertThat(after).containsOnlyKeys("1.0.0");
      assertThat(
              up.web()
                  .json("/api/v1/endpoints/late-arrival")
                  .path("moves")
                  .path(0)
                  .path("kind")
                  .asText())
          .isEqualTo("ROLLED_BACK");
    }
  }

  private static void waitFor(ConcurrentLinkedQueue<Answer> answers, int many)
      throws InterruptedException {
    while (answers.size() < many) Thread.sleep(5);
  }

  /// Notes when it asked.
  private static Answer ask(Web web) throws Exception {
    long nanos = System.nanoTime();
    Web.Reply reply = web.post("/predict", Up.ROW);
    return new Answer(nanos, reply.status(), reply.json().path("version").asText());
  }

  @Test
  void the_lineage_of_a_prediction_names_all_that_it_came_from(Up up) throws Exception {
    JsonNode origin = up.web().json("/api/v1/lineage/prediction/" + up.settled());

    assertThat(origin.path("prediction").path("id").asText()).isEqualTo(up.settled());
    assertThat(origin.path("prediction").path("actual").asDouble()).isZero();
    JsonNode version = origin.path("version");
    assertThat(version.path("model").asText()).isEqualTo("late-arrival");
    assertThat(version.path("version").asText()).isEqualTo("1.1.0");
    assertThat(version.path("model_digest").asText()).matches("[0-9a-f]{64}");
    assertThat(origin.path("data").path("id").asText()).isEqualTo("flights@1.0.1");
    assertThat(origin.path("data").path("digest").asText()).matches("[0-9a-f]{64}");
    assertThat(origin.path("features").asText()).isEqualTo("1.0.0");
    assertThat(origin.path("code").asText()).isNotBlank();
    assertThat(origin.path("run").asText()).isNotBlank();
    assertThat(version.path("gates"))
        .extracting(gate -> gate.path("name").asText())
        .contains("auc_roc", "majority", "rule", "model_size", "latency_p99");
    assertThat(origin.path("edges"))
        .extracting(edge -> edge.path("from").path("kind").asText())
        .contains("data", "features", "code", "run");
  }

  @Test
  void a_model_is_linked_to_what_it_came_from_and_to_where_it_served(Up up) throws Exception {
    JsonNode trail = up.web().json("/api/v1/lineage/model/late-arrival@1.1.0");

    assertThat(trail.path("up"))
        .extracting(edge -> edge.path("from").path("kind").asText())
        .containsExactlyInAnyOrder("data", "features", "code", "run");
    assertThat(trail.path("down"))
        .extracting(edge -> edge.path("relation").asText())
        .contains("canary_started", "promoted");
    assertThat(up.web().json("/api/v1/lineage/data/flights@1.0.1").path("down"))
        .extracting(edge -> edge.path("to").path("kind").asText())
        .contains("model", "deployment");
  }

  @Test
  void the_commands_tell_the_same(Up up) {
    var lineage = new Session(up.home()).run("lineage", up.settled());
    assertThat(lineage.code()).as(lineage.err()).isZero();
    assertThat(lineage.out())
        .contains(
            "late-arrival 1.1.0", "flights@1.0.1", "features", "code", "run", "gate", "passed");
    var status = new Session(up.home()).run("status");
    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.out()).contains("1.1.0", "champion", "auc_roc", "throughput", "unknown");
    var rollback = new Session(up.home()).run("rollback", "--dry-run");
    assertThat(rollback.code()).as(rollback.err()).isZero();
    assertThat(rollback.out()).contains("1.0.0", "1.1.0");
  }
}
