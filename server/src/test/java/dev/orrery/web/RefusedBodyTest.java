package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// A body that is not wanted any more while its pieces still arrive.
class RefusedBodyTest {
  private static final int SENDERS = 8;
  private static final int TIMES = 500;

  @Test
  void a_body_that_is_refused_while_it_arrives_is_the_clients_fault_every_time() throws Exception {
    Routes routes = new Routes();
    routes.put(
        "/refused",
        Permission.EDIT,
        RouteOptions.streamed(3_000_000),
        _ -> {
          throw new Problem(Fault.BAD_REQUEST, "no", "Send another");
        });
    String request =
        "PUT /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40000\r\n\r\n"
            + "a".repeat(40_000);
    List<Future<?>> senders = new ArrayList<>();
    try (WebServer server = WebServer.start(WebOptions.anyPort(), routes);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int sender = 0; sender < SENDERS; sender++) {
        senders.add(
            threads.submit(() -> {
              for (int i = 0; i < TIMES; i++) {
                assertThat(Raw.ask(server.port(), request).status()).isEqualTo(400);
              }
              return null;
            }));
      }
      for (Future<?> sender : senders) sender.get();
    }
  }
}
