package dev.orrery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HttpTest {
  private StubServer server;
  private OrreryClient client;

  @BeforeEach
  void start() throws Exception {
    server = new StubServer();
    client =
        OrreryClient.at(server.address())
            .retries(new Retries(3, Duration.ofMillis(1), Duration.ofMillis(10)))
            .build();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void what_may_pass_is_tried_again() {
    server.plan.addAll(List.of(503, 429, 500));
    client.runs().tag("r", "k", "v");
    assertThat(server.requests).hasSize(4);
  }

  @Test
  void a_write_that_is_tried_again_has_the_same_key() {
    server.plan.addAll(List.of(-1, -1));
    Metric point = new Metric("m", 1, Instant.EPOCH, 1);
    client.runs().batch("r", List.of(point), Map.of(), Map.of());
    assertThat(server.requests).hasSize(3);
    assertThat(server.points).containsExactly(Map.entry("m@1", 1));
  }

  @Test
  void what_will_not_pass_is_not_tried_again() {
    for (int status : List.of(400, 404, 501)) {
      server.requests.clear();
      server.plan.add(status);
      assertThatThrownBy(() -> client.runs().tag("r", "k", "v"))
          .isInstanceOfSatisfying(
              OrreryException.class, e -> assertThat(e.status()).isEqualTo(status))
          .hasMessage("PLANNED: as planned");
      assertThat(server.requests).hasSize(1);
    }
  }

  @Test
  void patience_ends() {
    server.plan.addAll(List.of(503, 503, 503, 503, 503));
    assertThatThrownBy(() -> client.runs().get("r")).hasMessageContaining("as planned");
    assertThat(server.requests).hasSize(4);
  }

  @Test
  void a_server_that_is_not_there_is_told_by_its_address() {
    server.stop();
    assertThatThrownBy(() -> client.runs().get("r"))
        .isInstanceOfSatisfying(
            OrreryException.class, e -> assertThat(e.code()).isEqualTo(OrreryException.UNREACHABLE))
        .hasMessageContaining(server.address());
  }

  /// Without an end of its own this would be tried for days.
  @Test
  @Timeout(60)
  void a_server_that_stays_away_is_given_up_however_many_tries_are_left() {
    server.stop();
    var retries =
        new Retries(
            Integer.MAX_VALUE, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(50));
    var patient = OrreryClient.at(server.address()).retries(retries).build();
    assertThatThrownBy(() -> patient.start("x", "y"))
        .isInstanceOfSatisfying(
            OrreryException.class,
            e -> assertThat(e.code()).isEqualTo(OrreryException.UNREACHABLE));
    assertThat(Retries.DEFAULT.away()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void addresses_that_are_none_are_refused() {
    for (String address : List.of("file:///tmp", "localhost:8080", "127.0.0.1")) {
      assertThatThrownBy(() -> OrreryClient.at(address))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void names_of_files_stand_safely_in_addresses() {
    assertThat(Http.path("a b/é+&?#%/c")).isEqualTo("/a%20b/%C3%A9%2B%26%3F%23%25/c");
    assertThat(Http.query(Map.of("q", List.of("x y", "&=")))).isEqualTo("?q=x%20y&q=%26%3D");
  }
}
