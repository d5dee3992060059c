package dev.orrery.bench;

import dev.orrery.base.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// How many writes of clients a second a server of ours acknowledges, over HTTP; each connection
/// writes to a run of its own and waits for every answer. On SQLite, or on the PostgreSQL that the
/// environment names for `orrery up`.
final class LogBench {
  private static final String API = "/api/2.0/mlflow/runs/";
  private static final int BATCH = 1_000;

  private final Plan plan;
  private final int port;
  private final AtomicLong steps = new AtomicLong();

  private LogBench(Plan plan, int port) {
    this.plan = plan;
    this.port = port;
  }

  /// One write of a connection to its run.
  private interface Write {
    void send(PeerConnection connection, String run) throws IOException;
  }

  static List<Line> measure(Plan plan) throws Exception {
    String database = System.getenv("ORRERY_DATABASE") == null ? "SQLite" : "PostgreSQL";
    var lines = new ArrayList<Line>();
    try (TrackingServer server = TrackingServer.orrery(plan, "logs")) {
      var bench = new LogBench(plan, server.port());
      bench.rate(8, plan.warmUp(), bench::metric);
      double single = bench.rate(1, plan.span(), bench::metric);
      lines.add(Line.rate("log-metric, 1 connection", "requests/s", single, database, Double.NaN));
      for (int connections : new int[] {8, 32}) {
        double rate = bench.rate(connections, plan.span(), bench::metric);
        String what = "log-metric, %d connections".formatted(connections);
        lines.add(Line.rate(what, "requests/s", rate, database + ", 1 connection", single));
      }
      double created = bench.rate(8, plan.span(), (connection, _) -> create(connection));
      lines.add(
          Line.rate("runs/create, 8 connections", "requests/s", created, database, Double.NaN));
      bench.rate(1, plan.warmUp(), (connection, run) -> bench.batch(connection, run, false));
      double alike =
          bench.rate(1, plan.span(), (connection, run) -> bench.batch(connection, run, false));
      lines.add(
          Line.rate(
              "log-batch of 1,000 of one key", "metrics/s", alike * BATCH, database, Double.NaN));
      double first =
          bench.rate(
              1, plan.span(), (connection, _) -> bench.batch(connection, create(connection), true));
      lines.add(
          Line.rate(
              "log-batch of 1,000 new keys", "metrics/s", first * BATCH, database, Double.NaN));
      double again =
          bench.rate(1, plan.span(), (connection, run) -> bench.batch(connection, run, true));
      lines.add(
          Line.rate(
              "log-batch of 1,000 known keys", "metrics/s", again * BATCH, database, Double.NaN));
    }
    return lines;
  }

  private static String create(PeerConnection connection) throws IOException {
    String answer = connection.post(API + "create", "{\"experiment_id\":\"0\"}");
    return Json.tree(answer.getBytes(StandardCharsets.UTF_8))
        .path("run")
        .path("info")
        .path("run_id")
        .asText();
  }

  private void metric(PeerConnection connection, String run) throws IOException {
    connection.post(
        API + "log-metric",
        "{\"run_id\":\"%s\",\"key\":\"loss\",\"value\":0.5,\"timestamp\":1700000000000,\"step\":%d}"
            .formatted(run, steps.incrementAndGet()));
  }

  private void batch(PeerConnection connection, String run, boolean isMany) throws IOException {
    var text = new StringBuilder("{\"run_id\":\"").append(run).append("\",\"metrics\":[");
    long step = steps.incrementAndGet();
    for (int i = 0; i < BATCH; i++) {
      text.append(i == 0 ? "" : ",")
          .append("{\"key\":\"m")
          .append(isMany ? i : 0)
          .append("\",\"value\":0.")
          .append(1000 + i)
          .append(",\"timestamp\":1700000000000,\"step\":")
          .append(isMany ? step : step * BATCH + i)
          .append('}');
    }
    connection.post(API + "log-batch", text.append("]}").toString());
  }

  private double rate(int connections, Duration span, Write write) throws Exception {
    var sent = new LongAdder();
    var failure = new AtomicReference<@Nullable Exception>();
    List<Thread> threads = new ArrayList<>();
    long begun = System.nanoTime();
    long end = begun + span.toNanos();
    for (int i = 0; i < connections; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try (var connection = new PeerConnection(port)) {
                  String run = create(connection);
                  while (System.nanoTime() < end) {
                    write.send(connection, run);
                    sent.increment();
                  }
                } catch (IOException e) {
                  failure.set(e);
                }
              }));
    }
    for (Thread thread : threads) thread.join();
    Exception failed = failure.get();
    if (failed != null) throw failed;
    return sent.sum() / ((System.nanoTime() - begun) / 1e9);
  }
}
