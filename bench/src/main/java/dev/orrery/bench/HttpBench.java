package dev.orrery.bench;

import dev.orrery.base.Json;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/// What a prediction costs over HTTP with everything on: signature and contract, features, traffic,
/// the log. Client and server share the machine, so the server's CPU time for a request says more
/// than how many there were.
///
/// The limit is the same web part sending back the same body.
final class HttpBench {
  private static final int CONNECTIONS = 16;
  private static final int STEADY_PER_SECOND = 1_000;
  private static final int BODIES = 500;

  /// What is known when the server starts; requests are the flights after it.
  private static final String NOW = "2001-01-11T00:00:00Z";

  private static final Duration TRAINED_WITHIN = Duration.ofMinutes(5);

  private final Plan plan;
  private final Process server;
  private final int port;
  private final int barePort;

  private HttpBench(Plan plan, Process server, int port, int barePort) {
    this.plan = plan;
    this.server = server;
    this.port = port;
    this.barePort = barePort;
  }

  static List<Line> measure(Plan plan) throws Exception {
    Path home = Files.createDirectories(plan.work().resolve("home"));
    try (InputStream yaml =
        Objects.requireNonNull(HttpBench.class.getResourceAsStream("orrery.yaml"))) {
      Files.copy(yaml, home.resolve("orrery.yaml"));
    }
    Table next = prepare(plan, home);
    Process server = start(home);
    try (var out =
        new BufferedReader(
            new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
      String ports = out.readLine();
      while (ports != null && !ports.matches("\\d+ \\d+")) ports = out.readLine();
      if (ports == null) throw new IllegalStateException("the server did not start");
      int space = ports.indexOf(' ');
      int port = Integer.parseInt(ports.substring(0, space));
      train(port);
      int bare = Integer.parseInt(ports.substring(space + 1));
      return new HttpBench(plan, server, port, bare).lines(next);
    } finally {
      server.getOutputStream().close();
      if (!server.waitFor(Duration.ofSeconds(20))) server.destroyForcibly();
    }
  }

  private List<Line> lines(Table next) throws Exception {
    var lines = new ArrayList<Line>();
    // Whichever is measured first would pay for the compilation of what both use.
    warm(barePort, posts(barePort, "/echo", bodies(next, 1)));
    warm(port, posts(port, "/predict", bodies(next, 1)));
    Cost health = cost(port, List.of(Connection.get(port, "/health")));
    for (int rows : new int[] {1, 100}) {
      List<String> bodies = bodies(next, rows);
      Cost echo = cost(barePort, posts(barePort, "/echo", bodies));
      Cost ours = cost(port, posts(port, "/predict", bodies));
      String what = rows == 1 ? "POST /predict, 1 row" : "POST /predict, 100 rows";
      Line cpu =
          Line.time(what, "server CPU us/request", ours.cpu(), "echo of the body", echo.cpu());
      Line rate = Line.rate(what, "requests/s", ours.rate(), "echo of the body", echo.rate());
      if (rows == 1) {
        lines.add(cpu.within(40));
        lines.add(Line.time(what, "server CPU us/request", ours.cpu(), "/health", health.cpu()));
        lines.add(rate.within(30_000));
      } else {
        lines.add(cpu);
        lines.add(rate);
      }
      lines.add(
          Line.time(
              what + ", 16 connections", "p99 ms", ours.p99(), "echo of the body", echo.p99()));
    }
    List<String> bodies = bodies(next, 1);
    Line steady =
        Line.time(
            "POST /predict, 1 row, 1,000 requests/s",
            "p99 ms",
            steady(port, posts(port, "/predict", bodies)),
            "echo of the body",
            steady(barePort, posts(barePort, "/echo", bodies)));
    lines.add(steady.within(5));
    return lines;
  }

  /// @param cpu microseconds of the server for one request
  /// @param rate requests a second
  /// @param p99 milliseconds
  private record Cost(double cpu, double rate, double p99) {}

  private Cost cost(int at, List<byte[]> requests) throws InterruptedException {
    var load = new Load(at, requests, CONNECTIONS);
    load.full(plan.warmUp());
    long before = cpuNanos();
    Load.Result result = load.full(plan.span());
    double cpu = (cpuNanos() - before) / 1e3 / result.micros().length;
    return new Cost(cpu, result.perSecond(), result.quantile(0.99) / 1e3);
  }

  private void warm(int at, List<byte[]> requests) throws InterruptedException {
    new Load(at, requests, CONNECTIONS).full(plan.warmUp().multipliedBy(2));
  }

  private double steady(int at, List<byte[]> requests) throws InterruptedException {
    var load = new Load(at, requests, CONNECTIONS);
    return load.steady(plan.span().multipliedBy(2), STEADY_PER_SECOND).quantile(0.99) / 1e3;
  }

  private long cpuNanos() {
    return server.toHandle().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  /// Writes the flights before [#NOW] into the project, and gives those after it.
  private static Table prepare(Plan plan, Path home) {
    Path flights = plan.flights().resolve("data/flights.parquet");
    try (var engine = new Engine(1, "1GB")) {
      Table all = engine.query("select * from read_parquet(?) order by date", flights.toString());
      long now = java.time.Instant.parse(NOW).toEpochMilli() * 1_000;
      long[] dates = all.micros("date");
      int split = 0;
      while (dates[split] < now) split++;
      engine.write(
          all.pick(java.util.stream.IntStream.range(0, split).toArray()),
          home.resolve("flights.parquet"));
      return all.pick(java.util.stream.IntStream.range(split, split + BODIES + 100).toArray());
    }
  }

  private static Process start(Path home) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-Xmx1g",
            "-XX:+UseParallelGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dlogback.statusListenerClass=ch.qos.logback.core.status.NopStatusListener",
            "-cp",
            System.getProperty("java.class.path"),
            ServerUnderTest.class.getName(),
            home.toString(),
            NOW)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /// Has the project's own pipeline train a model and put it into service.
  private static void train(int port) throws Exception {
    try (var connection = new Connection(port)) {
      String run =
          connection.text(Connection.post(port, "/api/v1/pipeline/runs", "{\"reason\":\"bench\"}"));
      String id = Json.tree(run.getBytes(StandardCharsets.UTF_8)).path("id").asText();
      long deadline = System.nanoTime() + TRAINED_WITHIN.toNanos();
      while (true) {
        String text = connection.text(Connection.get(port, "/api/v1/pipeline/runs/" + id));
        String state =
            Json.tree(text.getBytes(StandardCharsets.UTF_8))
                .path("state")
                .asText()
                .toLowerCase(Locale.ROOT);
        if (state.equals("succeeded")) return;
        if (!List.of("waiting", "running").contains(state) || System.nanoTime() > deadline) {
          throw new IllegalStateException("the model was not trained: " + text);
        }
        Thread.sleep(200);
      }
    }
  }

  private static List<String> bodies(Table next, int rows) {
    var bodies = new ArrayList<String>();
    for (int i = 0; i < BODIES; i++) {
      var list = new ArrayList<Map<String, Object>>();
      for (int row = i; row < i + rows; row++) {
        var values = new LinkedHashMap<String, Object>();
        for (String column : List.of("date", "distance", "origin", "destination")) {
          values.put(column, Objects.requireNonNull(next.column(column).value(row)));
        }
        list.add(values);
      }
      bodies.add(Json.text(Map.of("rows", list)));
    }
    return bodies;
  }

  private static List<byte[]> posts(int port, String path, List<String> bodies) {
    return bodies.stream().map(body -> Connection.post(port, path, body)).toList();
  }
}
