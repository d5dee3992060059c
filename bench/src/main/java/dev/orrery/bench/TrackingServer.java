package dev.orrery.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A server of experiments as its users start it, Orrery's or MLflow's.
///
/// @param startSeconds from its command to its first healthy answer
record TrackingServer(Process process, int port, double startSeconds) implements AutoCloseable {
  private static final Duration HEALTHY_WITHIN = Duration.ofMinutes(3);

  static TrackingServer orrery(Plan plan, String home) throws Exception {
    int port = freePort();
    Path folder = plan.work().resolve(home);
    return start(
        plan,
        port,
        List.of(
            plan.repository().resolve("orrery").toString(),
            "up",
            "--home",
            folder.toString(),
            "--port",
            "" + port));
  }

  /// As its documentation starts it, on SQLite, with the four workers of its default.
  static TrackingServer mlflow(Plan plan, String home) throws Exception {
    int port = freePort();
    Path folder = Files.createDirectories(plan.work().resolve(home));
    return start(
        plan,
        port,
        List.of(
            System.getProperty("orrery.mlflow", "python3"),
            "-m",
            "mlflow",
            "server",
            "--host",
            "127.0.0.1",
            "--port",
            "" + port,
            "--workers",
            "4",
            "--backend-store-uri",
            "sqlite:///" + folder.resolve("mlflow.db"),
            "--artifacts-destination",
            folder.resolve("artifacts").toString()));
  }

  private static TrackingServer start(Plan plan, int port, List<String> command) throws Exception {
    ProcessBuilder how = new ProcessBuilder(command);
    how.environment().putAll(Map.of("MLFLOW_DISABLE_TELEMETRY", "true"));
    how.redirectErrorStream(true);
    how.redirectOutput(plan.work().resolve("server-" + port + ".log").toFile());
    long begun = System.nanoTime();
    Process process = how.start();
    while (!isHealthy(port)) {
      Thread.sleep(5);
      boolean isLate = System.nanoTime() - begun > HEALTHY_WITHIN.toNanos();
      if (isLate || !process.isAlive()) {
        process.destroyForcibly();
        String log = Files.readString(plan.work().resolve("server-" + port + ".log"));
        throw new IllegalStateException("the server did not start: " + log);
      }
    }
    return new TrackingServer(process, port, (System.nanoTime() - begun) / 1e9);
  }

  private static boolean isHealthy(int port) {
    try (var connection = new PeerConnection(port)) {
      connection.get("/health");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// The memory that the server and its workers hold, in MiB.
  double residentMiB() throws IOException {
    double kib = 0;
    try (Stream<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants())) {
      for (ProcessHandle one : all.toList()) kib += residentKiB(one.pid());
    }
    return kib / 1024;
  }

  private static double residentKiB(long pid) throws IOException {
    Path status = Path.of("/proc/" + pid + "/status");
    if (!Files.isReadable(status)) return 0;
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) return Double.parseDouble(line.replaceAll("\\D", ""));
    }
    return 0;
  }

  @Override
  public void close() throws Exception {
    List<ProcessHandle> workers = process.descendants().toList();
    process.destroy();
    if (!process.waitFor(Duration.ofSeconds(15))) process.destroyForcibly();
    workers.forEach(ProcessHandle::destroyForcibly);
  }
}
