package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Json;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our own API of experiments and runs, and MLflow's of datasets and logged models, over a real
/// started server.
class TrackingApiTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path home;
  private static Orrery orrery;

  @BeforeAll
  static void start() {
    orrery = Orrery.start(OrreryOptions.of(home, 0), Instant::now);
  }

  @AfterAll
  static void stop() {
    orrery.close();
  }

  record Answer(int status, JsonNode body) {}

  private static Answer send(String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + orrery.port() + path))
            .header("content-type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.replace('`', '"')))
            .build();
    HttpResponse<byte[]> response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
    byte[] bytes = response.body();
    return new Answer(
        response.statusCode(),
        bytes.length == 0 ? Json.MAPPER.createObjectNode() : Json.tree(bytes));
  }

  private static JsonNode ok(String method, String path, String body) throws Exception {
    Answer answer = send(method, path, body);
    assertThat(answer.status()).as(answer.body().toString()).isBetween(200, 201);
    return answer.body();
  }

  private static String experiment(String name) throws Exception {
    return ok("POST", "/api/2.0/mlflow/experiments/create", "{`name`: `%s`}".formatted(name))
        .path("experiment_id")
        .asText();
  }

  private static String run(String experiment, String name) throws Exception {
    return ok(
            "POST",
            "/api/2.0/mlflow/runs/create",
            "{`experiment_id`: `%s`, `run_name`: `%s`, `start_time`: 1700000000000}"
                .formatted(experiment, name))
        .path("run")
        .path("info")
        .path("run_id")
        .asText();
  }

  private static void metric(String run, String key, double value, long step) throws Exception {
    ok(
        "POST",
        "/api/2.0/mlflow/runs/log-metric",
        "{`run_id`: `%s`, `key`: `%s`, `value`: %s, `timestamp`: %d, `step`: %d}"
            .formatted(run, key, value, 1_700_000_000_000L + step, step));
  }

  @Test
  void what_a_body_or_a_query_says_wrong_is_told_in_its_own_words() throws Exception {
    Answer most = send("POST", "/api/v1/runs/search", "{`limit`: 100000000}");
    assertThat(most.status()).isEqualTo(400);
    assertThat(most.body().path("detail").asText()).isEqualTo("limit is 100000000");
    assertThat(most.body().path("remedy").asText()).isEqualTo("Give limit from 1 to 10,000");
    Answer view = send("GET", "/api/v1/experiments?view=gone", "");
    assertThat(view.status()).isEqualTo(400);
    assertThat(view.body().path("remedy").asText()).isEqualTo("Use active, deleted or all");
  }

  @Test
  void a_search_with_or_and_not_gives_the_columns_asked_for_and_a_count() throws Exception {
    String experiment = experiment("searched");
    for (int i = 0; i < 4; i++) {
      String run = run(experiment, "r" + i);
      metric(run, "auc", 0.5 + i / 10.0, 0);
      ok(
          "POST",
          "/api/2.0/mlflow/runs/log-parameter",
          "{`run_id`: `%s`, `key`: `depth`, `value`: `%d`}".formatted(run, i));
    }
    JsonNode found =
        ok(
            "POST",
            "/api/v1/runs/search",
            "{`experiments`: [`%s`], `filter`: `metrics.auc > 0.75 or not params.depth in (1, 2, 3)`, `order`: [`metrics.auc desc`], `columns`: {`metrics`: [`auc`]}, `count`: true, `limit`: 1}"
                .formatted(experiment));
    assertThat(found.path("count").asLong()).isEqualTo(2);
    assertThat(found.path("runs")).hasSize(1);
    JsonNode first = found.path("runs").get(0);
    assertThat(first.path("name").asText()).isEqualTo("r3");
    assertThat(first.path("metrics").path("auc").asDouble()).isEqualTo(0.8);
    assertThat(first.path("params")).isEmpty();
    assertThat(first.path("started_at").asText()).isEqualTo("2023-11-14T22:13:20Z");
    JsonNode next =
        ok(
            "POST",
            "/api/v1/runs/search",
            "{`experiments`: [`%s`], `filter`: `metrics.auc > 0.75 or not params.depth in (1, 2, 3)`, `order`: [`metrics.auc desc`], `limit`: 1, `page`: `%s`}"
                .formatted(experiment, found.path("next").asText()));
    assertThat(next.path("runs").get(0).path("name").asText()).isEqualTo("r0");
    JsonNode columns = ok("GET", "/api/v1/runs/columns?experiment=" + experiment, "");
    assertThat(columns.path("metrics").toString()).isEqualTo("[\"auc\"]");
    assertThat(columns.path("params").toString()).isEqualTo("[\"depth\"]");
    JsonNode groups =
        ok(
            "POST",
            "/api/v1/runs/groups",
            "{`experiments`: [`%s`], `by`: [`params.depth`], `metrics`: [`auc`]}"
                .formatted(experiment));
    assertThat(groups.path("groups")).hasSize(4);
  }

  @Test
  void a_wrong_filter_is_400_with_the_place_and_the_nearest_word() throws Exception {
    Answer answer = send("POST", "/api/v1/runs/search", "{`filter`: `metrix.auc > 1`}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("code").asText()).isEqualTo("ORR-0510");
    assertThat(answer.body().path("remedy").asText()).isEqualTo("Did you mean 'metrics'");
    for (String body :
        List.of(
            "{`limit`: 0}",
            "{`limit`: 1000000}",
            "{`view`: `none`}",
            "{`order`: [`metrics.auc sideways`]}",
            "{`page`: `x`}",
            "{`experiments`: [`abc`, null]}",
            "{`columns`: {`metrics`: [null]}}",
            "{`unknown`: 1}",
            "[]",
            "null")) {
      assertThat(send("POST", "/api/v1/runs/search", body).status()).as(body).isBetween(400, 404);
    }
  }

  @Test
  void a_long_series_is_an_envelope_of_all_its_points_and_a_short_one_its_points()
      throws Exception {
    String run = run("0", "long");
    double least = 0;
    for (int batch = 0; batch < 4; batch++) {
      var metrics = new StringBuilder();
      for (int i = 0; i < 1_000; i++) {
        int step = batch * 1_000 + i;
        double value = Math.sin(step) * (step == 2_345 ? 50 : 1);
        least = Math.min(least, value);
        if (i > 0) metrics.append(',');
        metrics.append(
            "{`key`: `loss`, `value`: %s, `timestamp`: %d, `step`: %d}"
                .formatted(value, 1_700_000_000_000L + step, step));
      }
      ok(
          "POST",
          "/api/2.0/mlflow/runs/log-batch",
          "{`run_id`: `%s`, `metrics`: [%s]}".formatted(run, metrics));
    }
    String ask = "{`runs`: [`%s`], `keys`: [`loss`], `points`: %d, `axis`: `step`}";
    JsonNode series =
        ok("POST", "/api/v1/metrics/series", ask.formatted(run, 100)).path("series").get(0);
    assertThat(series.path("count").asLong()).isEqualTo(4_000);
    assertThat(series.path("exact").asBoolean()).isFalse();
    assertThat(series.path("points")).hasSize(100);
    double shown = 0;
    for (JsonNode point : series.path("points")) {
      assertThat(point).hasSize(6);
      shown = Math.min(shown, point.get(3).asDouble());
    }
    assertThat(shown).isEqualTo(least);
    JsonNode exact =
        ok("POST", "/api/v1/metrics/series", ask.formatted(run, 4_000)).path("series").get(0);
    assertThat(exact.path("exact").asBoolean()).isTrue();
    assertThat(exact.path("points")).hasSize(4_000);
    JsonNode near =
        ok(
                "POST",
                "/api/v1/metrics/series",
                "{`runs`: [`%s`], `keys`: [`loss`], `points`: 100, `from`: 10, `to`: 19}"
                    .formatted(run))
            .path("series")
            .get(0);
    assertThat(near.path("points")).hasSize(10);
    assertThat(send("POST", "/api/v1/metrics/series", "{`runs`: [`x`]}").status()).isEqualTo(400);
  }

  @Test
  void a_running_run_is_followed_within_a_second() throws Exception {
    String run = run("0", "followed");
    metric(run, "auc", 0.1, 0);
    List<String> lines = new ArrayList<>();
    var done =
        CompletableFuture.runAsync(() -> {
          try {
            var request =
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/api/v1/runs/%s/events"
                                .formatted(orrery.port(), run)))
                    .timeout(Duration.ofSeconds(30))
                    .build();
            var body = HTTP.send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
            try (var reader =
                new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
              for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                  lines.add(line);
                }
              }
            }
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    await(lines, "\"value\":0.1");
    metric(run, "auc", 0.2, 1);
    long sent = System.nanoTime();
    await(lines, "\"value\":0.2");
    assertThat(Duration.ofNanos(System.nanoTime() - sent)).isLessThan(Duration.ofSeconds(2));
    ok(
        "POST",
        "/api/2.0/mlflow/runs/update",
        "{`run_id`: `%s`, `status`: `FINISHED`, `end_time`: 1700000005000}".formatted(run));
    done.get(20, TimeUnit.SECONDS);
    await(lines, "\"status\":\"FINISHED\"");
  }

  private static void await(List<String> lines, String text) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (System.nanoTime() < end) {
      synchronized (lines) {
        if (lines.stream().anyMatch(line -> line.contains(text))) return;
      }
      Thread.sleep(20);
    }
    synchronized (lines) {
      assertThat(String.join("\n", lines)).contains(text);
    }
  }

  @Test
  void datasets_and_models_of_a_run_are_told_by_both_apis() throws Exception {
    String experiment = experiment("linked");
    String run = run(experiment, "linked");
    ok(
        "POST",
        "/api/2.0/mlflow/runs/log-inputs",
        "{`run_id`: `%s`, `datasets`: [{`tags`: [{`key`: `mlflow.data.context`, `value`: `training`}], `dataset`: {`name`: `flights`, `digest`: `d1`, `source_type`: `local`, `source`: `{}`}}], `models`: [{`model_id`: `m-1`}]}"
            .formatted(run));
    String model =
        ok(
                "POST",
                "/api/2.0/mlflow/logged-models",
                "{`experiment_id`: `%s`, `name`: `tree`, `source_run_id`: `%s`}"
                    .formatted(experiment, run))
            .path("model")
            .path("info")
            .path("model_id")
            .asText();
    ok(
        "POST",
        "/api/2.0/mlflow/runs/outputs",
        "{`run_id`: `%s`, `models`: [{`model_id`: `%s`, `step`: `3`}]}".formatted(run, model));
    JsonNode told = ok("GET", "/api/2.0/mlflow/runs/get?run_id=" + run, "").path("run");
    JsonNode input = told.path("inputs").path("dataset_inputs").get(0);
    assertThat(input.path("dataset").path("digest").asText()).isEqualTo("d1");
    assertThat(input.path("tags").get(0).path("value").asText()).isEqualTo("training");
    assertThat(told.path("inputs").path("model_inputs").get(0).path("model_id").asText())
        .isEqualTo("m-1");
    assertThat(told.path("outputs").path("model_outputs").get(0).path("step").asLong())
        .isEqualTo(3);
    JsonNode detail = ok("GET", "/api/v1/runs/" + run, "");
    assertThat(detail.path("inputs").get(0).path("context").asText()).isEqualTo("training");
    assertThat(detail.path("models").get(0).path("name").asText()).isEqualTo("tree");
    JsonNode summary =
        ok(
            "POST",
            "/ajax-api/2.0/mlflow/experiments/search-datasets",
            "{`experiment_ids`: [`%s`]}".formatted(experiment));
    assertThat(summary.path("dataset_summaries").get(0).path("context").asText())
        .isEqualTo("training");
    for (String wrong :
        List.of(
            "{}",
            "{`run_id`: `%s`, `datasets`: [{}]}".formatted(run),
            "{`run_id`: `%s`, `datasets`: [{`dataset`: {`name`: `x`}}]}".formatted(run),
            "{`run_id`: `%s`, `datasets`: [{`dataset`: {`name`: `%s`, `digest`: `d`, `source_type`: `l`, `source`: `s`}}]}"
                .formatted(run, "x".repeat(501)))) {
      Answer answer = send("POST", "/api/2.0/mlflow/runs/log-inputs", wrong);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body().path("error_code").asText()).isEqualTo("INVALID_PARAMETER_VALUE");
    }
  }

  @Test
  void a_logged_model_goes_from_pending_to_ready_and_is_found_by_what_was_measured()
      throws Exception {
    String experiment = experiment("logged");
    String base = "/api/2.0/mlflow/logged-models";
    String model =
        ok(
                "POST",
                base,
                "{`experiment_id`: `%s`, `name`: `a`, `model_type`: `tree`, `params`: [{`key`: `lr`, `value`: `0.1`}], `tags`: [{`key`: `t`, `value`: `1`}]}"
                    .formatted(experiment))
            .path("model")
            .path("info")
            .path("model_id")
            .asText();
    assertThat(model).matches("m-[0-9a-f]{32}");
    String other =
        ok("POST", base, "{`experiment_id`: `%s`}".formatted(experiment))
            .path("model")
            .path("info")
            .path("model_id")
            .asText();
    JsonNode ready =
        ok(
                "PATCH",
                base + "/" + model,
                "{`model_id`: `%s`, `status`: `LOGGED_MODEL_READY`}".formatted(model))
            .path("model")
            .path("info");
    assertThat(ready.path("status").asText()).isEqualTo("LOGGED_MODEL_READY");
    String run = run(experiment, "measures");
    ok(
        "POST",
        "/api/2.0/mlflow/runs/log-metric",
        "{`run_id`: `%s`, `key`: `auc`, `value`: 0.9, `timestamp`: 1, `model_id`: `%s`, `dataset_name`: `test`, `dataset_digest`: `d1`}"
            .formatted(run, model));
    String search =
        "{`experiment_ids`: [`%s`], `filter`: `%s`, `datasets`: [%s], `order_by`: [{`field_name`:"
            + " `metrics.auc`, `ascending`: false}]}";
    for (String filter :
        List.of(
            "metrics.auc > 0.8",
            "params.lr = '0.1' AND tags.t = '1' and name = 'a'",
            "status = 'READY'",
            "model_type IN ('tree', 'x')")) {
      JsonNode found = ok("POST", base + "/search", search.formatted(experiment, filter, ""));
      assertThat(found.path("models")).as(filter).hasSize(1);
      assertThat(found.path("models").get(0).path("info").path("model_id").asText())
          .isEqualTo(model);
    }
    String on = "{`dataset_name`: `%s`}";
    assertThat(
            ok(
                "POST",
                base + "/search",
                search.formatted(experiment, "metrics.auc > 0.8", on.formatted("train"))))
        .isEmpty();
    assertThat(
            ok(
                    "POST",
                    base + "/search",
                    search.formatted(experiment, "metrics.auc > 0.8", on.formatted("test")))
                .path("models"))
        .hasSize(1);
    JsonNode all = ok("POST", base + "/search", search.formatted(experiment, "", ""));
    assertThat(all.path("models").get(0).path("info").path("model_id").asText()).isEqualTo(model);
    assertThat(all.path("models")).hasSize(2);
    JsonNode page =
        ok(
            "POST",
            base + "/search",
            "{`experiment_ids`: [`%s`], `max_results`: 1}".formatted(experiment));
    String token = page.path("next_page_token").asText();
    assertThat(token).isNotEmpty();
    assertThat(
            send(
                    "POST",
                    base + "/search",
                    "{`experiment_ids`: [`%s`], `filter`: `name = 'x'`, `page_token`: `%s`}"
                        .formatted(experiment, token))
                .status())
        .isEqualTo(400);
    assertThat(
            send(
                    "POST",
                    base + "/" + model + "/params",
                    "{`params`: [{`key`: `lr`, `value`: `0.2`}]}")
                .body()
                .path("message")
                .asText())
        .startsWith("Changing param values is not allowed.");
    ok("POST", base + "/" + model + "/params", "{`params`: [{`key`: `depth`, `value`: `3`}]}");
    ok("PATCH", base + "/" + model + "/tags", "{`tags`: [{`key`: `t`, `value`: `2`}]}");
    ok("DELETE", base + "/" + model + "/tags/t", "{}");
    assertThat(send("DELETE", base + "/" + model + "/tags/t", "{}").status()).isEqualTo(404);
    ok("DELETE", base + "/" + other, "{}");
    assertThat(send("GET", base + "/" + other, "").body().path("error_code").asText())
        .isEqualTo("RESOURCE_DOES_NOT_EXIST");
    assertThat(send("POST", base, "{`experiment_id`: `0`, `name`: `a/b`}").status()).isEqualTo(400);
  }

  @Test
  void a_deleted_experiment_frees_its_name_on_request_and_can_be_restored() throws Exception {
    String first = experiment("taken");
    ok("DELETE", "/api/v1/experiments/" + first, "");
    assertThat(send("POST", "/api/2.0/mlflow/experiments/create", "{`name`: `taken`}").status())
        .isEqualTo(400);
    ok("DELETE", "/api/v1/experiments/" + first + "?free_name=true", "");
    String second = experiment("taken");
    assertThat(second).isNotEqualTo(first);
    JsonNode restored =
        ok("POST", "/api/v1/experiments/" + first + "/restore", "{`name`: `again`}");
    assertThat(restored.path("lifecycle").asText()).isEqualTo("active");
    assertThat(restored.path("name").asText()).isEqualTo("again");
    JsonNode found = ok("GET", "/api/v1/experiments?filter=name%20like%20%27a%25%27", "");
    assertThat(found.path("experiments").get(0).path("name").asText()).isEqualTo("again");
  }

  @Test
  void a_run_is_hidden_restored_and_removed_for_good_unless_it_is_in_use() throws Exception {
    String run = run("0", "to remove");
    metric(run, "auc", 0.5, 0);
    assertThat(
            ok("POST", "/api/v1/runs/delete", "{`ids`: [`%s`]}".formatted(run))
                .path("changed")
                .asInt())
        .isEqualTo(1);
    ok("POST", "/api/v1/runs/restore", "{`ids`: [`%s`]}".formatted(run));
    ok("POST", "/api/2.0/mlflow/registered-models/create", "{`name`: `kept`}");
    ok(
        "POST",
        "/api/2.0/mlflow/model-versions/create",
        "{`name`: `kept`, `source`: `runs:/%s/model`, `run_id`: `%s`}".formatted(run, run));
    Answer refused = send("DELETE", "/api/v1/runs/" + run + "?hard=true", "");
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.body().path("code").asText()).isEqualTo("ORR-0726");
    ok("POST", "/api/v1/runs/delete", "{`ids`: [`%s`]}".formatted(run));
    JsonNode dry = ok("POST", "/api/v1/gc", "{`dry_run`: true}");
    assertThat(dry.path("rows").path("runs").asLong()).isZero();
    String other = run("0", "gone");
    metric(other, "auc", 0.5, 0);
    ok("DELETE", "/api/v1/runs/" + other, "");
    assertThat(ok("POST", "/api/v1/gc", "{}").path("rows").path("runs").asLong()).isEqualTo(1);
    assertThat(send("GET", "/api/v1/runs/" + other, "").status()).isEqualTo(404);
    assertThat(send("GET", "/api/v1/runs/" + run, "").status()).isEqualTo(200);
    String third = run("0", "third");
    ok("DELETE", "/api/v1/runs/" + third + "?hard=true", "");
    assertThat(send("GET", "/api/v1/runs/" + third, "").status()).isEqualTo(404);
  }

  @Test
  void everything_is_found_by_a_word_of_it() throws Exception {
    String experiment = experiment("Zebra hunt");
    String run = run(experiment, "quick zebra");
    ok("POST", "/api/v1/runs/" + run + "/tags", "{`tags`: {`where`: `Savanna 50%`}}");
    ok("POST", "/api/2.0/mlflow/logged-models", "{`experiment_id`: `0`, `name`: `zebra_tree`}");
    ok("POST", "/api/2.0/mlflow/registered-models/create", "{`name`: `zebra-model`}");
    JsonNode hits = ok("GET", "/api/v1/search?q=ZEBRA", "").path("hits");
    assertThat(hits.findValuesAsText("kind")).contains("run", "experiment", "model");
    assertThat(hits.findValuesAsText("name"))
        .contains("quick zebra", "Zebra hunt", "zebra_tree", "zebra-model");
    JsonNode tagged = ok("GET", "/api/v1/search?q=savanna%2050%25&kind=run", "").path("hits");
    assertThat(tagged.findValuesAsText("snippet")).containsExactly("where = Savanna 50%");
    JsonNode filtered =
        ok("GET", "/api/v1/search?q=tags.where%20like%20%27Sav%25%27", "").path("hits");
    assertThat(filtered.findValuesAsText("id")).containsExactly(run);
    assertThat(ok("GET", "/api/v1/search?q=zebra_tre&kind=run", "").path("hits")).isEmpty();
    assertThat(send("GET", "/api/v1/search?q=x&kind=rum", "").status()).isEqualTo(400);
  }
}
