package dev.orrery.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientTest {
  @TempDir Path folder;
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer server;
  private Client client;
  private int status = 200;
  private String answer = "{}";
  private String asked = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked = exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body;
          byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    client = Client.at(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void it_sends_and_reads_json() {
    answer = "{\"a\":[1,2]}";

    assertThat(client.post("/api/v1/x?y=%20z", Map.of("k", "값")).at("/a/1").asInt()).isEqualTo(2);
    assertThat(asked).isEqualTo("POST /api/v1/x?y=%20z {\"k\":\"값\"}");
  }

  @Test
  void an_empty_answer_is_null() {
    status = 204;
    answer = "";

    assertThat(client.delete("/x").isNull()).isTrue();
  }

  @Test
  void a_refusal_is_the_servers_own_problem() {
    status = 409;
    answer =
        "{\"code\":\"ORR-0100\",\"detail\":\"the store is held.\",\"remedy\":\"Stop the other\"}";

    Problem problem = problem();

    assertThat(problem.fault()).isEqualTo(Fault.STORE_HELD);
    assertThat(problem.what()).isEqualTo("the store is held");
    assertThat(problem.remedy()).isEqualTo("Stop the other");
    assertThat(requests).hasValue(1);
  }

  @Test
  void a_refusal_without_a_number_is_judged_by_its_status() {
    status = 404;
    answer = "<html>";
    assertThat(problem().kind()).isEqualTo(Problem.Kind.NOT_FOUND);
    status = 503;
    assertThat(problem().kind()).isEqualTo(Problem.Kind.UNAVAILABLE);
    status = 200;
    assertThat(problem().fault()).isEqualTo(Fault.BAD_ANSWER);
    status = 302;
    assertThat(problem().fault()).isEqualTo(Fault.BAD_ANSWER);
  }

  @Test
  void no_server_says_how_to_start_one() {
    Problem problem = requireNonNull(catchThrowableOfType(Problem.class, () -> Client.of(folder)));

    assertThat(problem.kind()).isEqualTo(Problem.Kind.UNAVAILABLE);
    assertThat(problem.remedy()).contains("orrery up --home " + folder);
    assertThat(ExitCode.of(problem.kind())).isEqualTo(6);
  }

  @Test
  void a_server_that_hangs_or_is_gone_is_unavailable() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      client =
          Client.at(URI.create("http://127.0.0.1:" + silent.getLocalPort()))
              .within(Duration.ofMillis(200));
      assertThat(problem().what()).contains("did not answer");
    }
    assertThat(problem().what()).contains("nothing listens");
  }

  private Problem problem() {
    return requireNonNull(catchThrowableOfType(Problem.class, () -> client.post("/x", Map.of())));
  }
}
