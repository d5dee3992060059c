package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.cli.Session;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Stages of the project's model over every door, and what a change of a column would touch.
@ExtendWith(Told.class)
class StageTest {
  private static final String ENDPOINT = "/api/v1/endpoints/late-arrival";
  private static final String TRANSITION = "/api/2.0/mlflow/model-versions/transition-stage";

  private static final String[] JSON = {"content-type", "application/json"};

  private static Map<String, String> stages(Web web) throws Exception {
    var stages = new TreeMap<String, String>();
    for (JsonNode version : web.json("/api/v1/models/late-arrival").path("versions")) {
      stages.put(version.path("semver").asText(), version.path("stage").asText());
    }
    return stages;
  }

  private static String champion(Web web) throws Exception {
    JsonNode stack = web.json(ENDPOINT).path("traffic").path("stack");
    return stack.path(stack.size() - 1).asText();
  }

  @Test
  void whoever_moves_traffic_or_stage_moves_both(Story story, @TempDir Path folder)
      throws Exception {
    Path home = story.copy(folder.resolve("home"));
    try (Up up = Up.on(home)) {
      Web web = up.web();
      assertThat(stages(web))
          .containsEntry("1.0.0", "Archived")
          .containsEntry("1.1.0", "Production");
      var rollback = new Session(home).run("rollback", "--why", "a test");
      assertThat(rollback.code()).as(rollback.err()).isZero();
      assertThat(stages(web))
          .containsEntry("1.0.0", "Production")
          .containsEntry("1.1.0", "Archived");

      Web.Reply archived =
          web.post(
              TRANSITION,
              "{\"name\":\"late-arrival\",\"version\":\"1\",\"stage\":\"Archived\"}",
              JSON);
      assertThat(archived.status()).as(archived.text()).isEqualTo(409);
      assertThat(archived.text()).contains("late-arrival@1.0.0 is what the endpoint");

      Web.Reply promoted =
          web.post(
              TRANSITION,
              "{\"name\":\"late-arrival\",\"version\":\"2\",\"stage\":\"Production\"}",
              JSON);
      assertThat(promoted.status()).as(promoted.text()).isEqualTo(200);
      assertThat(promoted.json().at("/model_version/current_stage").asText()).isEqualTo("Staging");
      assertThat(web.json(ENDPOINT).at("/traffic/canary/version").asText()).isEqualTo("1.1.0");
      assertThat(web.post(ENDPOINT + "/abort", "{}").status()).isEqualTo(200);
      assertThat(stages(web))
          .containsEntry("1.0.0", "Production")
          .containsEntry("1.1.0", "Archived");

      var promote = new Session(home).run("model", "promote", "late-arrival", "2");
      assertThat(promote.code()).as(promote.err()).isZero();
      assertThat(promote.out()).contains("Staging");
      assertThat(champion(web)).isEqualTo("1.0.0");
      byNumber(web);
      var again = new Session(home).run("model", "promote", "late-arrival", "2");
      assertThat(again.code()).isEqualTo(5);
      var back = new Session(home).run("model", "rollback", "late-arrival");
      assertThat(back.code()).as("1.0.0 was the first").isEqualTo(5);
      assertThat(stages(web))
          .containsEntry("1.0.0", "Production")
          .containsEntry("1.1.0", "Staging");
    }
    try (Up up = Up.on(home)) {
      assertThat(champion(up.web())).as("after a restart").isEqualTo("1.0.0");
      assertThat(stages(up.web()))
          .containsEntry("1.0.0", "Production")
          .containsEntry("1.1.0", "Staging");
    }
  }

  /// While 1.1.0 is the canary of 1.0.0, each answers by its number over the protocols.
  private static void byNumber(Web web) throws Exception {
    String tensors =
        """
        {"inputs":[
          {"name":"date","shape":[1],"datatype":"BYTES","data":["2001-03-20T08:00:00Z"]},
          {"name":"distance","shape":[1],"datatype":"FP64","data":[606]},
          {"name":"origin","shape":[1],"datatype":"BYTES","data":["ATL"]},
          {"name":"destination","shape":[1],"datatype":"BYTES","data":["ORD"]}]
         ,"parameters":{"orrery-key":"user-17"}}
        """;
    String instances = "{\"instances\":[" + Up.ROW + "]}";
    assertThat(web.json("/v2/models/late-arrival").path("versions"))
        .extracting(JsonNode::asText)
        .containsExactly("1.0.0", "1.1.0");
    for (String version : List.of("1.0.0", "1.1.0")) {
      Web.Reply oip = web.post("/v2/models/late-arrival/versions/" + version + "/infer", tensors);
      assertThat(oip.status()).as(oip.text()).isEqualTo(200);
      assertThat(oip.json().path("model_version").asText()).isEqualTo(version);
      String id = oip.json().at("/outputs/2/data/0").asText();
      assertThat(web.json("/api/v1/predictions/" + id).path("version").asText()).isEqualTo(version);
      Web.Reply v1 =
          web.post("/v1/models/late-arrival/versions/" + version + ":predict", instances);
      assertThat(v1.status()).as(v1.text()).isEqualTo(200);
      assertThat(v1.json().toString()).contains(oip.json().at("/outputs/0/data/0").asText());
    }
    Web.Reply unknown = web.post("/v2/models/late-arrival/versions/2.0.0/infer", tensors);
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("Served now: 1.0.0, 1.1.0");
    Web.Reply two = web.post("/v2/models/late-arrival/infer", tensors, "Orrery-Key", "user-18");
    assertThat(two.status()).isEqualTo(400);
    assertThat(two.text()).contains("'user-18' in the header and 'user-17' in the parameter");
  }

  @Test
  void a_version_of_another_java_is_promoted_by_no_door_without_a_reason(
      Story story, @TempDir Path folder) throws Exception {
    Path home = story.copy(folder.resolve("home"));
    try (Up up = Up.on(home)) {
      Web web = up.web();
      assertThat(new Session(home).run("rollback").code()).isZero();
      String run = web.json("/api/v1/models/late-arrival/versions/2").at("/lineage/run").asText();
      String tag =
          "{\"run_id\":\"%s\",\"key\":\"orrery.env.java\",\"value\":\"17.0.1\"}".formatted(run);
      assertThat(web.post("/api/2.0/mlflow/runs/set-tag", tag, JSON).status()).isEqualTo(200);
      Web.Reply mlflow =
          web.post(
              TRANSITION,
              "{\"name\":\"late-arrival\",\"version\":\"2\",\"stage\":\"Production\"}",
              JSON);
      assertThat(mlflow.status()).as(mlflow.text()).isEqualTo(409);
      assertThat(mlflow.text()).contains("and was 17 when it was trained", "--force --why TEXT");
      var refused = new Session(home).run("model", "promote", "late-arrival", "2");
      assertThat(refused.code()).isEqualTo(5);
      assertThat(refused.err()).contains("and was 17 when it was trained");
      var blank = new Session(home).run("model", "promote", "late-arrival", "2", "--force");
      assertThat(blank.code()).as(blank.err()).isEqualTo(2);
      assertThat(champion(web)).isEqualTo("1.0.0");
      assertThat(web.json(ENDPOINT).at("/traffic/canary").isNull()).isTrue();
      var forced =
          new Session(home)
              .run("model", "promote", "late-arrival", "2", "--force", "--why", "tried by hand");
      assertThat(forced.code()).as(forced.err()).isZero();
      assertThat(web.json(ENDPOINT).at("/moves/0/why").asText())
          .startsWith("tried by hand [forced although java is ");
    }
  }

  @Test
  void the_impact_of_a_column_names_features_versions_and_the_endpoint(Up up) throws Exception {
    JsonNode impact = up.web().json("/api/v1/lineage/column/flights.distance/impact");
    assertThat(impact.path("nodes"))
        .extracting(node -> node.path("kind").asText() + "/" + node.path("id").asText())
        .contains(
            "known_at/flights.known_at",
            "feature/route.distance",
            "features/1.0.0",
            "training/late-arrival",
            "model/late-arrival@1.0.0",
            "model/late-arrival@1.1.0",
            "endpoint/late-arrival");
    assertThat(impact.path("whole").asBoolean()).isTrue();
    Web.Reply unknown = up.web().get("/api/v1/lineage/column/flights.distanse/impact");
    assertThat(unknown.status()).isEqualTo(404);
    assertThat(unknown.text()).contains("Did you mean 'flights.distance'");

    var told = new Session(up.home()).run("lineage", "column:distance", "--impact");
    assertThat(told.code()).as(told.err()).isZero();
    assertThat(told.out()).contains("feature/route.distance", "model/late-arrival@1.1.0");
    var wrong = new Session(up.home()).run("lineage", "--impact", "column:flights.distanse");
    assertThat(wrong.code()).isEqualTo(4);
    assertThat(wrong.err()).contains("flights.distance");
    var trail = new Session(up.home()).run("lineage", "feature:route.distance", "--up");
    assertThat(trail.out()).contains("column/flights.distance").doesNotContain("model/");
    assertThat(up.web().json("/api/v1/lineage/data/flights@1.0.1/impact").path("nodes"))
        .extracting(node -> node.path("kind").asText())
        .contains("model", "deployment", "endpoint");
  }
}
