package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.StoreLock;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Talks HTTP to the server that runs on a home, found by the lock of its store.
///
/// Over `HttpURLConnection`, which is loaded in a third of the time of `java.net.http`. Not for use
/// by several threads at once.
final class Client {
  private static final int CONNECT_MS = 2_000;
  private static final int ANSWER_BYTES_MAX = 64 << 20;

  static {
    // The JDK would send a POST a second time by itself when a connection breaks.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  private final URI server;
  private Duration patience = Duration.ofSeconds(30);
  private @Nullable String authorization;
  private Map<String, String> headers = Map.of();
  private String check = "Check with 'orrery doctor' that the server runs";

  private Client(URI server) {
    this.server = server;
  }

  /// The server on this home, if one runs.
  static Optional<Client> find(Path home) {
    Path store = home.resolve(".orrery");
    return StoreLock.holder(store)
        .filter(holder -> holder.port() > 0)
        .map(holder -> new Client(URI.create("http://127.0.0.1:" + holder.port())));
  }

  /// The server that `ORRERY_SERVER` names, if it names one.
  static Optional<Client> named(Map<String, String> environment) {
    String address = environment.getOrDefault("ORRERY_SERVER", "");
    if (address.isEmpty()) return Optional.empty();
    try {
      URI server = new URI(address);
      if ("http".equals(server.getScheme()) && server.getHost() != null && server.getPort() > 0) {
        return Optional.of(new Client(server));
      }
    } catch (URISyntaxException e) {
      throw notAnAddress(address).because(e);
    }
    throw notAnAddress(address);
  }

  private static Problem notAnAddress(String address) {
    return new Problem(
        Fault.BAD_COMMAND,
        "'%s' in ORRERY_SERVER is not the address of a server".formatted(Texts.shown(address)),
        "Write it as http://127.0.0.1:8080");
  }

  /// @throws Problem of kind UNAVAILABLE if no server runs on this home
  static Client of(Path home) {
    return find(home)
        .orElseThrow(() ->
            new Problem(
                Fault.NO_SERVER,
                "no server runs on %s".formatted(Texts.shown(home.toString())),
                "Start it with 'orrery up --home %s'".formatted(Texts.shown(home.toString()))));
  }

  static Client at(URI server) {
    return new Client(server);
  }

  /// How long an answer is waited for; 30 s unless told.
  Client within(Duration patience) {
    this.patience = patience;
    return this;
  }

  /// What to send as `Authorization`; null for nothing.
  Client authorized(@Nullable String header) {
    authorization = header;
    return this;
  }

  /// What to do where nothing answers, for a server that is none of ours.
  Client hinting(String remedy) {
    check = remedy;
    return this;
  }

  /// What to send with each request besides.
  Client with(Map<String, String> more) {
    headers = Map.copyOf(more);
    return this;
  }

  /// Sends the bytes of a stream to a path, as they come.
  ///
  /// @return how many
  long upload(String path, InputStream bytes) {
    try {
      var connection = open("PUT", path);
      connection.setRequestProperty("Content-Type", "application/octet-stream");
      connection.setDoOutput(true);
      connection.setChunkedStreamingMode(1 << 16);
      long sent;
      try (var out = connection.getOutputStream()) {
        sent = bytes.transferTo(out);
      }
      int status = connection.getResponseCode();
      byte[] answer = read(connection, status);
      if (status >= 200 && status < 300) return sent;
      throw refusal(status, answer);
    } catch (IOException e) {
      throw unavailable("the connection to %s broke (%s)".formatted(server, e.getMessage()), e);
    }
  }

  private HttpURLConnection open(String method, String path) throws IOException {
    var connection = (HttpURLConnection) server.resolve(path).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setInstanceFollowRedirects(false);
    connection.setConnectTimeout(CONNECT_MS);
    connection.setReadTimeout((int) patience.toMillis());
    connection.setRequestProperty("Accept", "application/json");
    headers.forEach(connection::setRequestProperty);
    if (authorization != null) connection.setRequestProperty("Authorization", authorization);
    return connection;
  }

  /// The address people open in a browser.
  URI server() {
    return server;
  }

  /// @param path with its query, percent-encoded: `/api/v1/status?days=7`
  /// @throws Problem what the server answered, or that it did not
  JsonNode get(String path) {
    return json("GET", path, null);
  }

  /// @param body anything that is written as JSON
  JsonNode post(String path, Object body) {
    return json("POST", path, Json.bytes(body));
  }

  JsonNode put(String path, Object body) {
    return json("PUT", path, Json.bytes(body));
  }

  JsonNode delete(String path) {
    return json("DELETE", path, null);
  }

  /// The text at a path that is not JSON, such as `/health`.
  String text(String path) {
    return new String(exchange("GET", path, null), java.nio.charset.StandardCharsets.UTF_8);
  }

  private JsonNode json(String method, String path, byte @Nullable [] body) {
    byte[] answer = exchange(method, path, body);
    if (answer.length == 0) return JsonNodeFactory.instance.nullNode();
    try {
      return Json.tree(answer);
    } catch (Problem e) {
      throw new Problem(
              Fault.BAD_ANSWER,
              "%s answered %s with something that is not JSON".formatted(server, path),
              "Check that it is an Orrery of this version")
          .because(e);
    }
  }

  private byte[] exchange(String method, String path, byte @Nullable [] body) {
    try {
      var connection = open(method, path);
      if (body != null) {
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (var out = connection.getOutputStream()) {
          out.write(body);
        }
      }
      int status = connection.getResponseCode();
      byte[] answer = read(connection, status);
      if (status >= 200 && status < 300) return answer;
      throw refusal(status, answer);
    } catch (ConnectException e) {
      throw unavailable("nothing listens at %s".formatted(server), e);
    } catch (SocketTimeoutException e) {
      throw unavailable("%s did not answer within %d s".formatted(server, patience.toSeconds()), e);
    } catch (IOException e) {
      throw unavailable("the connection to %s broke (%s)".formatted(server, e.getMessage()), e);
    }
  }

  private static byte[] read(HttpURLConnection connection, int status) throws IOException {
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      if (in == null) return new byte[0];
      byte[] answer = in.readNBytes(ANSWER_BYTES_MAX + 1);
      if (answer.length > ANSWER_BYTES_MAX) throw new IOException("the answer is over 64 MB");
      return answer;
    }
  }

  /// The server's problem as if it had happened here: its own number if it names one.
  private static Problem refusal(int status, byte[] answer) {
    JsonNode body = JsonNodeFactory.instance.objectNode();
    try {
      body = Json.tree(answer);
    } catch (Problem _) {
      // An answer without JSON has a status at least.
    }
    String code = word(body, "code");
    String what = word(body, "what", "detail", "message", "error", "title");
    String remedy = word(body, "remedy");
    Fault fault =
        Arrays.stream(Fault.values())
            .filter(known -> known.code().equals(code))
            .findFirst()
            .orElse(byStatus(status));
    return new Problem(
        fault,
        what.isEmpty() ? "the server answered with status %d".formatted(status) : what,
        remedy.isEmpty() ? "See the server's log" : remedy);
  }

  private static String word(JsonNode body, String... keys) {
    for (String key : keys) {
      if (body.path(key).isTextual()) return body.path(key).asText().replaceFirst("\\.$", "");
    }
    return "";
  }

  private static Fault byStatus(int status) {
    return switch (status) {
      case 400, 422 -> Fault.BAD_REQUEST;
      case 401, 403 -> Fault.NOT_ALLOWED;
      case 404 -> Fault.NOT_FOUND;
      case 405 -> Fault.WRONG_METHOD;
      case 413 -> Fault.BODY_TOO_LARGE;
      case 429, 503 -> Fault.BUSY;
      default -> Fault.BAD_ANSWER;
    };
  }

  private Problem unavailable(String what, IOException e) {
    return new Problem(Fault.NO_SERVER, what, check).because(e);
  }
}
