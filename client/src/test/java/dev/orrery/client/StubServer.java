package dev.orrery.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// A server that fails as a test plans it, and counts each point of a batch unless its key came
/// before.
final class StubServer implements AutoCloseable {
  /// What the next requests are answered; -1 cuts the connection after the work is done.
  final Queue<Integer> plan = new ConcurrentLinkedQueue<>();

  final List<String> requests = new CopyOnWriteArrayList<>();
  final Map<String, Integer> points = new ConcurrentHashMap<>();
  private final Map<String, Boolean> keys = new ConcurrentHashMap<>();
  private HttpServer server;
  private final int port;

  StubServer() throws IOException {
    server = start(0);
    port = server.getAddress().getPort();
  }

  String address() {
    return "http://127.0.0.1:" + port;
  }

  void stop() {
    server.stop(0);
  }

  void startAgain() throws IOException {
    server = start(port);
  }

  private HttpServer start(int at) throws IOException {
    HttpServer made =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
    made.setExecutor(Executors.newCachedThreadPool());
    made.createContext("/", this::handle);
    made.start();
    return made;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    Integer planned = plan.poll();
    int status = planned == null ? 200 : planned;
    String path = exchange.getRequestURI().getPath();
    if ((status == 200 || status == -1) && path.endsWith("/log-batch")) {
      status = isRefused(body) ? 400 : status;
      if (status != 400) count(exchange.getRequestHeaders().getFirst(Http.KEY), body);
    }
    if (status == -1) {
      exchange.close();
      return;
    }
    String answer =
        status == 200 ? "{}" : "{\"error_code\": \"PLANNED\", \"message\": \"as planned\"}";
    byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
    if (status == 429) exchange.getResponseHeaders().add("Retry-After", "0");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static boolean isRefused(String body) {
    return body.contains("\"bad\"");
  }

  private void count(String key, String body) {
    if (keys.putIfAbsent(key, true) != null) return;
    for (Metric point : Fields.of(body).list("metrics", Metric::of)) {
      points.merge(point.key() + "@" + point.step(), 1, Integer::sum);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
