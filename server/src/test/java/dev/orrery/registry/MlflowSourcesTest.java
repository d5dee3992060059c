package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where versions may come from, what is hidden, and what happens once.
class MlflowSourcesTest {
  @TempDir static Path home;
  private static Server server;

  @BeforeAll
  static void start() {
    server = new Server(home);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> names(Server.Answer answer) {
    List<String> names = new ArrayList<>();
    answer.at("/registered_models").forEach(m -> names.add(m.path("name").asText()));
    return names;
  }

  private static List<String> ids(Server.Answer answer) {
    List<String> ids = new ArrayList<>();
    answer
        .at("/model_versions")
        .forEach(v -> ids.add(v.path("name").asText() + "/" + v.path("version").asText()));
    return ids;
  }

  @Test
  void a_copy_leads_to_where_its_original_leads() {
    server.model("Copy");
    server.version("Copy", Map.of("run_id", "run_id_1"));
    server.mlflow(
        "POST", "/registered-models/alias", Map.of("name", "Copy", "alias", "a", "version", "1"));
    assertThat(server.version("Copy", Map.of("source", "models:/Copy/1"))).isEqualTo("2");
    assertThat(server.version("Copy", Map.of("source", "models:/Copy@a"))).isEqualTo("3");
    for (String version : List.of("2", "3")) {
      assertThat(
              server
                  .mlflow("/model-versions/get-download-uri", "name", "Copy", "version", version)
                  .at("/artifact_uri")
                  .asText())
          .isEqualTo("runs:/run_id/model");
    }
    var lost =
        server.mlflow(
            "POST",
            "/model-versions/create",
            Map.of("name", "Copy", "source", "models:/m-" + "0".repeat(32)));
    assertThat(lost.status()).isEqualTo(400);
    assertThat(lost.at("/message").asText())
        .startsWith("Unable to fetch model from model URI source artifact location");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "etc/passwd",
        "../../etc",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "file://localhost/etc",
        "c:/windows",
        "c:\\windows",
        "\\\\host\\share",
        "mlflow-artifacts://host:9000/models/../../../",
        "http://host/api/2.0/mlflow-artifacts/artifacts/../../../../",
        "s3:/my_bucket/models/path/../../other/path",
        "mlflow-artifacts://host:port/..%2f..%2f..%2f..%2f",
        "mlflow-artifacts://host/%252e%252e/%252e%252e/etc",
        "http://host:port/api/2.0/mlflow-artifacts/artifacts%00",
        "https://host/x?y=../../etc",
        "https://host/x#/../../etc",
        "runs:/abc/../../etc",
        "%66ile:///etc/passwd"
      })
  void a_source_that_could_lead_to_this_machine_is_refused(String source) {
    if (server.mlflow("/registered-models/get", "name", "Hostile").status() == 404) {
      server.model("Hostile");
    }
    var refused =
        server.mlflow(
            "POST", "/model-versions/create", Map.of("name", "Hostile", "source", source));
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.at("/message").asText()).startsWith("Invalid model version source: '");
    assertThat(server.mlflow("/model-versions/search", "filter", "name = 'Hostile'").text())
        .isEqualTo("{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlflow-artifacts:/1/abc/artifacts/model",
        "mlflow-artifacts://host:9000/models",
        "s3://my_bucket/models/path///",
        "https://host/models/.../x",
        "dbfs:/models"
      })
  void an_address_elsewhere_is_kept_as_text(String source) {
    if (server.mlflow("/registered-models/get", "name", "Elsewhere").status() == 404) {
      server.model("Elsewhere");
    }
    server.version("Elsewhere", Map.of("source", source));
  }

  @Test
  void prompts_are_hidden_unless_asked_for() {
    String tag = "mlflow.prompt.is_prompt";
    server.mlflow(
        "POST",
        "/registered-models/create",
        Map.of("name", "Greeting", "tags", List.of(Map.of("key", tag, "value", "true"))));
    server.model("Greeter");
    server.version(
        "Greeting",
        Map.of(
            "source",
            "prompt-template",
            "tags",
            List.of(
                Map.of("key", tag, "value", "true"),
                Map.of("key", "mlflow.prompt.text", "value", "Hi {{x}}"))));
    String mine = "name LIKE 'Greet%'";
    assertThat(names(server.mlflow("/registered-models/search", "filter", mine)))
        .containsExactly("Greeter");
    assertThat(
            names(
                server.mlflow(
                    "/registered-models/search",
                    "filter",
                    mine + " AND tag.`" + tag + "` = 'true'")))
        .containsExactly("Greeting");
    assertThat(
            names(
                server.mlflow(
                    "/registered-models/search",
                    "filter",
                    mine + " AND tag.`" + tag + "` != 'true'")))
        .containsExactly("Greeter");
    assertThat(ids(server.mlflow("/model-versions/search", "filter", "name = 'Greeting'")))
        .isEmpty();
    assertThat(
            ids(
                server.mlflow(
                    "/model-versions/search",
                    "filter",
                    "name = 'Greeting' AND tags.`" + tag + "` = 'true'")))
        .containsExactly("Greeting/1");
    var clash = server.mlflow("POST", "/registered-models/create", Map.of("name", "Greeting"));
    assertThat(clash.at("/message").asText())
        .startsWith("Tried to create a registered model with name 'Greeting'");
  }

  @Test
  void the_twin_paths_answer_alike_and_a_retry_registers_once() {
    server.model("Twin");
    String body = "{\"name\":\"Twin\",\"source\":\"runs:/r/m\"}";
    var first =
        server.send(
            "POST", "/ajax-api/2.0/mlflow/model-versions/create", body, "idempotency-key", "k-1");
    var retried =
        server.send(
            "POST", "/ajax-api/2.0/mlflow/model-versions/create", body, "idempotency-key", "k-1");
    assertThat(retried.text()).isEqualTo(first.text());
    assertThat(ids(server.mlflow("/model-versions/search", "filter", "name = 'Twin'")))
        .containsExactly("Twin/1");
    assertThat(server.get("/ajax-api/2.0/mlflow/registered-models/get", "name", "Twin").text())
        .isEqualTo(server.mlflow("/registered-models/get", "name", "Twin").text());
  }
}
