package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Permission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is refused on the wire, before any handler hears of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WireTest {
  private static final WebOptions.Limits IMPATIENT =
      new WebOptions.Limits(
          Duration.ofMillis(400),
          Duration.ofMillis(400),
          1_024,
          Duration.ofSeconds(2),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));

  private final ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
  @TempDir private Path folder;
  private WebServer server;

  @BeforeAll
  void start() {
    Routes routes = new Routes();
    Handler echo =
        request -> {
          heard.add(request.method() + " " + request.path() + " " + request.body().length);
          return Response.bytes("application/octet-stream", request.body());
        };
    routes.get("/echo", Permission.VIEW, echo);
    routes.post("/echo", Permission.VIEW, RouteOptions.body(100_000), echo);
    routes.get("/big", Permission.VIEW, _ -> Response.bytes("x/y", new byte[50_000_000]));
    routes.put("/file/{name}", Permission.EDIT, RouteOptions.streamed(3_000_000), this::keep);
    routes.get("/name/{name}", Permission.VIEW, request -> Response.text(request.path("name")));
    server = WebServer.start(WebOptions.anyPort().withLimits(IMPATIENT), routes);
  }

  /// Keeps a body as a file under another name first, as a store does.
  private Response keep(Request request) throws IOException {
    Path part = folder.resolve(request.path("name") + ".part");
    try (var in = request.stream();
        var out = Files.newOutputStream(part)) {
      in.transferTo(out);
      Files.move(part, folder.resolve(request.path("name")));
    } finally {
      Files.deleteIfExists(part);
      heard.add("kept " + request.path("name"));
    }
    return Response.text("kept");
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @BeforeEach
  void forget() {
    heard.clear();
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Test
  void sound_requests_share_a_connection() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      for (int i = 0; i < 3; i++) {
        raw.send(Raw.post("/echo", "hello"));
        assertThat(raw.answer().text()).isEqualTo("hello");
        raw.send(Raw.get("/echo"));
        assertThat(raw.answer().status()).isEqualTo(200);
        raw.send(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n");
        assertThat(raw.answer().text()).isEqualTo("hello world");
      }
    }
  }

  @Test
  void requests_sent_byte_by_byte_are_read() throws IOException {
    String all =
        Raw.post("/echo", "hello")
            + "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0\r\n\r\n"
            + Raw.get("/echo");
    try (Raw raw = new Raw(server.port())) {
      for (char c : all.toCharArray()) raw.send(String.valueOf(c));
      assertThat(raw.answer().text()).isEqualTo("hello");
      assertThat(raw.answer().text()).isEqualTo("hello");
      assertThat(raw.answer().text()).isEmpty();
    }
  }

  @Test
  void pipelined_requests_are_answered_in_their_order() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.post("/echo", "one") + Raw.get("/name/two") + Raw.post("/echo", "three"));
      assertThat(raw.answer().text()).isEqualTo("one");
      assertThat(raw.answer().text()).isEqualTo("two");
      assertThat(raw.answer().text()).isEqualTo("three");
    }
  }

  @Test
  void a_refusal_waits_for_the_answers_before_it() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/name/one") + "GET /name/two HTTP/9.9\r\nHost: localhost\r\n\r\n");
      assertThat(raw.answer().text()).isEqualTo("one");
      assertThat(raw.answer().status()).isEqualTo(400);
      assertThat(raw.closed(5_000)).isTrue();
    }
  }

  /// `{}` stands for the smuggled request.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: localhost\nContent-Length: 6\nTransfer-Encoding: chunked\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: chunked\nContent-Length: 6\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: chunked, identity\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: identity, chunked\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding: xchunked\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding:\n\n0\n\n{}",
        "Host: localhost\nTransfer-Encoding : chunked\n\n0\n\n{}",
        "Host: localhost\n Transfer-Encoding: chunked\n\n0\n\n{}",
        "Host: localhost\nX: a\n b\n\n{}",
        "Host: localhost\nX: a\n\tb: c\n\n{}",
        "Host: localhost\nContent-Length: 0\nContent-Length: 0\n\n{}",
        "Host: localhost\nContent-Length: 0, 0\n\n{}",
        "Host: localhost\nContent-Length: +0\n\n{}",
        "Host: localhost\nContent-Length: -1\n\n{}",
        "Host: localhost\nContent-Length: 0x0\n\n{}",
        "Host: localhost\nContent-Length: 99999999999999999999\n\n{}",
        "Host: localhost\nContent-Length:\n\n{}",
        "Host: localhost\nNo colon\n\n{}",
        "Host: localhost\n: no name\n\n{}",
        "Host: localhost\nNul: a\u0000b\n\n{}",
        "Host: localhost\nNäme: a\n\n{}",
        "Host: localhost\nHost: localhost\n\n{}",
        "Host: localhost\nhost: example.org\n\n{}",
        "X: no host\n\n{}",
      })
  void ambiguous_headers_are_refused(String rest) throws IOException {
    refused("POST /echo HTTP/1.1\r\n" + rest.replace("\n", "\r\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /echo HTTP/9.9",
        "POST /echo HTTP/1.2",
        "POST /echo HTTP/2.0",
        "POST /echo http/1.1",
        "POST /echo HTTP/1.11",
        "POST /echo",
        "POST  /echo HTTP/1.1",
        "POST /echo  HTTP/1.1",
        "POST /e cho HTTP/1.1",
        "POST\t/echo HTTP/1.1",
        " POST /echo HTTP/1.1",
        "POST echo HTTP/1.1",
        "POST http://localhost/echo HTTP/1.1",
        "POST * HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "CONNECT localhost:80 HTTP/1.1",
        "TRACE /echo HTTP/1.1",
        "CONNECT /echo HTTP/1.1",
        "PROPFIND /echo HTTP/1.1",
        "post /echo HTTP/1.1",
        "",
        "PRI * HTTP/2.0 ",
      })
  void malformed_request_lines_are_refused(String line) throws IOException {
    refused(line + "\r\nHost: localhost\r\n\r\n{}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /echo HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n{}",
        "POST /echo HTTP/1.1\r\nHost: localhost\nContent-Length: 0\r\n\r\n{}",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\n{}",
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n{}",
        "POST /echo HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{}",
        "POST /echo HTTP/1.0\r\nContent-Length: 0\r\n\r\n{}",
      })
  void line_ends_and_old_versions_are_held_to_the_letter(String request) throws IOException {
    refused(request);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\nhello\r\n0\r\n\r\n{}",
        "5\r\nhelloX0\r\n\r\n{}",
        "5\nhello\r\n0\r\n\r\n{}",
        "5 \r\nhello\r\n0\r\n\r\n{}",
        " 5\r\nhello\r\n0\r\n\r\n{}",
        "0x5\r\nhello\r\n0\r\n\r\n{}",
        "-5\r\nhello\r\n0\r\n\r\n{}",
        "+5\r\nhello\r\n0\r\n\r\n{}",
        "5\r\nhello\n0\r\n\r\n{}",
        "5;\nx\r\nhello\r\n0\r\n\r\n{}",
        "111111111\r\nhello\r\n0\r\n\r\n{}",
        "5\r\nhello\r\n0\r\nX: trailer\r\n\r\n{}",
        "5\r\nhello\r\n0\r\n{}",
      })
  void broken_chunks_are_refused(String body) throws IOException {
    refused("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  }

  @Test
  void a_flood_of_tiny_chunks_is_refused() throws IOException {
    refused(
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "1\r\na\r\n".repeat(3_000)
            + "0\r\n\r\n{}");
  }

  /// Sends it with a second request hidden in it, and expects one refusal, an end, and no handler.
  private void refused(String request) throws IOException {
    String hidden = Raw.get("/echo");
    try (Raw raw = new Raw(server.port())) {
      raw.send(request.replace("{}", hidden));
      List<Integer> statuses = raw.statuses();
      assertThat(statuses).hasSize(1);
      assertThat(statuses.getFirst()).isBetween(400, 499);
      assertThat(heard).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 200_000})
  void a_long_url_is_refused(int length) throws IOException {
    Raw.Answer answer = Raw.ask(server.port(), Raw.get("/" + "a".repeat(length)));
    assertThat(answer.status()).isEqualTo(414);
  }

  @Test
  void large_or_many_headers_are_refused() throws IOException {
    String big = "X: " + "a".repeat(20_000);
    assertThat(Raw.ask(server.port(), Raw.get("/echo", big)).status()).isEqualTo(431);
    String[] several = new String[6];
    Arrays.fill(several, "X: " + "a".repeat(15_000));
    assertThat(Raw.ask(server.port(), Raw.get("/echo", several)).status()).isEqualTo(431);
    String[] many = new String[150];
    Arrays.fill(many, "X: a");
    assertThat(Raw.ask(server.port(), Raw.get("/echo", many)).status()).isEqualTo(431);
    String fine = "X: " + "a".repeat(15_000);
    assertThat(Raw.ask(server.port(), Raw.get("/echo", fine, fine, fine)).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/name/a%2Fb",
        "/name/a%2fb",
        "/name/a%5Cb",
        "/name/a\\b",
        "/name/%00",
        "/name/%0d%0a",
        "/name/..",
        "/name/../echo",
        "/name/%2e%2e",
        "/name/%2e%2e/echo",
        "/name/.%2e/echo",
        "/name/./a",
        "/name/%",
        "/name/%4",
        "/name/%zz",
        "/name/%c0%ae",
        "/name/%ff",
        "/name/a#b",
        "/name/\u00e9",
      })
  void paths_that_could_be_read_in_two_ways_are_refused(String target) throws IOException {
    assertThat(Raw.ask(server.port(), Raw.get(target)).status()).isEqualTo(400);
  }

  @Test
  void a_path_variable_is_one_segment_decoded_once() throws IOException {
    assertThat(Raw.ask(server.port(), Raw.get("/name/a%20b+c")).text()).isEqualTo("a b+c");
    assertThat(Raw.ask(server.port(), Raw.get("/name/%ed%95%9c")).text()).isEqualTo("한");
    assertThat(Raw.ask(server.port(), Raw.get("/name/%2541")).text()).isEqualTo("%41");
    assertThat(Raw.ask(server.port(), Raw.get("/name/a;b=c")).text()).isEqualTo("a;b=c");
    assertThat(Raw.ask(server.port(), Raw.get("/n%61me/x")).text()).isEqualTo("x");
    assertThat(Raw.ask(server.port(), Raw.get("//name/x")).status()).isEqualTo(404);
    assertThat(Raw.ask(server.port(), Raw.get("/name//x")).status()).isEqualTo(404);
    assertThat(Raw.ask(server.port(), Raw.get("/name/x/")).status()).isEqualTo(404);
  }

  @Test
  void slow_headers_are_answered_408() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send("GET /echo HTTP/1.1\r\nHost: loc");
      assertThat(raw.answer().status()).isEqualTo(408);
      assertThat(raw.closed(5_000)).isTrue();
    }
  }

  @Test
  void slow_bodies_are_dropped() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nab");
      assertThat(raw.closed(5_000)).isTrue();
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void idle_connections_are_dropped() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/echo"));
      raw.answer();
      assertThat(raw.closed(6_000)).isTrue();
    }
    try (Raw raw = new Raw(server.port())) {
      assertThat(raw.closed(6_000)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100_001, 10_000_000, 50_000_000})
  void the_sender_of_a_large_body_sees_why_it_is_refused(int length) throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n".formatted(length));
      raw.send(new byte[length]);
      Raw.Answer answer = raw.answer();
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.text()).contains("100,000 bytes").contains("ORR-0208");
      assertThat(raw.closed(5_000)).isTrue();
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void so_does_the_sender_of_a_large_body_in_chunks() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "10000\r\n" + "a".repeat(0x10000) + "\r\n";
      for (int i = 0; i < 160; i++) raw.send(chunk);
      raw.send("0\r\n\r\n");
      assertThat(raw.answer().status()).isEqualTo(413);
      assertThat(raw.closed(5_000)).isTrue();
    }
    assertThat(heard).isEmpty();
  }

  @Test
  void a_body_of_exactly_the_cap_is_read() throws IOException {
    assertThat(Raw.ask(server.port(), Raw.post("/echo", "a".repeat(100_000))).body())
        .hasSize(100_000);
  }

  @Test
  void a_body_announced_too_large_is_refused_before_it_is_sent() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(
          "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
              + "Content-Length: 100001\r\n\r\n");
      assertThat(raw.answer().status()).isIn(413, 100);
    }
  }

  @Test
  void a_streamed_body_arrives_whole_and_a_cut_one_leaves_nothing() throws Exception {
    byte[] bytes = new byte[2_500_000];
    new java.util.Random(3).nextBytes(bytes);
    try (Raw raw = new Raw(server.port())) {
      raw.send(put("whole", bytes.length));
      raw.send(bytes);
      assertThat(raw.answer().text()).isEqualTo("kept");
      raw.send(Raw.get("/echo"));
      assertThat(raw.answer().status()).isEqualTo(200);
    }
    assertThat(folder.resolve("whole")).hasBinaryContent(bytes);
    heard.clear();
    try (Raw raw = new Raw(server.port())) {
      raw.send(put("cut", bytes.length));
      raw.send(Arrays.copyOf(bytes, 1_000_000));
    }
    for (int i = 0; i < 250 && heard.isEmpty(); i++) Thread.sleep(20);
    assertThat(heard).contains("kept cut");
    assertThat(files()).containsExactly("whole");
  }

  @Test
  void a_streamed_body_has_a_cap_too() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(put("huge", 3_000_001));
      raw.send(new byte[3_000_001]);
      assertThat(raw.answer().status()).isEqualTo(413);
    }
    try (Raw raw = new Raw(server.port())) {
      raw.send("PUT /file/vast HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "100000\r\n" + "a".repeat(0x100000) + "\r\n";
      for (int i = 0; i < 6; i++) raw.send(chunk);
      raw.send("0\r\n\r\n");
      assertThat(raw.answer().status()).isEqualTo(413);
      assertThat(raw.closed(5_000)).isTrue();
    }
    assertThat(files()).doesNotContain("huge", "huge.part", "vast");
  }

  private static String put(String name, int length) {
    return "PUT /file/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
        .formatted(name, length);
  }

  @Test
  void a_reader_that_takes_nothing_is_dropped() throws Exception {
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/big"));
      Thread.sleep(4_000);
      assertThatThrownBy(
              () -> {
                if (raw.answer().body().length < 50_000_000) throw new IOException("cut off");
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void an_upgrade_is_ignored() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      for (String protocol : List.of("h2c", "websocket")) {
        raw.send(
            Raw.get(
                "/echo",
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: " + protocol,
                "HTTP2-Settings: AAMAAABkAAQAAP__"));
        assertThat(raw.answer().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void a_client_cannot_write_the_servers_own_header() throws IOException {
    assertThat(Raw.ask(server.port(), Raw.get("/echo", "X-Orrery-Refusal: guess BUSY no")).status())
        .isEqualTo(400);
    assertThat(heard).isEmpty();
  }
}
