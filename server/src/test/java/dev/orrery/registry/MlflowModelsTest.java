package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What MLflow's own tests of the registry ask over the wire, and what its clients match on.
class MlflowModelsTest {
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
  void a_model_is_created_found_described_renamed_and_deleted() {
    var created =
        server.mlflow(
            "POST",
            "/registered-models/create",
            Map.of(
                "name",
                "Life 1",
                "tags",
                List.of(Map.of("key", "another key", "value", "v"), Map.of("key", "empty"))));
    assertThat(created.status()).isEqualTo(200);
    JsonNode model = created.at("/registered_model");
    assertThat(model.path("name").asText()).isEqualTo("Life 1");
    assertThat(model.path("tags").toString())
        .isEqualTo(
            "[{\"key\":\"another key\",\"value\":\"v\"},{\"key\":\"empty\",\"value\":\"\"}]");
    assertThat(model.path("creation_timestamp").isIntegralNumber()).isTrue();
    assertThat(model.has("latest_versions")).isFalse();

    var again = server.mlflow("POST", "/registered-models/create", Map.of("name", "Life 1"));
    assertThat(again.status()).isEqualTo(400);
    assertThat(again.at("/error_code").asText()).isEqualTo("RESOURCE_ALREADY_EXISTS");
    assertThat(again.at("/message").asText())
        .startsWith("Registered Model (name=Life 1) already exists");

    assertThat(
            server
                .mlflow(
                    "PATCH",
                    "/registered-models/update",
                    Map.of("name", "Life 1", "description", "hello"))
                .at("/registered_model/description")
                .asText())
        .isEqualTo("hello");
    server.model("Life taken");
    assertThat(
            server
                .mlflow(
                    "POST",
                    "/registered-models/rename",
                    Map.of("name", "Life 1", "new_name", "Life taken"))
                .at("/error_code")
                .asText())
        .isEqualTo("RESOURCE_ALREADY_EXISTS");
    server.version("Life 1", Map.of());
    server.mlflow(
        "POST", "/registered-models/rename", Map.of("name", "Life 1", "new_name", "Life 2"));
    var gone = server.mlflow("/registered-models/get", "name", "Life 1");
    assertThat(gone.status()).isEqualTo(404);
    assertThat(gone.at("/error_code").asText()).isEqualTo("RESOURCE_DOES_NOT_EXIST");
    assertThat(gone.at("/message").asText())
        .startsWith("Registered Model with name=Life 1 not found");
    JsonNode found =
        server.mlflow("/registered-models/get", "name", "Life 2").at("/registered_model");
    assertThat(found.path("description").asText()).isEqualTo("hello");
    assertThat(found.at("/latest_versions/0/name").asText()).isEqualTo("Life 2");
    assertThat(
            server.mlflow("DELETE", "/registered-models/delete", Map.of("name", "Life 2")).text())
        .isEqualTo("{}");
    assertThat(server.mlflow("/registered-models/get", "name", "Life 2").status()).isEqualTo(404);
    server.model("Life 2");
  }

  @Test
  void what_is_missing_or_no_number_is_told_in_mlflows_words() {
    assertThat(server.mlflow("POST", "/registered-models/create", Map.of()).at("/message").asText())
        .startsWith("Missing value for required parameter 'name'");
    server.model("Words");
    server.version("Words", Map.of());
    var answer =
        server.mlflow("/model-versions/get", "name", "Words", "version", "something not correct");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.at("/message").asText())
        .startsWith("Parameter 'version' must be an integer, got 'something not correct'.");
    assertThat(server.mlflow("/model-versions/get", "name", "Words", "version", "7").at("/message"))
        .asString()
        .contains("Model Version (name=Words, version=7) not found");
    var stage = server.stage("Words", "1", "Magic");
    assertThat(stage.status()).isEqualTo(400);
    assertThat(stage.at("/message").asText()).startsWith("Invalid Model Version stage: Magic");
  }

  @Test
  void models_are_searched_paged_and_ordered() {
    for (int i = 0; i < 29; i++) server.model("CreateRMsearch%03d".formatted(i));
    String only = "name LIKE 'CreateRMsearch%'";
    List<String> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          server.mlflow(
              "/registered-models/search", "filter", only, "max_results", "8", "page_token", token);
      all.addAll(names(page));
      token = page.at("/next_page_token").asText("");
    } while (!token.isEmpty());
    assertThat(all).hasSize(29).isSorted().doesNotHaveDuplicates();
    assertThat(
            names(
                server.mlflow("/registered-models/search", "filter", only + " AND name LIKE '%7'")))
        .containsExactly("CreateRMsearch007", "CreateRMsearch017", "CreateRMsearch027");
    assertThat(names(server.mlflow("/registered-models/search", "filter", "name LIKE '%rmse%00%'")))
        .isEmpty();
    assertThat(
            names(server.mlflow("/registered-models/search", "filter", "name ILIKE '%rmse%00%'")))
        .hasSize(10);
    assertThat(
            names(
                    server.mlflow(
                        "/registered-models/search", "filter", only, "order_by", "name DESC"))
                .getFirst())
        .isEqualTo("CreateRMsearch028");
    assertThat(server.mlflow("/registered-models/search", "max_results", "1001").status())
        .isEqualTo(400);
    assertThat(server.mlflow("/registered-models/search", "page_token", "nonsense").status())
        .isEqualTo(400);
    assertThat(server.mlflow("/registered-models/search", "filter", "run_id = 'x'").status())
        .isEqualTo(400);
    assertThat(server.mlflow("/registered-models/search", "filter", "name = 'no such'").text())
        .isEqualTo("{}");
  }

  @Test
  void versions_are_numbered_found_and_searched() {
    server.model("CreateMVTest");
    var first =
        server.mlflow(
            "POST",
            "/model-versions/create",
            Map.of(
                "name",
                "CreateMVTest",
                "source",
                "runs:/run_id/model",
                "run_id",
                "run_id_1",
                "tags",
                List.of(Map.of("key", "k", "value", "v")),
                "description",
                "d"));
    assertThat(first.at("/model_version/version").isTextual()).isTrue();
    assertThat(first.at("/model_version/version").asText()).isEqualTo("1");
    assertThat(first.at("/model_version/status").asText()).isEqualTo("READY");
    assertThat(first.at("/model_version/current_stage").asText()).isEqualTo("None");
    String second =
        server.version("CreateMVTest", Map.of("source", "runs:/r/other", "run_id", "run_id_1"));
    String third = server.version("CreateMVTest", Map.of("run_id", "run_id_2"));
    assertThat(List.of(second, third)).containsExactly("2", "3");
    String mine = "name = 'CreateMVTest' AND ";
    assertThat(ids(server.mlflow("/model-versions/search", "filter", mine + "run_id = 'run_id_1'")))
        .containsExactlyInAnyOrder("CreateMVTest/2", "CreateMVTest/1");
    assertThat(
            ids(
                server.mlflow(
                    "/model-versions/search",
                    "filter",
                    mine + "run_id IN ('run_id_2','run_id_9')")))
        .containsExactly("CreateMVTest/3");
    assertThat(
            ids(
                server.mlflow(
                    "/model-versions/search", "filter", mine + "source_path = 'runs:/r/other'")))
        .containsExactly("CreateMVTest/2");
    assertThat(ids(server.mlflow("/model-versions/search", "filter", mine + "version_number > 1")))
        .containsExactlyInAnyOrder("CreateMVTest/3", "CreateMVTest/2");
    assertThat(ids(server.mlflow("/model-versions/search", "filter", mine + "tags.k = 'v'")))
        .containsExactly("CreateMVTest/1");
    assertThat(ids(server.mlflow("/model-versions/search", "filter", mine + "tags.k != 'w'")))
        .containsExactly("CreateMVTest/1");
    assertThat(
            ids(
                server.mlflow(
                    "/model-versions/search",
                    "filter",
                    "name = 'CreateMVTest'",
                    "order_by",
                    "version_number ASC",
                    "max_results",
                    "2")))
        .containsExactly("CreateMVTest/1", "CreateMVTest/2");
    assertThat(
            server
                .mlflow("/model-versions/get-download-uri", "name", "CreateMVTest", "version", "1")
                .at("/artifact_uri")
                .asText())
        .isEqualTo("runs:/run_id/model");
  }

  @Test
  void the_newest_of_each_stage_is_given_and_production_holds_one() {
    server.model("Latest");
    String[] stages = {
      "Archived", "Production", "Archived", "Production", "Staging", "Staging", "None"
    };
    for (String stage : stages) {
      String version = server.version("Latest", Map.of());
      if (!stage.equals("None")) {
        assertThat(server.stage("Latest", version, stage).at("/model_version/current_stage"))
            .asString()
            .contains(stage);
      }
    }
    var latest = new TreeMap<String, String>();
    server
        .mlflow("POST", "/registered-models/get-latest-versions", Map.of("name", "Latest"))
        .at("/model_versions")
        .forEach(v -> latest.put(v.path("current_stage").asText(), v.path("version").asText()));
    assertThat(latest)
        .isEqualTo(Map.of("Production", "4", "Staging", "6", "Archived", "3", "None", "7"));
    var some =
        server.mlflow(
            "/registered-models/get-latest-versions",
            "name",
            "Latest",
            "stages",
            "none",
            "stages",
            "STAGING");
    assertThat(ids(some)).containsExactly("Latest/6", "Latest/7");
    assertThat(server.mlflow("/model-versions/get", "name", "Latest", "version", "2").text())
        .contains("\"current_stage\":\"Archived\"");
  }

  @Test
  void archive_existing_versions_archives_and_is_for_active_stages_only() {
    server.model("Archive");
    for (int i = 0; i < 3; i++) {
      server.stage("Archive", server.version("Archive", Map.of()), "staging");
    }
    var moved =
        server.mlflow(
            "POST",
            "/model-versions/transition-stage",
            Map.of(
                "name",
                "Archive",
                "version",
                "3",
                "stage",
                "STAGING",
                "archive_existing_versions",
                true));
    assertThat(moved.at("/model_version/current_stage").asText()).isEqualTo("Staging");
    var archived = new ArrayList<String>();
    server
        .mlflow("/model-versions/search", "filter", "name = 'Archive'")
        .at("/model_versions")
        .forEach(v -> {
          if (v.path("current_stage").asText().equals("Archived")) {
            archived.add(v.path("version").asText());
          }
        });
    assertThat(archived).containsExactlyInAnyOrder("1", "2");
    var wrong =
        server.mlflow(
            "POST",
            "/model-versions/transition-stage",
            Map.of(
                "name",
                "Archive",
                "version",
                "3",
                "stage",
                "None",
                "archive_existing_versions",
                true));
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.at("/message").asText())
        .contains("cannot archive existing model versions because 'None' is not an Active stage");
  }

  @Test
  void a_deleted_version_is_gone_and_its_number_stays_taken() {
    server.model("DeleteMV");
    for (int i = 0; i < 3; i++) server.version("DeleteMV", Map.of());
    server.mlflow(
        "POST",
        "/registered-models/alias",
        Map.of("name", "DeleteMV", "alias", "best", "version", "3"));
    Map<String, String> third = Map.of("name", "DeleteMV", "version", "3");
    assertThat(server.mlflow("DELETE", "/model-versions/delete", third).status()).isEqualTo(200);
    var again = server.mlflow("DELETE", "/model-versions/delete", third);
    assertThat(again.status()).isEqualTo(404);
    assertThat(again.at("/message").asText()).contains("Model Version").contains("not found");
    assertThat(server.stage("DeleteMV", "3", "Staging").status()).isEqualTo(404);
    assertThat(server.version("DeleteMV", Map.of())).isEqualTo("4");
    assertThat(ids(server.mlflow("/model-versions/search", "filter", "name = 'DeleteMV'")))
        .containsExactlyInAnyOrder("DeleteMV/4", "DeleteMV/2", "DeleteMV/1");
    assertThat(server.mlflow("/registered-models/get", "name", "DeleteMV").text())
        .doesNotContain("best");
  }

  @Test
  void tags_are_set_and_deleted_also_twice() {
    server.model("Tags");
    String version = server.version("Tags", Map.of());
    Map<String, String> tag =
        Map.of("name", "Tags", "version", version, "key", "a b", "value", "1");
    assertThat(server.mlflow("POST", "/model-versions/set-tag", tag).text()).isEqualTo("{}");
    assertThat(server.mlflow("POST", "/registered-models/set-tag", tag).text()).isEqualTo("{}");
    assertThat(server.mlflow("/model-versions/get", "name", "Tags", "version", "1").text())
        .contains("{\"key\":\"a b\",\"value\":\"1\"}");
    for (int i = 0; i < 2; i++) {
      assertThat(server.mlflow("DELETE", "/model-versions/delete-tag", tag).text()).isEqualTo("{}");
      assertThat(server.mlflow("DELETE", "/registered-models/delete-tag", tag).text())
          .isEqualTo("{}");
    }
    assertThat(server.mlflow("/registered-models/get", "name", "Tags").text())
        .doesNotContain("a b");
    assertThat(
            server
                .mlflow(
                    "POST",
                    "/registered-models/set-tag",
                    Map.of("name", "Tags", "key", "../x", "value", "1"))
                .status())
        .isEqualTo(400);
  }

  @Test
  void an_alias_names_one_version_and_moves() {
    server.model("Alias");
    server.version("Alias", Map.of());
    server.version("Alias", Map.of());
    for (String version : List.of("1", "2")) {
      var set =
          server.mlflow(
              "POST",
              "/registered-models/alias",
              Map.of("name", "Alias", "alias", "champion", "version", version));
      assertThat(set.text()).isEqualTo("{}");
    }
    assertThat(server.mlflow("/registered-models/get", "name", "Alias").text())
        .contains("\"aliases\":[{\"alias\":\"champion\",\"version\":\"2\"}]");
    var byAlias = server.mlflow("/registered-models/alias", "name", "Alias", "alias", "champion");
    assertThat(byAlias.at("/model_version/aliases").toString()).isEqualTo("[\"champion\"]");
    assertThat(byAlias.text())
        .isEqualTo(server.mlflow("/model-versions/get", "name", "Alias", "version", "2").text());
    for (int i = 0; i < 2; i++) {
      assertThat(
              server
                  .mlflow(
                      "DELETE",
                      "/registered-models/alias",
                      Map.of("name", "Alias", "alias", "champion"))
                  .text())
          .isEqualTo("{}");
    }
    var none = server.mlflow("/registered-models/alias", "name", "Alias", "alias", "champion");
    assertThat(none.status()).isEqualTo(400);
    assertThat(none.at("/message").asText())
        .startsWith("Registered model alias champion not found.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", "LATEST", "v1", "a b", "a/b", ""})
  void an_alias_that_could_mean_something_else_is_refused(String alias) {
    if (server.mlflow("/registered-models/get", "name", "BadAlias").status() == 404) {
      server.model("BadAlias");
      server.version("BadAlias", Map.of());
    }
    var refused =
        server.mlflow(
            "POST",
            "/registered-models/alias",
            Map.of("name", "BadAlias", "alias", alias, "version", "1"));
    assertThat(refused.status()).isEqualTo(400);
  }
}
