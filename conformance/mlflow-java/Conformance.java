import dev.orrery.client.OrreryException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/// Checks of two Java clients, MLflow's and ours, against one server: counts and prints them.
public final class Conformance {
  private static int passed;
  private static int failed;
  private static int names;

  /// A check passes by returning.
  interface Check {
    void run() throws Exception;
  }

  /// The server, which checks may kill and start again on its port.
  static final class Server implements AutoCloseable {
    final Path home;
    final int port;
    private Process process;

    Server(Path home) throws Exception {
      this.home = home;
      try (var socket = new ServerSocket(0)) {
        port = socket.getLocalPort();
      }
      start();
    }

    String address() {
      return "http://127.0.0.1:" + port;
    }

    void start() throws Exception {
      process =
          new ProcessBuilder(
                  System.getenv("ORRERY"), "up", "--home", home.toString(), "--port", "" + port)
              .redirectErrorStream(true)
              .redirectOutput(home.resolveSibling("server.log").toFile())
              .start();
      var http = HttpClient.newHttpClient();
      var health = HttpRequest.newBuilder(URI.create(address() + "/health")).build();
      for (int i = 0; i < 1_200; i++) {
        try {
          if (http.send(health, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) return;
        } catch (IOException e) {
          // Not yet.
        }
        if (!process.isAlive()) break;
        Thread.sleep(100);
      }
      throw new IllegalStateException(
          "the server did not start: " + Files.readString(home.resolveSibling("server.log")));
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
      kill();
    }
  }

  static void check(String name, Check check) {
    try {
      check.run();
      passed++;
    } catch (Exception | AssertionError e) {
      failed++;
      System.out.println("FAILED  " + name + ": " + e);
      if (System.getenv("CONFORMANCE_TRACE") != null) e.printStackTrace();
    }
  }

  static void eq(Object got, Object want) {
    if (!Objects.equals(got, want)) throw new AssertionError("wanted " + want + ", got " + got);
  }

  static void that(boolean holds, String text) {
    if (!holds) throw new AssertionError(text);
  }

  /// The call fails with an error whose text has the part.
  static void fails(String part, Check call) throws Exception {
    try {
      call.run();
    } catch (RuntimeException e) {
      String text = e.getMessage() + (e instanceof OrreryException o ? " " + o.code() : "");
      that(text.contains(part), "wanted '" + part + "' in '" + text + "'");
      return;
    }
    throw new AssertionError("nothing failed, though '" + part + "' was wanted");
  }

  /// A name that no other check uses.
  static String fresh(String what) {
    return what + "-" + ++names;
  }

  public static void main(String[] args) throws Exception {
    Path work = Files.createTempDirectory("conformance-java-");
    try (var server = new Server(Files.createDirectories(work.resolve("home")))) {
      MlflowJava.run(server, work);
      OrreryJava.run(server, work);
    } finally {
      try (var files = Files.walk(work)) {
        List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
        for (Path file : all) Files.deleteIfExists(file);
      }
    }
    System.out.printf("Java clients: %d passed, %d failed%n", passed, failed);
    System.exit(failed == 0 ? 0 : 1);
  }
}
