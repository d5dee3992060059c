package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Over a real server, read back from the file.
class AccessLogTest {
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");
  private static final InstantSource CLOCK = InstantSource.fixed(NOON);
  private static final String TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  @TempDir Path folder;
  private final Meters meters = new Meters();

  private static Routes routes() {
    var routes = new Routes();
    routes.post(
        "/echo/{name}",
        Permission.PREDICT,
        request -> Response.bytes("x/y", request.body()).with("orrery-version", "1.0.7"));
    routes.get(
        "/written", Permission.VIEW, _ -> Response.written("text/csv", out -> out.write('a')));
    return routes;
  }

  private List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    assertThat(text).endsWith("\n");
    for (String line : text.split("\n")) {
      lines.add(Json.tree(line.getBytes(StandardCharsets.UTF_8)));
    }
    return lines;
  }

  /// Has a server answer, and gives the lines once it has closed.
  private List<JsonNode> logged(String... requests) throws IOException {
    Path file = folder.resolve("access.log");
    try (var log = AccessLog.open(file, 1 << 20, meters, CLOCK);
        var server = WebServer.start(WebOptions.anyPort(), routes(), meters, log)) {
      for (String request : requests) Raw.ask(server.port(), request);
    }
    return lines(file);
  }

  @Test
  void a_line_tells_who_asked_what_and_who_answered() throws IOException {
    List<JsonNode> lines =
        logged(
            Raw.post("/echo/ann?secret=hunter2", "{\"a\":1}", "traceparent: " + TRACE),
            Raw.get("/written"),
            Raw.get("/nothing/there"));

    JsonNode first = lines.getFirst();
    assertThat(first.path("micros").isIntegralNumber()).isTrue();
    ((com.fasterxml.jackson.databind.node.ObjectNode) first).remove("micros");
    assertThat(first.toString())
        .isEqualTo(
            "{\"at\":\"2001-03-01T12:00:00Z\",\"method\":\"POST\",\"route\":\"/echo/{name}\","
                + "\"path\":\"/echo/ann\",\"status\":200,\"bytes_in\":7,\"bytes_out\":7,"
                + "\"principal\":\"local\",\"version\":\"1.0.7\",\"traceparent\":\"%s\"}"
                    .formatted(TRACE));
    assertThat(lines.get(1).has("bytes_out")).isFalse();
    assertThat(lines.get(1).has("bytes_in")).isFalse();
    assertThat(lines.get(2).path("status").asInt()).isEqualTo(404);
    assertThat(lines.get(2).has("route")).isFalse();
    assertThat(lines).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a%0a{%22status%22:200}",
        "/a%0d%0aX",
        "/\u0085\u2028next",
        "/\"},{\"status\":500",
        "/\u001b[31mred",
        "/%e2%80%a8"
      })
  void what_stands_in_a_path_makes_no_line_of_its_own(String path) throws IOException {
    List<JsonNode> lines = logged(Raw.get(path), Raw.get("/written"));
    assertThat(lines).hasSize(2);
    assertThat(lines.getLast().path("path").asText()).isEqualTo("/written");
    assertThat(lines.getFirst().path("status").asInt()).isBetween(400, 499);
  }

  @Test
  void a_trace_that_is_not_as_the_standard_has_it_is_left_out() throws IOException {
    List<JsonNode> lines =
        logged(
            Raw.get("/written", "traceparent: 00-" + "0".repeat(32) + "-00f067aa0ba902b7-01"),
            Raw.get("/written", "traceparent: " + TRACE.toUpperCase(java.util.Locale.ROOT)),
            Raw.get("/written", "traceparent: " + TRACE + "x"),
            Raw.get("/written", "traceparent: cc" + TRACE.substring(2) + "-what-comes-later"));
    assertThat(lines)
        .extracting(line -> line.has("traceparent"))
        .containsExactly(false, false, false, true);
  }

  @Test
  void files_are_renamed_when_they_are_full_and_the_oldest_goes() throws IOException {
    Path file = folder.resolve("access.log");
    try (var log = AccessLog.open(file, 1_000, meters, CLOCK);
        var server = WebServer.start(WebOptions.anyPort(), routes(), meters, log);
        var raw = new Raw(server.port())) {
      for (int i = 0; i < 60; i++) {
        raw.send(Raw.post("/echo/" + i, "{}"));
        assertThat(raw.answer().status()).isEqualTo(200);
      }
    }
    int next = 60;
    for (String name : List.of("access.log", "access.log.1", "access.log.2", "access.log.3")) {
      Path one = folder.resolve(name);
      assertThat(Files.size(one)).isBetween(1L, 1_000L);
      List<JsonNode> lines = lines(one);
      for (JsonNode line : lines.reversed()) {
        assertThat(line.path("path").asText()).isEqualTo("/echo/" + --next);
      }
    }
    assertThat(folder.resolve("access.log.4")).doesNotExist();
    assertThat(next).isPositive();
  }

  @Test
  void a_file_is_added_to_and_a_line_that_was_cut_off_ends() throws IOException {
    Path file = folder.resolve("access.log");
    Files.writeString(file, "{\"cut\":1}\n{\"cut");
    try (var log = AccessLog.open(file, 1 << 20, meters, CLOCK);
        var server = WebServer.start(WebOptions.anyPort(), routes(), meters, log)) {
      Raw.ask(server.port(), Raw.get("/written"));
    }
    assertThat(Files.readAllLines(file))
        .hasSize(3)
        .startsWith("{\"cut\":1}", "{\"cut")
        .last()
        .asString()
        .contains("/written");
  }

  /// Takes nothing until it is let go.
  private static final class Stuck extends OutputStream {
    final CountDownLatch go = new CountDownLatch(1);
    int written;

    @Override
    public void write(int one) {
      throw new AssertionError("one by one");
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      for (int i = from; i < from + length; i++) if (bytes[i] == '\n') written++;
    }
  }

  private double dropped(String reason) {
    return meters
        .text()
        .lines()
        .filter(l -> l.startsWith("orrery_access_log_dropped_total{reason=\"" + reason))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  @Test
  void a_reader_that_takes_nothing_holds_up_nobody_and_what_is_dropped_is_counted()
      throws Exception {
    var stuck = new Stuck();
    int asked = 300;
    try (var log = AccessLog.to(stuck, 50, meters, CLOCK);
        var server = WebServer.start(WebOptions.anyPort(), routes(), meters, log);
        var raw = new Raw(server.port())) {
      for (int i = 0; i < asked; i++) {
        raw.send(Raw.post("/echo/x", "{}"));
        assertThat(raw.answer().status()).isEqualTo(200);
      }
      assertThat(dropped("full")).isPositive();
      stuck.go.countDown();
    }
    assertThat(stuck.written + dropped("full")).isEqualTo(asked);
  }

  @Test
  void lines_that_cannot_be_written_are_counted() throws Exception {
    var full =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    try (var log = AccessLog.to(full, 50, meters, CLOCK);
        var server = WebServer.start(WebOptions.anyPort(), routes(), meters, log)) {
      for (int i = 0; i < 5; i++) {
        assertThat(Raw.ask(server.port(), Raw.get("/written")).status()).isEqualTo(200);
      }
    }
    assertThat(dropped("failed")).isEqualTo(5);
  }

  @Test
  void a_file_that_cannot_be_written_is_told_at_the_start() {
    assertThatThrownBy(() -> AccessLog.open(folder.toString(), meters, CLOCK))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.CANNOT_WRITE));
    assertThatThrownBy(() -> AccessLog.open(folder + "/none/access.log", meters, CLOCK))
        .isInstanceOf(Problem.class);
  }
}
