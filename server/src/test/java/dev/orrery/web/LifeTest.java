package dev.orrery.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Permission;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// How a server ends, fills up, and keeps streams open.
class LifeTest {
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final Routes routes = new Routes();

  LifeTest() {
    routes.get("/quick", Permission.VIEW, _ -> Response.text("quick"));
    routes.get(
        "/slow",
        Permission.VIEW,
        _ -> {
          begun.countDown();
          try {
            release.await();
          } catch (InterruptedException e) {
            interrupted.set(true);
            throw e;
          }
          return Response.text("slow");
        });
  }

  @Test
  void closing_refuses_new_work_at_once_and_answers_what_is_in_flight() throws Exception {
    WebServer server = WebServer.start(WebOptions.anyPort(), routes);
    try (Raw inFlight = new Raw(server.port());
        Raw kept = new Raw(server.port())) {
      kept.send(Raw.get("/quick"));
      assertThat(kept.answer().status()).isEqualTo(200);
      inFlight.send(Raw.get("/slow"));
      begun.await();
      CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
      Thread.sleep(300);

      assertThatThrownBy(() -> new Raw(server.port()).close()).isInstanceOf(IOException.class);
      kept.send(Raw.get("/quick"));
      Raw.Answer refused = kept.answer();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers()).containsKey("retry-after");
      assertThat(closing).isNotDone();

      release.countDown();
      assertThat(inFlight.answer().text()).isEqualTo("slow");
      closing.get(5, TimeUnit.SECONDS);
      assertThat(interrupted).isFalse();
    }
  }

  @Test
  void closing_does_not_wait_for_ever() throws Exception {
    WebServer server =
        WebServer.start(WebOptions.anyPort().withCloseWithin(Duration.ofSeconds(1)), routes);
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/slow"));
      begun.await();
      long start = System.nanoTime();
      server.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(interrupted).isTrue();
      assertThat(raw.statuses()).isSubsetOf(503);
    }
    server.close();
  }

  @Test
  void a_full_server_still_answers_for_its_health() throws IOException {
    List<Raw> all = new ArrayList<>();
    try (WebServer server = WebServer.start(WebOptions.anyPort().withConnections(20), routes)) {
      for (int i = 0; i < 20; i++) {
        Raw raw = new Raw(server.port());
        all.add(raw);
        raw.send(Raw.get("/quick"));
        assertThat(raw.answer().status()).isEqualTo(200);
      }
      Raw.Answer refused = Raw.ask(server.port(), Raw.get("/quick"));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.headers()).containsKey("retry-after");
      assertThat(Raw.ask(server.port(), Raw.get("/health")).text()).isEqualTo("OK");
      all.getFirst().send(Raw.get("/quick"));
      assertThat(all.getFirst().answer().text()).isEqualTo("quick");
      for (Raw raw : all) raw.close();
    }
  }

  @Test
  void events_are_coalesced_by_key_and_the_last_one_arrives() throws Exception {
    AtomicReference<Events> stream = new AtomicReference<>();
    CountDownLatch gone = new CountDownLatch(1);
    routes.get(
        "/events",
        Permission.VIEW,
        _ ->
            Response.events(events -> {
              events.onClose(gone::countDown);
              for (int i = 0; i <= 1_000; i++) {
                events.send("metric", "loss", Map.of("step", i));
                events.send("metric", "auc", Map.of("step", -i));
              }
              stream.set(events);
            }));
    try (WebServer server = WebServer.start(WebOptions.anyPort(), routes);
        Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/events"));
      Raw.Answer head = raw.head();
      assertThat(head.headers()).containsEntry("content-type", "text/event-stream; charset=utf-8");
      StringBuilder text = new StringBuilder();
      while (text.indexOf("-1000}") < 0) text.append(raw.line()).append('\n');
      assertThat(text.toString())
          .contains("event: metric\ndata: {\"step\":1000}\n")
          .doesNotContain("\"step\":999}");

      stream.get().send("state", "run", Map.of("state", "done"));
      stream.get().close();
      while (text.indexOf("done") < 0) text.append(raw.line()).append('\n');
      assertThat(gone.await(5, TimeUnit.SECONDS)).isTrue();
      assertThat(stream.get().open()).isFalse();
    }
  }

  @Test
  void a_reader_that_leaves_and_a_server_that_stops_end_their_streams() throws Exception {
    CountDownLatch left = new CountDownLatch(2);
    AtomicReference<Events> stream = new AtomicReference<>();
    routes.get(
        "/events",
        Permission.VIEW,
        _ ->
            Response.events(events -> {
              events.onClose(left::countDown);
              events.send("hello", "", Map.of());
              stream.set(events);
            }));
    WebServer server = WebServer.start(WebOptions.anyPort(), routes);
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/events"));
      raw.head();
      raw.line();
    }
    for (int i = 0; i < 100 && left.getCount() == 2; i++) {
      stream.get().send("tick", "", Map.of("i", i));
      Thread.sleep(50);
    }
    assertThat(left.getCount()).isEqualTo(1);
    try (Raw raw = new Raw(server.port())) {
      raw.send(Raw.get("/events"));
      raw.head();
      raw.line();
      server.close();
      assertThat(raw.closed(2_000)).isTrue();
    }
    assertThat(left.getCount()).isZero();
  }
}
