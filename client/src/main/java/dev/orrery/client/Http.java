package dev.orrery.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The wire under all faces: one server, its credentials, and calls that are tried again.
final class Http {
  static final String KEY = "Idempotency-Key";

  private static final String MLFLOW = "/api/2.0/mlflow";
  private static final int ANSWER_BYTES_MAX = 256 << 20;
  private static final int ERROR_BYTES_MAX = 64 << 10;

  private final HttpClient http;
  private final String root;
  private final @Nullable String authorization;
  private final Duration timeout;
  private final Retries retries;

  Http(
      HttpClient http,
      String root,
      @Nullable String authorization,
      Duration timeout,
      Retries retries) {
    this.http = http;
    this.root = root;
    this.authorization = authorization;
    this.timeout = timeout;
    this.retries = retries;
  }

  String root() {
    return root;
  }

  Retries retries() {
    return retries;
  }

  /// Asks under `/api/2.0/mlflow`; fields without a value are left out.
  Fields get(String path, Map<String, ?> query) {
    return Fields.of(call("GET", MLFLOW + path + query(query), null));
  }

  Fields post(String path, Map<String, ?> body) {
    return send("POST", path, body);
  }

  Fields patch(String path, Map<String, ?> body) {
    return send("PATCH", path, body);
  }

  Fields delete(String path, Map<String, ?> body) {
    return send("DELETE", path, body);
  }

  private Fields send(String method, String path, Map<String, ?> body) {
    return Fields.of(call(method, MLFLOW + path, Json.write(body)));
  }

  /// A call of any path; a write gets a key of its own, so that trying again does it once.
  String call(String method, String path, @Nullable String json) {
    return call(method, path, json, UUID.randomUUID().toString(), retries);
  }

  String call(String method, String path, @Nullable String json, String key, Retries patience) {
    HttpRequest.Builder request = request(path);
    if (json == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request.method(method, BodyPublishers.ofString(json));
      request.header("Content-Type", "application/json");
    }
    if (!method.equals("GET")) request.header(KEY, key);
    HttpRequest built = request.build();
    HttpResponse<InputStream> answer = exchange(() -> built, patience);
    try (InputStream body = answer.body()) {
      byte[] bytes = body.readNBytes(ANSWER_BYTES_MAX + 1);
      if (bytes.length > ANSWER_BYTES_MAX) {
        throw new OrreryException(answer.statusCode(), "TOO_LARGE", "the answer is over 256 MB");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  /// Puts bytes at a path, or an address that the server gave; the answer's headers.
  HttpResponse<InputStream> put(
      String path, Supplier<BodyPublisher> body, Map<String, String> headers) {
    HttpResponse<InputStream> answer =
        exchange(
            () -> {
              HttpRequest.Builder request = request(path).PUT(body.get());
              headers.forEach(request::header);
              return request.build();
            },
            retries);
    drain(answer);
    return answer;
  }

  /// Opens a file from a byte on; the caller closes the body.
  HttpResponse<InputStream> open(String path, long from) {
    HttpRequest.Builder request = request(path).GET();
    if (from > 0) request.header("Range", "bytes=" + from + "-");
    HttpRequest built = request.build();
    return exchange(() -> built, retries);
  }

  private HttpRequest.Builder request(String path) {
    String address = path.startsWith("/") ? root + path : path;
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address)).timeout(timeout);
    // What another server gave the address of, such as a bucket, does not see our credentials.
    if (authorization != null && address.startsWith(root + "/")) {
      request.header("Authorization", authorization);
    }
    return request;
  }

  /// The answer, if it is one of success.
  private HttpResponse<InputStream> exchange(Supplier<HttpRequest> request, Retries patience) {
    long away = 0;
    for (int attempt = 1; ; attempt++) {
      long asked = -1;
      long began = System.nanoTime();
      boolean isAway = false;
      OrreryException failure;
      try {
        HttpResponse<InputStream> answer =
            http.send(request.get(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() < 300) return answer;
        failure = failure(answer);
        asked = answer.headers().firstValue("Retry-After").map(Http::seconds).orElse(-1L);
      } catch (IOException e) {
        isAway = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
        failure = unreachable(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new OrreryException("the wait for " + root + " was interrupted", e);
      }
      if (attempt > patience.most() || !failure.isTransient()) throw failure;
      Duration wait = patience.before(attempt, asked);
      if (isAway) {
        long tried = System.nanoTime() - began;
        away += tried + wait.toNanos();
        // The next try is taken to last as long as this one did.
        if (away + tried > patience.away().toNanos()) throw failure;
      } else {
        away = 0;
      }
      sleep(wait, failure);
    }
  }

  private static void sleep(Duration wait, OrreryException failure) {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  private static long seconds(String text) {
    try {
      return Math.max(0, Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private OrreryException unreachable(IOException e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new OrreryException(root + " gave no answer: " + why, e);
  }

  private static OrreryException failure(HttpResponse<InputStream> answer) {
    String text;
    try (InputStream body = answer.body()) {
      text = new String(body.readNBytes(ERROR_BYTES_MAX), StandardCharsets.UTF_8);
    } catch (IOException e) {
      text = "";
    }
    int status = answer.statusCode();
    Fields fields = fields(text);
    String code = fields.found("error_code").orElse("HTTP_" + status);
    String message = fields.found("message").or(() -> fields.found("detail")).orElse(text.strip());
    return new OrreryException(status, code, code + ": " + message);
  }

  /// Of what is not JSON, as a proxy's page or plain text, nothing: it is told as it is.
  private static Fields fields(String text) {
    try {
      return Fields.of(text);
    } catch (IllegalArgumentException e) {
      return Fields.EMPTY;
    }
  }

  private static void drain(HttpResponse<InputStream> answer) {
    try (InputStream body = answer.body()) {
      body.skip(ERROR_BYTES_MAX);
    } catch (IOException e) {
      // The bytes had arrived: the status said so.
    }
  }

  /// A query string, with its question mark; lists become repeated keys.
  static String query(Map<String, ?> fields) {
    StringBuilder out = new StringBuilder();
    fields.forEach((name, value) -> {
      List<?> values = value instanceof List<?> list ? list : List.of(value);
      for (Object one : values) {
        out.append(out.isEmpty() ? '?' : '&').append(encode(name)).append('=');
        out.append(encode(one.toString()));
      }
    });
    return out.toString();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// A path of segments as it stands in an address.
  static String path(String path) {
    StringBuilder out = new StringBuilder();
    for (String segment : path.split("/")) {
      if (!segment.isEmpty()) out.append('/').append(encode(segment));
    }
    return out.toString();
  }
}
