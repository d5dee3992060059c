package dev.orrery.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/// A server that keeps what it is sent in memory, by the contract of the real one; and one that
/// fails when it is told to.
final class FakeServer implements AutoCloseable {
  static {
    // Otherwise each answer waits 40 ms for an acknowledgement of its head.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  final Map<String, JsonNode> rows = Collections.synchronizedMap(new LinkedHashMap<>());
  final Map<String, JsonNode> outcomes = Collections.synchronizedMap(new LinkedHashMap<>());
  private final Map<String, byte[]> answers = new HashMap<>();
  private final Map<String, String> bodies = new HashMap<>();
  private final HttpServer http;
  private Instant now;
  private int count;

  /// Which calls, by their number, break off without an answer after they were carried out.
  IntPredicate breaksAfter = _ -> false;

  /// Which calls are refused with 503 before anything is done.
  IntPredicate busy = _ -> false;

  boolean virtual = true;

  /// Whether no version serves.
  boolean bare;

  /// The body of the last prediction request, as it was sent.
  String lastRows = "";

  FakeServer(Instant now) throws IOException {
    this.now = now;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext("/", this::handle);
    http.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
  }

  Instant now() {
    return now;
  }

  private synchronized void handle(HttpExchange exchange) throws IOException {
    int number = count++;
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    if (busy.test(number)) {
      answer(exchange, 503, "{\"detail\":\"busy\",\"code\":\"ORR-0211\"}");
      return;
    }
    if (bare && path.equals("/predict")) {
      answer(exchange, 503, "{\"error\":\"no model version is deployed\",\"code\":\"ORR-0853\"}");
      return;
    }
    String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
    calls.add(exchange.getRequestMethod() + " " + path + (key == null ? "" : " " + key));
    String text = new String(body, java.nio.charset.StandardCharsets.UTF_8);
    String answer =
        switch (path) {
          case "/predict" -> predict(text, key);
          case "/outcomes" -> outcomes(Json.tree(body));
          case "/api/v1/clock" -> clock(exchange.getRequestMethod(), body);
          case "/api/v1/predictions/lookup" -> lookup(Json.tree(body));
          case "/api/v1/endpoints/late-arrival" ->
              "{\"predictions\":%d,\"outcomes\":%d}".formatted(rows.size(), outcomes.size());
          default -> rows.containsKey(path.replaceFirst(".*/", "")) ? "{}" : "";
        };
    if (breaksAfter.test(number)) {
      exchange.close();
    } else if (answer.isEmpty()) {
      answer(exchange, 404, "{\"detail\":\"no prediction\",\"code\":\"ORR-0007\"}");
    } else {
      answer(exchange, answer.startsWith("{\"error\"") ? 400 : 200, answer);
    }
  }

  private String predict(String text, String key) {
    lastRows = text;
    if (answers.containsKey(key)) {
      if (!text.equals(bodies.get(key))) return "{\"error\":\"another body\"}";
      return new String(answers.get(key), java.nio.charset.StandardCharsets.UTF_8);
    }
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode scores = answer.putArray("score");
    ArrayNode ids = answer.putArray("ids");
    for (JsonNode row :
        Json.tree(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)).get("rows")) {
      String id = Ids.at(now).toString();
      rows.put(id, row);
      ids.add(id);
      scores.add(0.25);
    }
    answers.put(key, Json.bytes(answer));
    bodies.put(key, text);
    return answer.toString();
  }

  private String lookup(JsonNode body) {
    List<String> missing = new ArrayList<>();
    for (JsonNode id : body.get("ids")) {
      if (!rows.containsKey(id.asText())) missing.add("\"" + id.asText() + "\"");
    }
    int found = body.get("ids").size() - missing.size();
    return "{\"found\":%d,\"missing\":%s}".formatted(found, missing);
  }

  private String outcomes(JsonNode body) {
    for (JsonNode one : body.get("outcomes")) {
      String id = one.get("id").asText();
      if (!rows.containsKey(id)) return "";
      JsonNode before = outcomes.putIfAbsent(id, one);
      if (before != null && !before.equals(one)) return "{\"error\":\"changed\"}";
    }
    return "{\"stored\":1}";
  }

  private String clock(String method, byte[] body) {
    if (method.equals("POST")) {
      Instant to = Instant.parse(Json.tree(body).get("to").asText());
      if (to.isBefore(now)) return "{\"error\":\"a clock does not go back\"}";
      now = to;
    }
    return "{\"virtual\":%s,\"now\":\"%s\",\"settled\":%s}".formatted(virtual, now, count % 3 != 0);
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    http.stop(0);
  }
}
