package dev.orrery.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MetricLogTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;
  private StubServer server;
  private OrreryClient client;

  @BeforeEach
  void start() throws IOException {
    server = new StubServer();
    client = OrreryClient.connect(server.address());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everything_arrives_once_in_batches() {
    try (MetricLog log = client.metricLog("r").open()) {
      for (int i = 0; i < 25_000; i++) log.log("m", i, i);
    }
    assertThat(server.points).hasSize(25_000).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
    assertThat(server.requests.size()).isBetween(25, 60);
  }

  @Test
  void a_point_that_comes_alone_is_sent_soon() {
    try (MetricLog log = client.metricLog("r").every(Duration.ofMillis(10)).open()) {
      log.log("m", 1, 1);
      assertThat(log.flush(SOON)).isTrue();
      assertThat(server.points).containsOnlyKeys("m@1");
      assertThat(log.pending()).isZero();
    }
  }

  @Test
  void failures_and_lost_answers_neither_lose_nor_double() {
    server.plan.addAll(List.of(503, 200, -1, 500, 429, -1, -1, 200, 504));
    try (MetricLog log = client.metricLog("r").open()) {
      for (int i = 0; i < 5_000; i++) log.log("m", i, i);
    }
    assertThat(server.points).hasSize(5_000).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
  }

  @Test
  void a_server_that_is_away_for_a_while_gets_everything() throws Exception {
    try (MetricLog log = client.metricLog("r").open()) {
      for (int i = 0; i < 2_000; i++) log.log("m", i, i);
      server.stop();
      for (int i = 2_000; i < 4_000; i++) log.log("m", i, i);
      Thread.sleep(500);
      server.startAgain();
      assertThat(log.flush(SOON)).isTrue();
    }
    assertThat(server.points).hasSize(4_000).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
  }

  @Test
  void a_full_memory_makes_who_logs_wait() throws Exception {
    server.stop();
    MetricLog log = client.metricLog("r").capacity(100).open();
    Thread writer =
        new Thread(() -> {
          for (int i = 0; i < 5_000; i++) log.log("m", i, i);
        });
    writer.start();
    writer.join(500);
    assertThat(writer.isAlive()).isTrue();
    assertThat(log.pending()).isLessThanOrEqualTo(200);
    server.startAgain();
    writer.join();
    log.close();
    assertThat(server.points).hasSize(5_000);
  }

  @Test
  void a_full_memory_goes_to_the_file_and_from_there_to_the_server() throws Exception {
    Path file = folder.resolve("spill");
    server.stop();
    try (MetricLog log = client.metricLog("r").capacity(100).spill(file).open()) {
      for (int i = 0; i < 5_000; i++) log.log("m", i, i);
      assertThat(Files.size(file)).isPositive();
      server.startAgain();
      assertThat(log.flush(SOON)).isTrue();
    }
    assertThat(server.points).hasSize(5_000).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
    assertThat(Files.size(file)).isZero();
  }

  @Test
  void what_is_left_at_the_end_waits_in_the_file_for_the_next_log() throws Exception {
    Path file = folder.resolve("spill");
    server.stop();
    MetricLog log = client.metricLog("r").spill(file).open();
    for (int i = 0; i < 1_500; i++) log.log("m", i, i);
    MetricLog.Left left = log.close(Duration.ofMillis(300));
    assertThat(left.points()).isEqualTo(1_500);
    assertThat(left.file()).contains(file);
    assertThat(left.why().orElseThrow()).contains("no answer");

    server.startAgain();
    client.metricLog("r").spill(file).open().close();
    assertThat(server.points).hasSize(1_500).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
  }

  @Test
  void a_close_is_bounded_and_says_what_is_left() {
    server.stop();
    MetricLog log = client.metricLog("r").open();
    for (int i = 0; i < 10; i++) log.log("m", i, i);
    MetricLog.Left left = log.close(Duration.ofMillis(200));
    assertThat(left.points()).isEqualTo(10);
    assertThat(left.file()).isEmpty();
    assertThatThrownBy(() -> log.log("m", 1, 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void one_bad_point_does_not_take_its_batch_along() {
    MetricLog log = client.metricLog("r").open();
    for (int i = 0; i < 999; i++) log.log("m", i, i);
    log.log("bad", 1, 1);
    assertThatThrownBy(log::close)
        .isInstanceOf(MetricLog.LeftException.class)
        .hasMessageContaining("0 points not sent, 1 refused");
    assertThat(server.points).hasSize(999);
  }

  @Test
  void many_threads_log_to_one() throws Exception {
    try (MetricLog log = client.metricLog("r").capacity(500).open()) {
      List<Thread> threads =
          IntStream.range(0, 8)
              .mapToObj(t ->
                  new Thread(() -> {
                    for (int i = 0; i < 2_000; i++) log.log("m" + t, i, i);
                  }))
              .toList();
      threads.forEach(Thread::start);
      for (Thread thread : threads) thread.join();
    }
    assertThat(server.points).hasSize(16_000).allSatisfy((key, n) -> assertThat(n).isEqualTo(1));
  }
}
