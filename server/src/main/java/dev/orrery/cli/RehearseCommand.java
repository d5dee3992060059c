package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.ModelServer;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Problem;
import dev.orrery.inference.CatalogOptions;
import dev.orrery.web.WebOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import picocli.CommandLine.Option;

/// Walks through the everyday commands once, with nothing to show: the launcher runs it after a
/// build, so that the JVM keeps their classes in its cache and the next start is quick.
final class RehearseCommand extends Command {
  /// One tree with two leaves, as LightGBM writes it.
  private static final String TINY =
      """
      tree
      version=v4
      num_class=1
      num_tree_per_iteration=1
      label_index=0
      max_feature_idx=0
      objective=binary sigmoid:1
      feature_names=x
      feature_infos=[-3:3]
      tree_sizes=311

      Tree=0
      num_leaves=2
      num_cat=0
      split_feature=0
      split_gain=200
      threshold=0.5
      decision_type=2
      left_child=-1
      right_child=-2
      leaf_value=-0.2 0.2
      leaf_weight=25 25
      leaf_count=100 100
      internal_value=0
      internal_weight=50
      internal_count=200
      is_linear=0
      shrinkage=0.1


      end of trees
      """;

  @Option(names = "--serve")
  boolean serve;

  @Override
  int run(Terminal terminal) throws Exception {
    Path stage = Files.createTempDirectory("orrery-rehearsal");
    try {
      play(terminal, stage, "version");
      play(terminal, stage, "help");
      play(terminal, stage, "help", "check");
      play(terminal, stage, "init", "project");
      play(terminal, stage, "check", "--home", "project");
      play(terminal, stage, "check", "--home", "project", "--json");
      Files.writeString(stage.resolve("orrery.yaml"), "orrery: 1\nprojekt: {}\n");
      play(terminal, stage, "check");
      play(terminal, stage, "--json", "no-such-command");
      talk(terminal, stage);
      if (serve) {
        serve(terminal, stage);
        serveModel(terminal, stage);
      }
    } finally {
      try (var files = Files.walk(stage)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      }
    }
    return ExitCode.OK;
  }

  private static void play(Terminal terminal, Path stage, String... words) {
    var nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    var hall = new Terminal(nowhere, nowhere, terminal.environment(), terminal.clock(), stage);
    new Cli(hall).run(List.of(words));
  }

  /// A server on a folder, asked for its status and closed again.
  private static void serve(Terminal terminal, Path stage) {
    var options = new OrreryOptions(stage.resolve("project"), "127.0.0.1", 0, null, 1, "rehearsal");
    try (Orrery orrery = Orrery.start(options, terminal.clock())) {
      askForStatus(terminal, stage, orrery.address());
    } catch (Problem _) {
      // The rehearsal goes on without it.
    }
  }

  /// The smallest model there is, served and asked once over each of the usual ways.
  private static void serveModel(Terminal terminal, Path stage)
      throws IOException, InterruptedException {
    Path file = Files.writeString(stage.resolve("tiny.txt"), TINY);
    try (ModelServer server =
            ModelServer.start(
                List.of(file),
                CatalogOptions.DEFAULT,
                new WebOptions("127.0.0.1", 0),
                terminal.clock());
        HttpClient client = HttpClient.newHttpClient()) {
      String address = "http://127.0.0.1:" + server.port();
      String tensor =
          "{\"inputs\":[{\"name\":\"input\",\"shape\":[1,1],\"datatype\":\"FP64\",\"data\":[1]}]}";
      post(client, address + "/v2/models/tiny/infer", tensor);
      post(client, address + "/predict", "{\"x\":1}");
      post(client, address + "/v1/models/tiny:predict", "{\"instances\":[[1]]}");
    } catch (Problem _) {
      // The rehearsal goes on without it.
    }
  }

  private static void post(HttpClient client, String uri, String body)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(uri)).POST(HttpRequest.BodyPublishers.ofString(body));
    var unused = client.send(request.build(), HttpResponse.BodyHandlers.discarding());
  }

  private static void askForStatus(Terminal terminal, Path stage, String address) {
    var environment = new HashMap<>(terminal.environment());
    environment.put("ORRERY_SERVER", address);
    var nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    var hall = new Terminal(nowhere, nowhere, environment, terminal.clock(), stage);
    new Cli(hall).run(List.of("status"));
  }

  /// A few requests and their answers, so that the client is known as well.
  private static void talk(Terminal terminal, Path stage) throws IOException, InterruptedException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread other = Thread.ofPlatform().daemon().start(() -> answer(server));
      String address = "http://127.0.0.1:" + server.getLocalPort();
      try {
        Client client = Client.at(URI.create(address)).within(Duration.ofSeconds(2));
        client.post("/", JsonNodeFactory.instance.objectNode().put("a", 1));
        askForStatus(terminal, stage, address);
      } catch (Problem _) {
        // Likewise.
      }
      server.close();
      other.join(2_000);
    }
  }

  private static void answer(ServerSocket server) {
    while (true) {
      try (Socket socket = server.accept()) {
        int unused = socket.getInputStream().read(new byte[4_096]);
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";
        socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
      } catch (IOException _) {
        // The rehearsal is over, or goes on without it.
        return;
      }
    }
  }
}
