package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How requests find their handlers, and what is answered when they fail.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DispatchTest {
  private static final String SECRET = "jdbc:postgresql://secret";
  private static final List<String> PREFIXES =
      List.of("/api/v1", "/api/2.0/mlflow", "/ajax-api/2.0", "/v1", "/v2", "/predict");

  private final CountDownLatch gate = new CountDownLatch(1);
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private WebServer server;
  private Path file;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    file = folder.resolve("model.bin");
    byte[] bytes = new byte[3_000_000];
    new Random(7).nextBytes(bytes);
    Files.write(file, bytes);
    Routes routes = new Routes();
    for (String prefix : PREFIXES) {
      routes.post(prefix + "/fail/{kind}", Permission.EDIT, DispatchTest::fail);
    }
    routes.get(
        "/api/v1/runs/{id}", Permission.VIEW, r -> Response.json(Map.of("id", r.path("id"))));
    routes.get("/api/v1/id/{id}", Permission.VIEW, r -> Response.text(r.id("id").toString()));
    routes.get("/predict", Permission.VIEW, DispatchTest::page);
    routes.get("/api/2.0/mlflow/page", Permission.VIEW, DispatchTest::page);
    routes.delete("/api/v1/thing?hard", Permission.EDIT, _ -> Response.text("done"));
    routes.get("/api/v1/page?limit&q&tag&a&x", Permission.VIEW, DispatchTest::page);
    RouteOptions inflated = RouteOptions.body(100_000).withGzip();
    routes.post("/v2/echo", Permission.PREDICT, inflated, r -> Response.bytes("x/y", r.body()));
    routes.post(
        "/loop", Permission.PREDICT, RouteOptions.DEFAULT.withEventLoop(), DispatchTest::thread);
    routes.post("/thread", Permission.PREDICT, DispatchTest::thread);
    routes.get("/stuck", Permission.ADMIN, this::stuck);
    RouteOptions soon = RouteOptions.DEFAULT.withDeadline(Duration.ofMillis(200));
    routes.get("/late", Permission.VIEW, soon, this::sleep);
    routes.get("/patient", Permission.VIEW, this::sleep);
    routes.get(
        "/file", Permission.VIEW, _ -> Response.file(file, "application/x-model", "a\"\r\nb.bin"));
    routes.get("/written", Permission.VIEW, _ -> Response.written("text/csv", out -> rows(out)));
    routes.get("/report", Permission.VIEW, _ -> Response.report("<h1>Report</h1>"));
    server = WebServer.start(WebOptions.anyPort(), routes);
  }

  @AfterAll
  void stop() {
    gate.countDown();
    server.close();
  }

  private static Response fail(Request request) throws Exception {
    String kind = request.path("kind");
    switch (kind) {
      case "NPE" -> throw new NullPointerException(SECRET);
      case "IO" -> throw new IOException(SECRET);
      case "STACK" -> throw new StackOverflowError(SECRET);
      case "ASSERT" -> throw new AssertionError(SECRET);
      default -> {}
    }
    Fault fault = fault(kind);
    if (fault == null) throw new IllegalArgumentException(kind);
    throw new Problem(fault, "it is wrong", "Mend it");
  }

  /// The first fault of a kind, if there is one.
  private static @Nullable Fault fault(String kind) {
    for (Fault fault : Fault.values()) if (fault.kind().name().equals(kind)) return fault;
    return null;
  }

  private static Response page(Request request) {
    return Response.text(
        "%d %s %s"
            .formatted(
                request.number("limit", 50, 1, 100),
                request.query("q", "-"),
                request.queries("tag")));
  }

  private static Response thread(Request request) {
    return Response.text(
        Thread.currentThread().isVirtual() + " " + request.json().path("a").asInt());
  }

  private Response stuck(Request request) throws InterruptedException {
    gate.await();
    return Response.text("done");
  }

  private Response sleep(Request request) {
    try {
      Thread.sleep(5_000);
      return Response.text("slept");
    } catch (InterruptedException e) {
      interrupted.set(true);
      throw new UncheckedIOException(new IOException(e));
    }
  }

  private static void rows(java.io.OutputStream out) throws IOException {
    for (int i = 0; i < 100_000; i++) out.write((i + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private Raw.Answer ask(String request) throws IOException {
    return Raw.ask(server.port(), request);
  }

  @ParameterizedTest
  @EnumSource(Problem.Kind.class)
  void every_kind_has_its_status_and_its_prefix_a_shape(Problem.Kind kind) throws IOException {
    Fault fault = fault(kind.name());
    if (fault == null) return;
    for (String prefix : PREFIXES) {
      Raw.Answer answer = ask(Raw.post(prefix + "/fail/" + kind, "{}"));
      JsonNode body = Json.tree(answer.body());
      assertThat(answer.status()).isEqualTo(Failures.status(fault));
      if (prefix.contains("2.0")) {
        assertThat(body.path("error_code").asText()).matches("[A-Z_]+");
        assertThat(body.path("message").asText()).isNotBlank();
      } else if (prefix.equals("/api/v1")) {
        assertThat(answer.headers()).containsEntry("content-type", "application/problem+json");
        assertThat(body.path("status").asInt()).isEqualTo(answer.status());
        assertThat(body.path("code").asText()).matches("ORR-\\d{4}");
        assertThat(body.has("type") && body.has("title") && body.has("detail")).isTrue();
      } else {
        assertThat(body.path("error").asText()).isNotBlank();
      }
      if (answer.status() == 503 || answer.status() == 429) {
        assertThat(answer.headers()).containsKey("retry-after");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"NPE", "IO", "STACK", "ASSERT", "INTERNAL"})
  void a_bug_tells_its_trace_id_only(String kind) throws IOException {
    for (String prefix : PREFIXES) {
      Raw.Answer answer = ask(Raw.post(prefix + "/fail/" + kind, "{}"));
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.text())
          .containsPattern("[0-9a-f]{8}-[0-9a-f-]{27}")
          .doesNotContain(SECRET, "Exception", "it is wrong", "at dev.");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/nothing,         detail",
    "/api/2.0/mlflow/nothing, message",
    "/v2/nothing,             error",
    "/v1x,                    detail",
    "/elsewhere.txt,          detail"
  })
  void an_unknown_path_is_404_in_the_shape_of_its_prefix(String path, String key)
      throws IOException {
    Raw.Answer answer = ask(Raw.get(path, "Accept: */*"));
    assertThat(answer.status()).isEqualTo(404);
    assertThat(Json.tree(answer.body()).path(key).asText()).contains(path);
  }

  @Test
  void another_method_is_405_and_says_which_are_allowed() throws IOException {
    Raw.Answer answer = ask(Raw.post("/api/v1/runs/1", "{}"));
    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.headers()).containsEntry("allow", "GET, HEAD, OPTIONS");
    assertThat(Json.tree(ask(Raw.get("/v2/echo")).body()).path("error").asText()).contains("POST");
    Raw.Answer options = ask("OPTIONS /v2/echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(options.status()).isEqualTo(204);
    assertThat(options.headers()).containsEntry("allow", "OPTIONS, POST");
  }

  @Test
  void head_answers_as_get_without_the_body() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      for (String path : List.of("/api/v1/runs/4f2", "/file", "/", "/health", "/nothing")) {
        raw.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Raw.Answer head = raw.head();
        assertThat(head.status()).isEqualTo(path.equals("/nothing") ? 404 : 200);
      }
      raw.send(Raw.get("/api/v1/runs/4f2"));
      assertThat(raw.answer().text()).isEqualTo("{\"id\":\"4f2\"}");
    }
  }

  @Test
  void parameters_are_read_and_checked() throws IOException {
    assertThat(ask(Raw.get("/api/v1/page?limit=7&q=a%20b%2Bc+d&tag=x&tag=y")).text())
        .isEqualTo("7 a b+c d [x, y]");
    assertThat(ask(Raw.get("/api/v1/page?")).text()).isEqualTo("50 - []");
    assertThat(ask(Raw.get("/api/v1/page?q=../..%2f")).text()).isEqualTo("50 ../../ []");
    for (String bad : List.of("limit=0", "limit=101", "limit=x", "limit=1e3", "q=%zz&x", "q=%ff")) {
      assertThat(ask(Raw.get("/api/v1/page?" + bad)).status()).as(bad).isEqualTo(400);
    }
    assertThat(ask(Raw.get("/api/v1/page?" + "a&".repeat(900))).status()).isEqualTo(200);
    assertThat(ask(Raw.get("/api/v1/page?" + "a&".repeat(1_100))).status()).isEqualTo(400);
    assertThat(ask(Raw.get("/api/v1/id/x")).status()).isEqualTo(400);
    assertThat(ask(Raw.get("/api/v1/id/1-1-1-1-1")).status()).isEqualTo(400);
    String id = "0190a3c0-0000-7000-8000-000000000001";
    assertThat(ask(Raw.get("/api/v1/id/" + id)).text()).isEqualTo(id);
  }

  @Test
  void a_parameter_that_means_nothing_is_refused_on_our_own_paths_only() throws IOException {
    JsonNode near = Json.tree(ask(Raw.get("/api/v1/page?lmit=7")).body());
    assertThat(near.path("code").asText()).isEqualTo("ORR-0203");
    assertThat(near.path("detail").asText())
        .isEqualTo("'lmit' is no parameter of GET /api/v1/page");
    assertThat(near.path("remedy").asText()).isEqualTo("Did you mean 'limit'");
    assertThat(ask(delete("/api/v1/thing?hrad=true")).status()).isEqualTo(400);
    assertThat(ask(delete("/api/v1/thing?hard=true")).text()).isEqualTo("done");
    JsonNode none = Json.tree(ask(Raw.get("/api/v1/runs/1?limit=7")).body());
    assertThat(none.path("remedy").asText()).isEqualTo("Leave it out; it takes none");
    assertThat(ask(Raw.get("/predict?version=1.0.0")).status()).isEqualTo(400);
    assertThat(ask(Raw.get("/predict")).status()).isEqualTo(200);
    assertThat(ask(Raw.get("/api/2.0/mlflow/page?lmit=7")).status()).isEqualTo(200);
  }

  private static String delete(String target) {
    return Raw.get(target).replaceFirst("GET", "DELETE");
  }

  @Test
  void json_is_strict() throws IOException {
    assertThat(ask(Raw.post("/thread", "{\"a\":3}")).text()).isEqualTo("true 3");
    for (String bad :
        List.of("", "{", "{\"a\":1,\"a\":2}", "{} {}", "[".repeat(200), "NaN", "{a:1}")) {
      assertThat(ask(Raw.post("/thread", bad)).status()).as(bad).isEqualTo(400);
    }
  }

  @Test
  void a_cheap_handler_may_run_on_the_network_thread() throws IOException {
    assertThat(ask(Raw.post("/loop", "{\"a\":4}")).text()).isEqualTo("false 4");
    assertThat(ask(Raw.post("/loop", "{")).status()).isEqualTo(400);
  }

  @Test
  void compressed_bodies_are_inflated_where_a_route_says_so() throws IOException {
    byte[] text = "hello ".repeat(1_000).getBytes(StandardCharsets.UTF_8);
    assertThat(compressed("/v2/echo", "gzip", gzip(text)).body()).isEqualTo(text);
    assertThat(compressed("/thread", "gzip", gzip(text)).status()).isEqualTo(415);
    assertThat(compressed("/v2/echo", "br", gzip(text)).status()).isEqualTo(415);
    assertThat(compressed("/v2/echo", "gzip, gzip", gzip(text)).status()).isEqualTo(415);
    assertThat(compressed("/v2/echo", "gzip", text).status()).isEqualTo(400);
    assertThat(compressed("/v2/echo", "gzip", gzip(new byte[100_000])).body()).hasSize(100_000);
    byte[] bomb = gzip(new byte[50_000_000]);
    assertThat(bomb.length).isLessThan(100_000);
    assertThat(compressed("/v2/echo", "gzip", bomb).status()).isEqualTo(413);
  }

  private Raw.Answer compressed(String path, String encoding, byte[] body) throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(
          "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(path, encoding, body.length));
      raw.send(body);
      return raw.answer();
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void a_late_answer_is_given_up_and_its_handler_interrupted() throws Exception {
    Raw.Answer answer = ask(Raw.get("/late"));
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers()).containsKey("retry-after");
    assertThat(answer.text()).contains("ORR-0212");
    for (int i = 0; i < 100 && !interrupted.get(); i++) Thread.sleep(20);
    assertThat(interrupted).isTrue();
    assertThat(ask(Raw.get("/patient", "X-Request-Timeout: 0.2")).status()).isEqualTo(503);
  }

  @Test
  void health_answers_and_other_lanes_go_on_when_a_lane_is_full() throws IOException {
    List<Raw> stuck = new ArrayList<>();
    int full = Lane.ADMIN.runningMax() + Lane.ADMIN.waitingMax();
    try {
      for (int i = 0; i < full; i++) {
        Raw raw = new Raw(server.port());
        raw.send(Raw.get("/stuck"));
        stuck.add(raw);
      }
      String line = "orrery_http_in_flight{lane=\"admin\"} " + full + ".0";
      for (int i = 0; i < 100 && !ask(Raw.get("/metrics")).text().contains(line); i++) {}
      Raw.Answer refused = ask(Raw.get("/stuck"));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers()).containsEntry("retry-after", "1");
      assertThat(ask(Raw.get("/health")).text()).isEqualTo("OK");
      assertThat(ask(Raw.get("/api/v1/runs/1")).status()).isEqualTo(200);
      assertThat(ask(Raw.post("/thread", "{\"a\":1}")).status()).isEqualTo(200);
    } finally {
      for (Raw raw : stuck) raw.close();
    }
  }

  @Test
  void until_it_is_ready_everything_is_503() throws IOException {
    server.ready(false);
    try {
      for (String path : List.of("/health", "/api/v1/runs/1", "/", "/metrics", "/v2/echo")) {
        Raw.Answer answer = ask(Raw.get(path));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("retry-after");
      }
    } finally {
      server.ready(true);
    }
    assertThat(ask(Raw.get("/health")).text()).isEqualTo("OK");
  }

  @Test
  void files_and_written_bodies_arrive_whole() throws IOException {
    Raw.Answer answer = ask(Raw.get("/file"));
    assertThat(answer.body()).isEqualTo(Files.readAllBytes(file));
    assertThat(answer.headers())
        .containsEntry("content-type", "application/x-model")
        .containsEntry("content-disposition", "attachment; filename=\"a___b.bin\"")
        .containsEntry("x-content-type-options", "nosniff");
    String rows = ask(Raw.get("/written")).text();
    assertThat(rows).startsWith("0\n1\n").endsWith("99999\n").hasLineCount(100_000);
  }

  @Test
  void answers_are_inert_in_a_browser() throws IOException {
    Map<String, String> data = ask(Raw.get("/api/v1/runs/1")).headers();
    assertThat(data)
        .containsEntry("x-content-type-options", "nosniff")
        .containsEntry("cache-control", "no-store")
        .containsEntry("cross-origin-resource-policy", "same-origin")
        .doesNotContainKeys("access-control-allow-origin", "server");
    assertThat(data.get("content-security-policy")).contains("default-src 'none'", "sandbox");
    assertThat(ask(Raw.get("/report")).headers().get("content-security-policy"))
        .contains("default-src 'none'", "sandbox")
        .doesNotContain("script-src");
  }

  @Test
  void metrics_are_in_the_text_format_of_prometheus() throws IOException {
    ask(Raw.get("/api/v1/runs/1"));
    Raw.Answer answer = ask(Raw.get("/metrics"));
    assertThat(answer.headers().get("content-type")).startsWith("text/plain; version=0.0.4");
    assertThat(answer.text())
        .contains("# TYPE orrery_http_requests_seconds histogram")
        .contains("route=\"/api/v1/runs/{id}\"")
        .contains("orrery_http_connections ");
  }
}
