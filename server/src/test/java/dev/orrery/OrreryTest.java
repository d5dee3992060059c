package dev.orrery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.sql.Database;
import dev.orrery.sql.Databases;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrreryTest {
  private static final InstantSource NOW =
      InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
  private static final Instant START = Instant.parse("2001-03-01T00:00:00Z");

  @TempDir Path home;

  @Test
  void it_starts_on_an_empty_folder_and_says_that_it_is_healthy() throws Exception {
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThat(get(orrery, "/health").statusCode()).isEqualTo(200);
      assertThat(get(orrery, "/api/v1/version").statusCode()).isEqualTo(200);
      assertThat(get(orrery, "/predict").statusCode()).isEqualTo(405);
    }
  }

  @Test
  void a_store_that_another_process_holds_is_left_alone() {
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThat(orrery.port()).isPositive();
      assertThatThrownBy(() -> Orrery.start(OrreryOptions.of(home, 0), NOW))
          .isInstanceOf(Problem.class);
    }
  }

  @Test
  void rows_may_be_in_postgresql_and_belong_to_one_home_then(@TempDir Path other) throws Exception {
    var database = new Database(Databases.POSTGRES.address(), "postgres", "postgres");
    for (int i = 0; i < 2; i++) {
      try (var orrery = Orrery.start(OrreryOptions.of(home, 0).withDatabase(database), NOW)) {
        assertThat(get(orrery, "/api/v1/version").statusCode()).isEqualTo(200);
      }
    }
    assertThat(home.resolve(".orrery/orrery.db")).doesNotExist();
    assertThatThrownBy(() -> Orrery.start(OrreryOptions.of(other, 0).withDatabase(database), NOW))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("another home");
  }

  @Test
  void a_home_that_is_a_file_is_refused() throws Exception {
    Path file = Files.writeString(home.resolve("file"), "x");
    assertThatThrownBy(() -> Orrery.start(OrreryOptions.of(file, 0), NOW))
        .isInstanceOf(Problem.class);
  }

  @Test
  void a_port_in_use_is_refused_and_the_store_is_free_again(@TempDir Path other) throws Exception {
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThatThrownBy(() -> Orrery.start(OrreryOptions.of(other, orrery.port()), NOW))
          .isInstanceOf(Problem.class)
          .hasMessageContaining(Integer.toString(orrery.port()));
    }
    Orrery.start(OrreryOptions.of(other, 0), NOW).close();
  }

  @Test
  void a_virtual_clock_moves_forward_only_and_goes_on_after_a_restart() throws Exception {
    OrreryOptions options = OrreryOptions.of(home, 0).withVirtualClock(START);
    try (var orrery = Orrery.start(options, NOW)) {
      assertThat(post(orrery, "/api/v1/clock", "{\"to\":\"2001-03-02T00:00:00Z\"}").body())
          .contains("\"now\":\"2001-03-02T00:00:00Z\"")
          .contains("\"settled\":true");
      assertThat(post(orrery, "/api/v1/clock", "{\"to\":\"2001-03-01T00:00:00Z\"}").statusCode())
          .isEqualTo(409);
      assertThat(post(orrery, "/api/v1/clock", "{\"to\":\"soon\"}").statusCode()).isEqualTo(400);
      assertThat(post(orrery, "/api/v1/clock", "{}").statusCode()).isEqualTo(400);
    }
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThat(get(orrery, "/api/v1/clock").body()).contains("\"now\":\"2001-03-02T00:00:00Z\"");
    }
  }

  @Test
  void the_index_lists_routes_and_a_parameter_stands_once() throws Exception {
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThat(get(orrery, "/api/v1").body())
          .contains("{\"method\":\"GET\",\"path\":\"/api/v1/clock\"}");
      assertThat(get(orrery, "/api/v1/clock?wait=true&wait=false").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void a_home_that_was_used_on_the_real_clock_never_turns_virtual() {
    Orrery.start(OrreryOptions.of(home, 0), NOW).close();
    assertThatThrownBy(() -> Orrery.start(OrreryOptions.of(home, 0).withVirtualClock(START), NOW))
        .isInstanceOfSatisfying(
            Problem.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Problem.Kind.CONFLICT);
              assertThat(e.remedy()).contains("fresh home");
            });
    try (var orrery = Orrery.start(OrreryOptions.of(home, 0), NOW)) {
      assertThat(orrery.clock().virtual()).isFalse();
      assertThat(orrery.clock().now()).isEqualTo(NOW.instant());
    }
  }

  static HttpResponse<String> get(Orrery orrery, String path)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(orrery.address() + path)).GET());
  }

  static HttpResponse<String> post(Orrery orrery, String path, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(orrery.address() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
