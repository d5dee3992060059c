package dev.orrery.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenLoopTest {
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger bytes = new AtomicInteger();
  private HttpServer server;
  private volatile int stallAt = -1;
  private volatile int status = 200;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/predict",
        exchange -> {
          bytes.addAndGet(exchange.getRequestBody().readAllBytes().length);
          if (asked.getAndIncrement() == stallAt) sleep(600);
          byte[] answer = "{\"score\":[0.5]}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private LoadReport offer(int perSecond, int millis, int connections) throws Exception {
    return OpenLoop.run(plan(perSecond, millis, connections), _ -> {}, null);
  }

  private LoadPlan plan(int perSecond, int millis, int connections) {
    return new LoadPlan(
        URI.create("http://127.0.0.1:%d/predict".formatted(server.getAddress().getPort())),
        List.of(
            "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
            "{\"a\":22}".getBytes(StandardCharsets.UTF_8)),
        perSecond,
        Duration.ZERO,
        Duration.ofMillis(millis),
        connections,
        Duration.ofSeconds(10),
        List.of("x-test: yes"));
  }

  @Test
  void every_request_that_was_due_is_sent_once_and_counted() throws Exception {
    LoadReport report = offer(200, 1_000, 8);

    assertThat(report.offered()).isEqualTo(200);
    assertThat(report.answered()).isEqualTo(200);
    assertThat(report.statuses()).containsExactly(java.util.Map.entry(200, 200L));
    assertThat(report.isClean()).isTrue();
    assertThat(asked).hasValue(200);
    assertThat(bytes).hasValue(100 * 7 + 100 * 8);
  }

  @Test
  void a_stall_is_seen_by_all_that_were_due_meanwhile() throws Exception {
    stallAt = 20;
    LoadReport report = offer(100, 1_000, 1);

    assertThat(report.answered()).isEqualTo(100);
    // The one connection is busy for 600 ms, in which 60 requests become due: a fifth of all wait
    // over 400 ms. A closed loop would show one slow request of a hundred.
    assertThat(report.latency().p90()).isGreaterThan(400);
    assertThat(report.service().p90()).isLessThan(report.latency().p90());
  }

  @Test
  void the_log_of_histograms_holds_every_second_and_adds_up_to_what_is_told(@TempDir Path folder)
      throws Exception {
    Path file = folder.resolve("latency.hlog");
    LoadReport report;
    try (var log = new HdrLog(file)) {
      report = OpenLoop.run(plan(200, 2_500, 4), _ -> {}, log);
    }

    var seconds = new ArrayList<Long>();
    var all = new Histogram(3);
    try (var reader = new HistogramLogReader(file.toFile())) {
      while (reader.nextIntervalHistogram() instanceof Histogram second) {
        seconds.add(second.getTotalCount());
        all.add(second);
      }
    }
    assertThat(seconds).hasSize(3);
    assertThat(all.getTotalCount()).isEqualTo(500);
    assertThat(millis(all.getValueAtPercentile(99))).isEqualTo(report.latency().p99());
    assertThat(millis(all.getMaxValue())).isEqualTo(report.latency().max());
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }

  @Test
  void refusals_are_counted_by_their_status_and_are_not_clean() throws Exception {
    status = 503;
    LoadReport report = offer(100, 200, 4);

    assertThat(report.statuses()).containsExactly(java.util.Map.entry(503, 20L));
    assertThat(report.failed()).isZero();
    assertThat(report.isClean()).isFalse();
    assertThat(report.perSecond()).isZero();
  }

  @Test
  void what_gets_no_answer_counts_as_failed() throws Exception {
    Thread ender =
        Thread.ofVirtual()
            .start(() -> {
              sleep(300);
              server.stop(0);
            });
    LoadReport report =
        OpenLoop.run(
            new LoadPlan(
                URI.create("http://127.0.0.1:%d/predict".formatted(server.getAddress().getPort())),
                List.of(),
                100,
                Duration.ZERO,
                Duration.ofMillis(800),
                4,
                Duration.ofMillis(500),
                List.of()),
            _ -> {},
            null);
    ender.join();

    assertThat(report.offered()).isEqualTo(80);
    assertThat(report.answered() + report.failed()).isEqualTo(80);
    assertThat(report.failed()).isPositive();
  }

  @Test
  void a_server_that_is_not_there_is_said() {
    server.stop(0);
    assertThatThrownBy(() -> offer(10, 100, 1))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("cannot be reached");
  }
}
