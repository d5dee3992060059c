package dev.orrery.bench;

import dev.orrery.base.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// What MLflow's clients ask most, asked of MLflow's own server and of ours: the same requests over
/// the same kind of connections, one server after the other, the other one not running.
final class MlflowBench {
  private static final String API = "/api/2.0/mlflow";
  private static final int BATCH = 1_000;
  private static final int PAGE = 25_000;
  private static final int BLOCK_BYTES = 1 << 20;

  private final Plan plan;
  private final int port;
  private final AtomicLong steps = new AtomicLong();

  private MlflowBench(Plan plan, int port) {
    this.plan = plan;
    this.port = port;
  }

  /// A figure by its name.
  private record Figures(Map<String, Double> values) {
    double of(String name) {
      return values.getOrDefault(name, Double.NaN);
    }
  }

  static List<Line> measure(Plan plan) throws Exception {
    // The first start builds caches that every later one uses.
    TrackingServer.orrery(plan, "rehearsal").close();
    Figures theirs;
    try (TrackingServer server = TrackingServer.mlflow(plan, "mlflow")) {
      theirs = figures(plan, server, 1);
    }
    Figures ours;
    try (TrackingServer server = TrackingServer.orrery(plan, "orrery")) {
      ours = figures(plan, server, 3);
    }
    return lines(plan, ours, theirs);
  }

  private static List<Line> lines(Plan plan, Figures ours, Figures theirs) {
    int runs = runs(plan);
    int points = points(plan);
    return List.of(
        rate("log-metric, 1 connection", "requests/s", "metric 1", ours, theirs).times(10),
        rate("log-metric, 8 connections", "requests/s", "metric 8", ours, theirs).times(100),
        rate(
            "/health, 8 connections (the load's own limit)",
            "requests/s",
            "nothing 8",
            ours,
            theirs),
        rate("log-batch of 1,000 metrics", "metrics/s", "batch", ours, theirs).times(20),
        time("search %,d runs, page of 100".formatted(runs), "ms", "search", ours, theirs)
            .within(5),
        time("history of %,d points".formatted(points), "ms", "history", ours, theirs).within(150),
        rate("artifact up, %d MiB".formatted(mebibytes(plan)), "MB/s", "up", ours, theirs)
            .within(300),
        rate("artifact down, %d MiB".formatted(mebibytes(plan)), "MB/s", "down", ours, theirs)
            .within(300),
        time("start to first healthy answer", "s", "start", ours, theirs).within(1.5),
        time("idle, after start", "RSS MiB", "rss", ours, theirs).within(250));
  }

  private static Line rate(String what, String unit, String name, Figures ours, Figures theirs) {
    return Line.rate(what, unit, ours.of(name), "MLflow", theirs.of(name));
  }

  private static Line time(String what, String unit, String name, Figures ours, Figures theirs) {
    return Line.time(what, unit, ours.of(name), "MLflow", theirs.of(name));
  }

  private static int runs(Plan plan) {
    return plan.isQuick() ? 300 : 2_000;
  }

  private static int points(Plan plan) {
    return plan.isQuick() ? 20_000 : 100_000;
  }

  private static int mebibytes(Plan plan) {
    return plan.isQuick() ? 64 : 256;
  }

  /// @param times how often what takes long is measured; the median counts
  private static Figures figures(Plan plan, TrackingServer server, int times) throws Exception {
    var values = new LinkedHashMap<String, Double>();
    values.put("start", server.startSeconds());
    Thread.sleep(3_000);
    values.put("rss", server.residentMiB());
    var bench = new MlflowBench(plan, server.port());
    System.err.println("  writes ...");
    bench.metrics(8, plan.warmUp());
    bench.metrics(8, plan.warmUp());
    values.put("metric 1", bench.metrics(1, plan.span()));
    values.put("metric 8", bench.metrics(8, plan.span()));
    values.put("nothing 8", bench.nothings(8, plan.span()));
    bench.batches(plan.warmUp());
    values.put("batch", bench.batches(plan.span()) * BATCH);
    System.err.println("  search ...");
    values.put("search", bench.search());
    System.err.println("  history ...");
    values.put("history", bench.history(times));
    System.err.println("  artifacts ...");
    bench.artifacts(values);
    return new Figures(values);
  }

  /// Points a second, each a request of its own, each connection to a run of its own.
  private double metrics(int connections, Duration span) throws Exception {
    var runs = new ArrayList<String>();
    try (var connection = new PeerConnection(port)) {
      for (int i = 0; i < connections; i++) runs.add(run(connection, "{\"experiment_id\":\"0\"}"));
    }
    return PeerLoad.rate(
        port,
        connections,
        span,
        number ->
            Connection.post(
                port,
                API + "/runs/log-metric",
                "{\"run_id\":\""
                    + runs.get(number)
                    + "\",\"key\":\"loss\",\"value\":0.5,\"timestamp\":1700000000000,\"step\":"
                    + steps.incrementAndGet()
                    + "}"));
  }

  /// What the generator itself can send on these cores: answers that cost next to nothing.
  private double nothings(int connections, Duration span) throws Exception {
    byte[] request = Connection.get(port, "/health");
    return PeerLoad.rate(port, connections, span, number -> request);
  }

  /// Batches a second, on one connection.
  private double batches(Duration span) throws Exception {
    try (var connection = new PeerConnection(port)) {
      String run = run(connection, "{\"experiment_id\":\"0\"}");
      int sent = 0;
      long begun = System.nanoTime();
      while (System.nanoTime() - begun < span.toNanos()) {
        connection.post(API + "/runs/log-batch", batch(run, "m"));
        sent++;
      }
      return sent / ((System.nanoTime() - begun) / 1e9);
    }
  }

  private String batch(String run, String key) {
    var text = new StringBuilder("{\"run_id\":\"").append(run).append("\",\"metrics\":[");
    for (int i = 0; i < BATCH; i++) {
      text.append(i == 0 ? "" : ",")
          .append("{\"key\":\"")
          .append(key)
          .append("\",\"value\":0.")
          .append(1000 + i)
          .append(",\"timestamp\":1700000000000,\"step\":")
          .append(steps.incrementAndGet())
          .append('}');
    }
    return text.append("]}").toString();
  }

  private static String run(PeerConnection connection, String body) throws IOException {
    String answer = connection.post(API + "/runs/create", body);
    return text(answer, "run", "info", "run_id");
  }

  /// Milliseconds of a search with filters on a metric and a parameter, ordered by a metric.
  private double search() throws Exception {
    String experiment = filled();
    String body =
        """
        {"experiment_ids":["%s"],"filter":"metrics.auc > 0.25 and params.kind = 'a'",\
        "order_by":["metrics.auc DESC"],"max_results":100}\
        """
            .formatted(experiment);
    try (var connection = new PeerConnection(port)) {
      return median(plan.isQuick() ? 10 : 30, () -> connection.post(API + "/runs/search", body));
    }
  }

  /// An experiment with runs. Its connection does not idle meanwhile: MLflow closes it after 5 s.
  private String filled() throws Exception {
    String experiment;
    try (var connection = new PeerConnection(port)) {
      String made =
          connection.post(API + "/experiments/create", "{\"name\":\"search-" + port + "\"}");
      experiment = text(made, "experiment_id");
    }
    fill(experiment);
    return experiment;
  }

  private void fill(String experiment) throws Exception {
    var next = new AtomicInteger();
    var failure = new AtomicReference<Exception>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try (var connection = new PeerConnection(port)) {
                  for (int i = next.getAndIncrement(); i < runs(plan); ) {
                    fillOne(connection, experiment, i);
                    i = next.getAndIncrement();
                  }
                } catch (IOException e) {
                  failure.set(e);
                }
              }));
    }
    for (Thread thread : threads) thread.join();
    if (failure.get() != null) throw failure.get();
  }

  private static void fillOne(PeerConnection connection, String experiment, int i)
      throws IOException {
    String run =
        run(
            connection,
            "{\"experiment_id\":\"%s\",\"start_time\":%d}"
                .formatted(experiment, 1_700_000_000_000L + i));
    var random = new Random(i);
    connection.post(
        API + "/runs/log-batch",
        """
        {"run_id":"%s","metrics":[{"key":"auc","value":%f,"timestamp":1,"step":1},\
        {"key":"loss","value":%f,"timestamp":1,"step":1},{"key":"f1","value":%f,"timestamp":1}],\
        "params":[{"key":"kind","value":"%s"},{"key":"lr","value":"0.%d"},\
        {"key":"depth","value":"%d"}],"tags":[{"key":"team","value":"t%d"}]}\
        """
            .formatted(
                run,
                random.nextDouble(),
                random.nextDouble(),
                random.nextDouble(),
                "abcd".charAt(i % 4),
                i % 7 + 1,
                i % 12,
                i % 5));
  }

  /// Milliseconds to read a long history as MLflow's client does, in pages of 25,000.
  private double history(int times) throws Exception {
    try (var connection = new PeerConnection(port)) {
      String run = run(connection, "{\"experiment_id\":\"0\"}");
      for (int i = 0; i < points(plan); i += BATCH) {
        connection.post(API + "/runs/log-batch", batch(run, "long"));
      }
      return median(
          times,
          () -> {
            String token = "";
            do {
              String path =
                  API
                      + "/metrics/get-history?run_id="
                      + run
                      + "&metric_key=long&max_results="
                      + PAGE;
              if (!token.isEmpty()) path += "&page_token=" + encode(token);
              String page = connection.get(path);
              // The token stands behind the points: no need to read them all to find it.
              int at = page.lastIndexOf("\"next_page_token\"");
              token = at < 0 ? "" : page.substring(at).replaceAll("(?s).*?: *\"([^\"]*)\".*", "$1");
            } while (!token.isEmpty());
          });
    }
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private void artifacts(Map<String, Double> values) throws Exception {
    byte[] block = new byte[BLOCK_BYTES];
    new Random(1).nextBytes(block);
    int blocks = mebibytes(plan);
    double megabytes = (double) BLOCK_BYTES * blocks / 1e6;
    try (var connection = new PeerConnection(port)) {
      String run = run(connection, "{\"experiment_id\":\"0\"}");
      String path = "/api/2.0/mlflow-artifacts/artifacts/0/" + run + "/artifacts/large-";
      var made = new AtomicInteger();
      double up = median(3, () -> connection.put(path + made.incrementAndGet(), block, blocks));
      double down = median(3, () -> connection.drain(path + "1"));
      values.put("up", megabytes / (up / 1e3));
      values.put("down", megabytes / (down / 1e3));
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private static double median(int times, Step step) throws IOException {
    double[] millis = new double[times];
    for (int i = 0; i < times; i++) {
      long begun = System.nanoTime();
      step.run();
      millis[i] = (System.nanoTime() - begun) / 1e6;
    }
    Arrays.sort(millis);
    return millis[times / 2];
  }

  private static String text(String json, String... path) {
    var node = Json.tree(json.getBytes(StandardCharsets.UTF_8));
    for (String name : path) node = node.path(name);
    return node.asText();
  }
}
