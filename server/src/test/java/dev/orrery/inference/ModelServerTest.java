package dev.orrery.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import dev.orrery.Golden;
import dev.orrery.ModelServer;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.web.WebOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A server of a real LightGBM model, over every protocol.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelServerTest {
  private static final Path CHURN = Path.of("../conformance/inference/churn.txt");
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);
  private static final String ROW = "{\"age\":1,\"income\":2,\"tenure\":3,\"visits\":4}";
  private static final String V2 =
      """
      {"id":"q","inputs":[{"name":"input","shape":[2,4],"datatype":"FP64",\
      "data":[1,2,3,4,0.1,null,0.3,0.4]}]}\
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private ModelServer server;

  @BeforeAll
  void start() {
    server = ModelServer.start(List.of(CHURN), CatalogOptions.DEFAULT, WebOptions.anyPort(), CLOCK);
  }

  @AfterAll
  void stop() {
    server.close();
    http.close();
  }

  private HttpResponse<String> ask(String method, String path, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) request.headers(headers);
    try {
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void wire_formats_stay_as_they_are() throws IOException {
    var told = new StringBuilder();
    List<String> asked =
        List.of(
            "GET /v2",
            "GET /v2/health/live",
            "GET /v2/health/ready",
            "GET /v2/models/churn",
            "GET /v2/models/churn/versions/1/ready",
            "GET /v2/models/churn/config",
            "POST /v2/models/churn/infer " + V2,
            "POST /v2/models/churn/versions/2/infer " + V2,
            "POST /v2/models/chrun/infer " + V2,
            "POST /v2/models/churn/infer {\"inputs\":[]}",
            "POST /v2/repository/index",
            "POST /v2/repository/models/churn/load {\"parameters\":{\"config\":\"{}\"}}",
            "GET /v2/nothing",
            "GET /v1/models",
            "GET /v1/models/churn",
            "GET /v1/models/churn/metadata",
            "POST /v1/models/churn:predict {\"instances\":[" + ROW + "]}",
            "POST /v1/models/churn:predict {\"inputs\":[[1,2,3,NaN]]}",
            "POST /v1/models/churn:classify {\"examples\":[" + ROW + "]}",
            "POST /v1/models/churn:regress {\"examples\":[" + ROW + "]}",
            "POST /v1/models/churn:explain {}",
            "POST /invocations {\"dataframe_records\":[" + ROW + "]}",
            "POST /invocations {}",
            "POST /predict {\"features\":[1,2,3,4]}",
            "POST /predict {\"rows\":[" + ROW + "]}",
            "POST /predict {\"age\":1,\"incom\":2}",
            "POST /predictions/churn {\"instances\":[[1,2,3,4]]}");
    for (String line : asked) {
      String[] parts = line.split(" ", 3);
      var answer = ask(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
      told.append(line).append('\n');
      told.append(answer.statusCode()).append(' ').append(answer.body()).append("\n\n");
    }
    Golden.check("server/src/test/golden/inference.txt", told.toString());
  }

  @Test
  void texts_that_a_file_s_encoders_do_not_know_are_counted() throws IOException {
    Path file = Path.of("src/test/resources/onnx/churn_pipeline.onnx");
    String body =
        """
        {"inputs":[{"name":"tenure","shape":[3,1],"datatype":"FP32","data":[1,2,3]},
        {"name":"charges","shape":[3,1],"datatype":"FP32","data":[1,2,3]},
        {"name":"city","shape":[3,1],"datatype":"BYTES","data":["Seoul","Paris","Rome"]},
        {"name":"plan","shape":[3,1],"datatype":"BYTES","data":["free","pro","team"]}]}
        """;
    try (var other =
        ModelServer.start(List.of(file), CatalogOptions.DEFAULT, WebOptions.anyPort(), CLOCK)) {
      URI at = URI.create("http://127.0.0.1:" + other.port());
      for (String path : List.of("/metrics", "/v2/models/churn_pipeline/infer", "/metrics")) {
        var request = HttpRequest.newBuilder(at.resolve(path));
        if (path.startsWith("/v2")) request.POST(HttpRequest.BodyPublishers.ofString(body));
        var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        if (path.startsWith("/v2")) continue;
        String counted = "model_unseen_categories_total{feature=\"%s\",model=\"churn_pipeline\",";
        boolean isBefore = !answer.body().contains("/v2/models");
        assertThat(answer.body())
            .contains(counted.formatted("city") + "version=\"1\"} " + (isBefore ? "0.0" : "2.0"))
            .contains(counted.formatted("plan") + "version=\"1\"} 0.0");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void grpc_ends_with_its_status_behind_every_answer() {
    WebClient client = WebClient.of("h2c://127.0.0.1:" + server.port());
    AggregatedHttpResponse ready = call(client, "ModelReady", new ProtoOut().string(1, "churn"));
    assertThat(ready.trailers().get("grpc-status")).isEqualTo("0");
    assertThat(ready.content().array()).containsExactly(0, 0, 0, 0, 2, 8, 1);
    AggregatedHttpResponse wrong = call(client, "ModelReady", new ProtoOut().string(1, "chrun"));
    assertThat(wrong.trailers().get("grpc-status")).isEqualTo("5");
    assertThat(wrong.trailers().get("grpc-message")).contains("Did you mean 'churn'");
    assertThat(call(client, "TraceSetting", new ProtoOut()).trailers().get("grpc-status"))
        .isEqualTo("12");
    assertThat(call(client, "ModelInfer", new ProtoOut()).trailers().get("grpc-status"))
        .isEqualTo("5");
  }

  private static AggregatedHttpResponse call(WebClient client, String method, ProtoOut message) {
    byte[] bytes = message.toBytes();
    byte[] framed = new byte[bytes.length + 5];
    framed[4] = (byte) bytes.length;
    System.arraycopy(bytes, 0, framed, 5, bytes.length);
    var headers =
        RequestHeaders.builder(HttpMethod.POST, "/inference.GRPCInferenceService/" + method)
            .set("content-type", "application/grpc")
            .set("te", "trailers")
            .build();
    return client.execute(headers, HttpData.wrap(framed)).aggregate().join();
  }

  @Test
  void a_file_is_scored_as_the_server_answers_its_rows() {
    var random = new Random(5);
    var columns = new LinkedHashMap<String, Table.Column>();
    for (String name : List.of("label", "visits", "age", "income", "tenure")) {
      double[] values = random.doubles(50, -3, 3).toArray();
      values[7] = Double.NaN;
      columns.put(name, new Table.Numbers(values));
    }
    Table table = Table.of(columns);
    try (var scorer = new TableScorer(CHURN, CLOCK)) {
      for (int row = 0; row < table.rows(); row++) {
        var object = new LinkedHashMap<String, Object>();
        for (String name : List.of("age", "income", "tenure", "visits")) {
          object.put(name, table.column(name).value(row));
        }
        String online =
            Json.tree(ask("POST", "/predict", Json.text(object)).body().getBytes())
                .path("score")
                .get(0)
                .asText();
        assertThat(scorer.score(table, row, row + 1)).containsExactly(List.of(online));
      }
    }
  }

  @Test
  void a_page_tries_a_model_without_scripts_and_shows_what_it_was_given_as_text() {
    var page = ask("POST", "/try/churn", "age=%3Cscript%3E&income=2&tenure=3&visits=4");
    assertThat(page.body()).contains("&lt;script&gt;").doesNotContain("<script");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'");
    assertThat(ask("POST", "/try/churn", "age=1&income=2&tenure=3&visits=").body())
        .contains("<code>[0.");
    assertThat(ask("GET", "/try", "").body()).contains("/try/churn");
  }

  @Test
  void folders_of_versions_are_models_and_the_newest_answers(@TempDir Path folder)
      throws IOException {
    for (String version : List.of("1", "2", "10")) {
      Path at = Files.createDirectories(folder.resolve("late").resolve(version));
      Files.copy(CHURN, at.resolve("model.txt"));
    }
    Files.copy(CHURN, folder.resolve("other@1.2.0.txt"));
    try (Catalog catalog = Catalog.of(List.of(folder), CatalogOptions.DEFAULT, CLOCK)) {
      assertThat(catalog.get("late").versions().stream().map(Servable.Version::version))
          .containsExactly("10", "2", "1");
      assertThat(catalog.get("other").versions().getFirst().version()).isEqualTo("1.2.0");

      Path eleven = Files.createDirectories(folder.resolve("late").resolve("11"));
      Files.copy(CHURN, eleven.resolve("model.txt"));
      Files.delete(folder.resolve("late").resolve("1").resolve("model.txt"));
      Files.copy(CHURN, folder.resolve("new.txt"));
      catalog.load("late");
      catalog.load("new");
      assertThat(catalog.get("late").metadata(java.util.Optional.empty()).versions())
          .containsExactly("11", "10", "2");
      assertThat(catalog.get("new").ready(java.util.Optional.empty())).isTrue();
      assertThatThrownBy(() -> catalog.load("none")).isInstanceOf(Problem.class);
    }
  }

  @Test
  void what_is_no_model_is_refused_before_anything_listens(@TempDir Path folder)
      throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.txt"), "tree\nnothing");
    assertThatThrownBy(() ->
            ModelServer.start(List.of(bad), CatalogOptions.DEFAULT, WebOptions.anyPort(), CLOCK))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> ModelFiles.of(List.of(folder.resolve("none.txt"))))
        .hasMessageContaining("none.txt");
  }
}
