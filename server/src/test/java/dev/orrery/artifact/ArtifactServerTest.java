package dev.orrery.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files over a real server, as MLflow's clients and browsers see them.
class ArtifactServerTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String PROXY = "/api/2.0/mlflow-artifacts/artifacts";

  @TempDir static Path home;
  private static Orrery orrery;

  @BeforeAll
  static void start() {
    orrery = Orrery.start(OrreryOptions.of(home, 0).withReserve(0), InstantSource.system());
  }

  @AfterAll
  static void stop() {
    orrery.close();
  }

  private static HttpResponse<byte[]> send(HttpRequest.Builder request) throws Exception {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(URI.create(orrery.address() + path));
  }

  private static HttpResponse<byte[]> put(String path, byte[] bytes) throws Exception {
    return send(at(PROXY + path).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  private static HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = at(path);
    if (headers.length > 0) request.headers(headers);
    return send(request);
  }

  private static HttpResponse<byte[]> post(String path, String json) throws Exception {
    return send(
        at(path)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void the_proxy_lists_gives_and_deletes_as_mlflow_does() throws Exception {
    assertThat(text(put("/wire/d/a.txt", utf8("hello")))).isEqualTo("{}");
    assertThat(text(put("/wire/d/sub/model.pkl", utf8("x")))).isEqualTo("{}");
    assertThat(text(get(PROXY + "?path=wire/d")))
        .isEqualTo(
            """
            {"files":[{"path":"a.txt","is_dir":false,"file_size":5},{"path":"sub","is_dir":true}]}\
            """);
    for (String nothing : List.of("wire/none", "wire/d/a.txt")) {
      assertThat(text(get(PROXY + "?path=" + nothing))).isEqualTo("{}");
    }
    HttpResponse<byte[]> file = get("/ajax-api/2.0/mlflow-artifacts/artifacts/wire/d/a.txt");
    assertThat(text(file)).isEqualTo("hello");
    assertThat(file.headers().map())
        .containsEntry("content-type", List.of("text/plain"))
        .containsEntry("content-disposition", List.of("attachment; filename=a.txt"))
        .containsEntry("x-content-type-options", List.of("nosniff"))
        .containsEntry("accept-ranges", List.of("bytes"));
    assertThat(get(PROXY + "/wire/d/sub/model.pkl").headers().firstValue("content-type"))
        .contains("application/octet-stream");
    HttpResponse<byte[]> missing = get(PROXY + "/wire/d/none");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(text(missing)).contains("RESOURCE_DOES_NOT_EXIST");
    assertThat(text(send(at(PROXY + "/wire/d").DELETE()))).isEqualTo("{}");
    assertThat(text(get(PROXY + "?path=wire"))).isEqualTo("{}");
    assertThat(send(at(PROXY + "/wire/d").DELETE()).statusCode()).isEqualTo(404);
  }

  @Test
  void ranges_are_those_of_rfc_9110() throws Exception {
    byte[] bytes = new byte[700_000];
    new Random(3).nextBytes(bytes);
    put("/range/f.bin", bytes);
    String path = PROXY + "/range/f.bin";
    String etag = '"' + Digest.of(bytes).hex() + '"';
    record Case(String range, int status, int from, int to) {}
    for (Case c :
        List.of(
            new Case("bytes=0-0", 206, 0, 1),
            new Case("bytes=100-", 206, 100, 700_000),
            new Case("bytes=-5", 206, 699_995, 700_000),
            new Case("bytes=-900000", 206, 0, 700_000),
            new Case("bytes=262000-263000", 206, 262_000, 263_001),
            new Case("bytes=699999-800000", 206, 699_999, 700_000),
            new Case("bytes=700000-", 416, 0, 0),
            new Case("bytes=-0", 416, 0, 0),
            new Case("bytes=5-2", 200, 0, 700_000),
            new Case("bytes=0-1,4-5", 200, 0, 700_000),
            new Case("lines=1-2", 200, 0, 700_000))) {
      HttpResponse<byte[]> answer = get(path, "range", c.range());
      assertThat(answer.statusCode()).as(c.range()).isEqualTo(c.status());
      assertThat(answer.headers().firstValue("etag")).contains(etag);
      assertThat(answer.body())
          .as(c.range())
          .isEqualTo(Arrays.copyOfRange(bytes, c.from(), c.to()));
    }
    assertThat(get(path, "range", "bytes=0-3", "if-range", etag).statusCode()).isEqualTo(206);
    assertThat(get(path, "range", "bytes=0-3", "if-range", "\"old\"").statusCode()).isEqualTo(200);
    assertThat(get(path, "if-none-match", etag).statusCode()).isEqualTo(304);
    HttpResponse<byte[]> head = send(at(path).method("HEAD", HttpRequest.BodyPublishers.noBody()));
    assertThat(head.headers().firstValue("content-length")).contains("700000");
  }

  @Test
  void a_preview_runs_nothing() throws Exception {
    String run = run();
    String files = "/0/" + run + "/artifacts/";
    put(files + "page.html", utf8("<script>alert(1)</script>"));
    put(files + "p.svg", utf8("<svg onload='alert(1)'/>"));
    put(files + "false.png", utf8("<script>"));
    put(files + "model.bin", new byte[] {1, 0, 2});
    put(files + "long.csv", utf8("é,1\n".repeat(300_000)));
    String preview = "/api/v1/runs/" + run + "/artifacts/preview/";
    for (String name : List.of("page.html", "p.svg", "false.png", "long.csv")) {
      HttpResponse<byte[]> answer = get(preview + name);
      assertThat(answer.statusCode()).as(name).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-type")).contains("text/plain; charset=utf-8");
      assertThat(answer.headers().firstValue("content-security-policy").orElse(""))
          .contains("default-src 'none'")
          .contains("sandbox");
      assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
      assertThat(answer.body().length).isLessThanOrEqualTo(1 << 20);
    }
    assertThat(get(preview + "model.bin").statusCode()).isEqualTo(415);
    assertThat(text(get("/api/v1/runs/" + run + "/artifacts")))
        .contains("\"path\":\"page.html\",\"is_dir\":false,\"size\":25,\"digest\":");
    assertThat(text(get("/api/2.0/mlflow/artifacts/list?run_id=" + run)))
        .startsWith("{\"root_uri\":\"mlflow-artifacts:/0/%s/artifacts\"".formatted(run));
    assertThat(get("/api/v1/runs/" + "f".repeat(32) + "/artifacts").statusCode()).isEqualTo(404);
    assertThat(put("/0/" + "f".repeat(32) + "/artifacts/x", utf8("x")).statusCode()).isEqualTo(404);
  }

  private static String run() throws Exception {
    HttpResponse<byte[]> made = post("/api/2.0/mlflow/runs/create", "{\"experiment_id\":\"0\"}");
    return Json.tree(made.body()).path("run").path("info").path("run_id").asText();
  }

  @Test
  void hostile_spellings_in_a_url_are_refused_and_change_nothing() throws Exception {
    String root = PROXY + "/0/" + run() + "/artifacts/";
    put(root.substring(PROXY.length()) + "a", utf8("x"));
    long before = files();
    Set<String> urls = new HashSet<>();
    for (String path : HostilePaths.all()) {
      if (path.isEmpty() || path.equals("\ud800")) continue;
      urls.add(encoded(path, false));
      urls.add(encoded(path, true));
    }
    for (String raw :
        List.of(
            "..",
            "../x",
            "a/../../x",
            "%2e%2e/x",
            "..%2fx",
            "a/./b",
            "..%5cx",
            "%00",
            "a\\b",
            "a%",
            "%zz",
            "%c0%ae%c0%ae/x",
            "%ff",
            "a/%2e",
            "/etc/passwd",
            "a//b")) {
      urls.add(raw);
    }
    int refused = 0;
    for (String url : urls) {
      for (String method : List.of("PUT", "GET", "DELETE")) {
        String answer = raw(method, root + url);
        // What '#' and '?' end was refused before, or never was part of the path.
        assertThat(answer).as("%s %s", method, url).matches("(?s)HTTP/1.1 4\\d\\d .*");
        assertThat(answer).doesNotContain("Exception").doesNotContain("\tat ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(600);
    assertThat(files()).isEqualTo(before);
    assertThat(text(get(root + "a"))).isEqualTo("x");
    System.out.printf("hostile: %d requests refused, nothing changed%n", refused);
  }

  private static String encoded(String path, boolean all) {
    StringBuilder url = new StringBuilder();
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      boolean plain = c > ' ' && c < 0x7F && "%\\#?".indexOf(c) < 0;
      boolean slash = c == '/';
      if (plain && (!all || slash)) url.append(c);
      else url.append("%%%02X".formatted((int) c));
    }
    return url.toString();
  }

  private static String raw(String method, String target) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", orrery.port())) {
      socket.setSoTimeout(10_000);
      String body = method.equals("PUT") ? "evil" : "";
      String head =
          "%s %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
              .formatted(method, target, body.length(), body);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static long files() throws IOException {
    try (var all = Files.walk(home.resolve(".orrery/blobs"))) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  @Test
  void a_flipped_bit_is_seen_and_never_served() throws Exception {
    Random random = new Random(23);
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      byte[] bytes = new byte[1 + random.nextInt(i % 8 == 0 ? 2_000_000 : 50_000)];
      random.nextBytes(bytes);
      contents.add(bytes);
      put("/rot/f" + i, bytes);
    }
    Set<Integer> rotten = new HashSet<>();
    while (rotten.size() < 50) rotten.add(random.nextInt(80));
    for (int i : rotten) {
      byte[] bytes = contents.get(i).clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      String hex = Digest.of(contents.get(i)).hex();
      Path file = home.resolve(".orrery/blobs").resolve(hex.substring(0, 2)).resolve(hex);
      FileTime modified = Files.getLastModifiedTime(file);
      Files.write(file, bytes);
      Files.setLastModifiedTime(file, modified);
    }
    for (int i = 0; i < 80; i++) {
      HttpResponse<byte[]> answer = get(PROXY + "/rot/f" + i);
      if (rotten.contains(i)) {
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(text(answer)).contains("DATA_LOSS").contains("rot/f" + i);
        assertThat(get(PROXY + "/rot/f" + i, "range", "bytes=0-0").statusCode()).isEqualTo(500);
      } else {
        assertThat(answer.body()).isEqualTo(contents.get(i));
      }
    }
    String found = verified();
    for (int i : rotten) {
      assertThat(found).contains(Digest.of(contents.get(i)).hex()).contains("rot/f" + i + "\"");
    }
    assertThat(Json.tree(found.getBytes(StandardCharsets.UTF_8)).path("damaged")).hasSize(50);
    for (int i : rotten) put("/rot/f" + i, contents.get(i));
    assertThat(Json.tree(utf8(verified())).path("damaged")).isEmpty();
    System.out.println("bit rot: 50 of 80 files damaged, 50 refused, 50 listed, 50 healed");
  }

  private static String verified() throws Exception {
    post("/api/v1/verify", "");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      String state = text(get("/api/v1/verify"));
      if (state.contains("\"running\":false")) return state;
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}
