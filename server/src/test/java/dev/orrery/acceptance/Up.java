package dev.orrery.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.orrery.Main;
import dev.orrery.base.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// `orrery up` in a process of its own, as people run it, on a home where a model serves.
///
/// @param open the id of a prediction whose outcome is not known
/// @param settled the id of one whose outcome is
record Up(Path home, Process process, Web web, String open, String settled)
    implements AutoCloseable {
  static final String ROW =
      "{\"date\":\"2001-03-20T08:00:00Z\",\"distance\":606,\"origin\":\"ATL\",\"destination\":\"ORD\"}";

  static Up on(Path home) throws IOException, InterruptedException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-XX:+UseSerialGC", "-Duser.timezone=UTC"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", path, Main.class.getName()));
    command.addAll(List.of("up", "--home", home.toString(), "--port", "0", "--json"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    var out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      said.append(line).append('\n');
      if (line.equals("}")) break;
    }
    assertThat(said.toString()).as("what 'orrery up' said").contains("address");
    String address =
        Json.tree(said.toString().getBytes(StandardCharsets.UTF_8)).path("address").asText();
    Web web = new Web(address);
    String settled = predict(web);
    String outcome = "{\"outcomes\":[{\"id\":\"%s\",\"actual\":{\"delay\":7}}]}".formatted(settled);
    assertThat(web.post("/outcomes", outcome).status()).isEqualTo(200);
    return new Up(home, process, web, predict(web), settled);
  }

  private static String predict(Web web) throws IOException, InterruptedException {
    return web.post("/predict", ROW).json().path("ids").path(0).asText();
  }

  /// All that a bad request or command must leave as it is.
  JsonNode state() throws IOException, InterruptedException {
    ArrayNode state = Json.MAPPER.createArrayNode();
    state.add(web.json("/api/v1/endpoints/late-arrival"));
    state.add(web.json("/api/v1/clock"));
    state.add(web.json("/api/v1/pipeline/runs"));
    state.add(web.json("/api/v1/retrains"));
    return state;
  }

  int port() {
    return Integer.parseInt(web.address().replaceFirst(".*:", ""));
  }

  /// Stops it by SIGTERM, which must end it well.
  @Override
  public void close() throws InterruptedException {
    process.destroy();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ends when told").isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
