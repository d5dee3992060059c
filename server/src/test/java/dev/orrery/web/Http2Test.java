package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import dev.orrery.access.Permission;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HTTP/2 in clear text goes past the wire guard, and must be held by the gate all the same.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2Test {
  private final AtomicInteger handled = new AtomicInteger();
  private WebServer server;
  private WebClient client;

  @BeforeAll
  void start() {
    Routes routes = new Routes();
    routes.get("/name/{name}", Permission.VIEW, r -> Response.text(r.path("name")));
    routes.post(
        "/echo",
        Permission.EDIT,
        RouteOptions.body(100_000),
        r -> {
          handled.incrementAndGet();
          return Response.bytes("x/y", r.body());
        });
    server = WebServer.start(WebOptions.anyPort(), routes);
    client = WebClient.of("h2c://localhost:" + server.port());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private AggregatedHttpResponse send(RequestHeaders headers, int bytes) {
    return client.execute(headers, HttpData.wrap(new byte[bytes])).aggregate().join();
  }

  @Test
  void requests_are_answered() {
    var response = client.prepare().get("/name/a%20b").execute();
    AggregatedHttpResponse whole = response.aggregate().join();
    assertThat(whole.contentUtf8()).isEqualTo("a b");
    assertThat(send(RequestHeaders.of(HttpMethod.POST, "/echo"), 100_000).content().length())
        .isEqualTo(100_000);
    assertThat(client.get("/health").aggregate().join().contentUtf8()).isEqualTo("OK");
    assertThat(SessionProtocol.H2C.isMultiplex()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/name/a%2Fb", "/name/%2e%2e", "/name/%ff", "/name/%5c"})
  void paths_are_held_to_the_same_rules(String path) {
    assertThat(client.get(path).aggregate().join().status().code()).isEqualTo(400);
  }

  @Test
  void so_are_hosts_origins_methods_and_sizes() {
    handled.set(0);
    var foreign = RequestHeaders.of(HttpMethod.POST, "/echo", ":authority", "evil.example");
    assertThat(send(foreign, 2).status().code()).isEqualTo(403);
    var origin = RequestHeaders.of(HttpMethod.POST, "/echo", "origin", "http://evil.example");
    assertThat(send(origin, 2).status().code()).isEqualTo(403);
    var trace = RequestHeaders.of(HttpMethod.TRACE, "/echo");
    assertThat(send(trace, 0).status().code()).isEqualTo(405);
    var large = RequestHeaders.of(HttpMethod.POST, "/echo");
    assertThat(send(large, 100_001).status().code()).isEqualTo(413);
    assertThat(handled).hasValue(0);
    assertThat(send(large, 2).status().code()).isEqualTo(200);
  }

  @Test
  void the_preface_is_taken_at_the_start_of_a_connection_only() throws IOException {
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/name/x") + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
      assertThat(raw.answer().status()).isEqualTo(200);
      assertThat(raw.answer().status()).isEqualTo(400);
    }
  }
}
