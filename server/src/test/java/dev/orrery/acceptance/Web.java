package dev.orrery.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// A client of a server under test.
///
/// @param address such as `http://127.0.0.1:8080`
record Web(String address) {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  record Reply(int status, String text) {
    JsonNode json() {
      return Json.tree(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  Reply get(String path) throws IOException, InterruptedException {
    return send("GET", path, "");
  }

  Reply post(String path, String body, String... headers) throws IOException, InterruptedException {
    return send("POST", path, body, headers);
  }

  /// Asks for JSON that must be there.
  JsonNode json(String path) throws IOException, InterruptedException {
    Reply reply = get(path);
    if (reply.status() != 200) throw new AssertionError(path + " answered " + reply);
    return reply.json();
  }

  Reply send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    var request =
        HttpRequest.newBuilder(URI.create(address + path))
            .timeout(Duration.ofSeconds(60))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) request.headers(headers);
    HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
    return new Reply(response.statusCode(), response.body());
  }
}
