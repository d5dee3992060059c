package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A server of MLflow, asked by its REST API; with `MLFLOW_TRACKING_USERNAME` and `_PASSWORD`, or
/// `MLFLOW_TRACKING_TOKEN`, where it wants to know who asks.
final class MlflowServer implements MlflowSource {
  private static final String API = "/api/2.0/mlflow/";
  private static final int RUNS_PAGE = 500;
  private static final int POINTS_PAGE = 25_000;
  private static final int PAGES_MAX = 100_000;
  private static final int DEPTH_MAX = 64;

  private final URI server;
  private final Client client;
  private final @Nullable String authorization;

  MlflowServer(URI server, Map<String, String> environment) {
    this.server = server;
    String token = environment.get("MLFLOW_TRACKING_TOKEN");
    String user = environment.get("MLFLOW_TRACKING_USERNAME");
    String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
    if (token != null) {
      authorization = "Bearer " + token;
    } else if (user != null) {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
    } else {
      authorization = null;
    }
    this.client =
        Client.at(server)
            .within(Duration.ofSeconds(120))
            .authorized(authorization)
            .hinting("Check that MLflow runs there, and that the address is the right one");
  }

  @Override
  public String place() {
    return server.toString();
  }

  @Override
  public List<JsonNode> experiments() {
    List<JsonNode> found = new ArrayList<>();
    Map<String, Object> ask = new LinkedHashMap<>();
    ask.put("max_results", 1_000);
    ask.put("view_type", "ALL");
    pages("experiments/search", ask, answer -> answer.path("experiments").forEach(found::add));
    return found;
  }

  @Override
  public void runs(String experiment, Consumer<JsonNode> each) {
    Map<String, Object> ask = new LinkedHashMap<>();
    ask.put("experiment_ids", List.of(experiment));
    ask.put("run_view_type", "ALL");
    ask.put("max_results", RUNS_PAGE);
    ask.put("order_by", List.of("attributes.start_time ASC"));
    pages("runs/search", ask, answer -> answer.path("runs").forEach(each));
  }

  private void pages(String path, Map<String, Object> ask, Consumer<JsonNode> each) {
    for (int i = 0; i < PAGES_MAX; i++) {
      JsonNode answer = client.post(API + path, ask);
      each.accept(answer);
      String token = answer.path("next_page_token").asText("");
      if (token.isEmpty()) return;
      ask.put("page_token", token);
    }
  }

  @Override
  public void history(JsonNode run, String metric, Consumer<List<Point>> each) {
    String path =
        API
            + "metrics/get-history?run_id=%s&metric_key=%s&max_results=%d"
                .formatted(
                    Urls.segment(MlflowSource.runId(run)), Urls.segment(metric), POINTS_PAGE);
    String page = "";
    for (int i = 0; i < PAGES_MAX; i++) {
      JsonNode answer = client.get(path + page);
      List<Point> points = new ArrayList<>();
      for (JsonNode point : answer.path("metrics")) {
        points.add(
            new Point(
                number(point.path("value")),
                point.path("timestamp").asLong(),
                point.path("step").asLong()));
      }
      if (!points.isEmpty()) each.accept(points);
      String token = answer.path("next_page_token").asText("");
      if (token.isEmpty() || points.isEmpty()) return;
      page = "&page_token=" + Urls.segment(token);
    }
  }

  private static double number(JsonNode value) {
    if (value.isNumber()) return value.doubleValue();
    return switch (value.asText()) {
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.NaN;
    };
  }

  @Override
  public List<File> artifacts(JsonNode run) {
    List<File> files = new ArrayList<>();
    list(MlflowSource.runId(run), "", files, 0);
    return files;
  }

  private void list(String run, String folder, List<File> into, int depth) {
    if (depth > DEPTH_MAX) return;
    String path = API + "artifacts/list?run_id=" + Urls.segment(run);
    if (!folder.isEmpty()) path += "&path=" + Urls.segment(folder);
    String page = "";
    for (int i = 0; i < PAGES_MAX; i++) {
      JsonNode answer = client.get(path + page);
      for (JsonNode file : answer.path("files")) {
        String name = file.path("path").asText();
        if (file.path("is_dir").asBoolean()) list(run, name, into, depth + 1);
        else into.add(new File(name, file.path("file_size").asLong(-1)));
      }
      String token = answer.path("next_page_token").asText("");
      if (token.isEmpty()) return;
      page = "&page_token=" + Urls.segment(token);
    }
  }

  @Override
  public InputStream open(JsonNode run, String path) throws IOException {
    URI at =
        server.resolve(
            "/get-artifact?run_uuid=%s&path=%s"
                .formatted(Urls.segment(MlflowSource.runId(run)), Urls.segment(path)));
    var connection = (HttpURLConnection) at.toURL().openConnection();
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(10_000);
    connection.setReadTimeout(120_000);
    if (authorization != null) connection.setRequestProperty("Authorization", authorization);
    int status = connection.getResponseCode();
    if (status == 200) return connection.getInputStream();
    throw new Problem(
        Fault.BAD_ANSWER,
        "%s answered %d for the file %s".formatted(server, status, Texts.shown(path)),
        "Import again when the server can give it");
  }
}
