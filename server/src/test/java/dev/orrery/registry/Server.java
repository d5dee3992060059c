package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.Orrery;
import dev.orrery.OrreryOptions;
import dev.orrery.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A started server, asked as MLflow's clients and the console ask it.
final class Server implements AutoCloseable {
  static final String MLFLOW = "/api/2.0/mlflow";

  private final Orrery orrery;
  private final HttpClient client = HttpClient.newHttpClient();

  /// @param status of the answer
  record Answer(int status, String text) {
    JsonNode json() {
      return Json.tree(text.getBytes(StandardCharsets.UTF_8));
    }

    JsonNode at(String pointer) {
      return json().at(pointer);
    }
  }

  Server(Path home) {
    this.orrery = Orrery.start(OrreryOptions.of(home, 0), InstantSource.system());
  }

  Answer get(String path, String... query) {
    var full = new StringBuilder(path);
    for (int i = 0; i < query.length; i += 2) {
      full.append(i == 0 ? '?' : '&').append(query[i]).append('=').append(encoded(query[i + 1]));
    }
    return send("GET", full.toString(), null);
  }

  Answer mlflow(String path, String... query) {
    return get(MLFLOW + path, query);
  }

  Answer send(String method, String path, @Nullable Object body, String... headers) {
    var builder = HttpRequest.newBuilder(URI.create(orrery.address() + path));
    HttpRequest.BodyPublisher publisher = HttpRequest.BodyPublishers.noBody();
    if (body != null) {
      String text = body instanceof String plain ? plain : Json.text(body);
      publisher = HttpRequest.BodyPublishers.ofString(text);
      builder.header("content-type", "application/json");
    }
    for (int i = 0; i < headers.length; i += 2) builder.header(headers[i], headers[i + 1]);
    try {
      HttpResponse<String> response =
          client.send(
              builder.method(method, publisher).build(), HttpResponse.BodyHandlers.ofString());
      return new Answer(response.statusCode(), response.body());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Answer mlflow(String method, String path, Map<String, ?> body) {
    return send(method, MLFLOW + path, body);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  void model(String name) {
    Answer answer = mlflow("POST", "/registered-models/create", Map.of("name", name));
    if (answer.status() != 200) throw new AssertionError(answer.text());
  }

  /// The number of the new version.
  String version(String name, Map<String, ?> more) {
    var body = new java.util.LinkedHashMap<String, Object>();
    body.put("name", name);
    body.put("source", "runs:/run_id/model");
    body.putAll(more);
    Answer answer = mlflow("POST", "/model-versions/create", body);
    if (answer.status() != 200) throw new AssertionError(answer.text());
    return answer.at("/model_version/version").asText();
  }

  Answer stage(String name, String version, String stage) {
    return mlflow(
        "POST",
        "/model-versions/transition-stage",
        Map.of("name", name, "version", version, "stage", stage));
  }

  @Override
  public void close() {
    orrery.close();
    client.close();
  }
}
