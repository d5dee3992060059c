package dev.orrery.replay;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The server that is played against: the few routes that a replay needs.
///
/// Everything it asks may be asked again: rows go under a key, outcomes that repeat are ignored,
/// the clock goes to where it stands. So a lost connection, 429 and 503 are tried again for a while
/// before they become a [Problem]. For one thread, but for [#stop()].
final class Server implements AutoCloseable {
  private static final int ANSWER_WITHIN_MILLIS = 60_000;
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(30);
  private static final long PAUSE_MILLIS_MIN = 20;
  private static final long PAUSE_MILLIS_MAX = 1_000;

  private final URI address;
  private final Duration patience;
  private final Wire wire;
  private volatile boolean stopping;
  private long nanos;

  /// @param patience how long to try again while the server cannot be reached
  Server(URI address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.wire = new Wire(address, ANSWER_WITHIN_MILLIS);
  }

  /// Where the clock stands.
  ///
  /// @param settled whether everything due by now is done
  record Clock(boolean virtual, Instant now, boolean settled) {}

  /// Has rows predicted and writes the two halves of their ids.
  ///
  /// @return what the answer took, in microseconds, tries that failed not counted
  long predict(JsonBytes rows, String key, long[] ids, int from, int count) {
    byte[] answer = exchange("POST", "/predict", rows.array(), rows.length(), key);
    long micros = nanos / 1_000;
    int found = ids(answer, ids, from, count);
    if (found != count) {
      throw new Problem(
          Fault.REPLAY_REFUSED,
          "the server answered %,d rows with %,d ids".formatted(count, found),
          "Check that it is an Orrery of this version");
    }
    return micros;
  }

  void tell(JsonBytes outcomes) {
    exchange("POST", "/outcomes", outcomes.array(), outcomes.length(), "");
  }

  Clock clock() {
    return clock(get("/api/v1/clock"));
  }

  /// Moves the clock and waits until everything due is done.
  void advance(Instant to) {
    byte[] body = Json.bytes(JsonNodeFactory.instance.objectNode().put("to", to.toString()));
    Clock clock = clock(tree(exchange("POST", "/api/v1/clock", body, body.length, "")));
    if (!clock.settled()) settle();
  }

  /// Waits until everything due is done.
  void settle() {
    long deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
    while (!clock(get("/api/v1/clock?wait=true")).settled()) {
      if (System.nanoTime() > deadline) {
        throw new Problem(
            Fault.SERVER_LOST,
            "the server has been at work for %d minutes without an end"
                .formatted(SETTLED_WITHIN.toMinutes()),
            "See what it does with 'orrery status', and go on with --resume");
      }
    }
  }

  JsonNode get(String path) {
    return tree(exchange("GET", path, new byte[0], 0, ""));
  }

  /// A prediction by its id, if the server has it.
  Optional<JsonNode> prediction(UUID id) {
    Wire.Answer answer = answer("GET", "/api/v1/predictions/" + id, new byte[0], 0, "");
    if (answer.status() == 404) return Optional.empty();
    return Optional.of(tree(accepted(answer)));
  }

  /// Those of these ids that the server has no prediction of.
  List<UUID> missing(List<UUID> ids) {
    byte[] body = Json.bytes(Map.of("ids", ids));
    JsonNode answer = tree(exchange("POST", "/api/v1/predictions/lookup", body, body.length, ""));
    List<UUID> missing = new ArrayList<>();
    answer.path("missing").forEach(id -> missing.add(UUID.fromString(id.asText())));
    if (answer.path("found").asInt(-1) + missing.size() != ids.size()) {
      throw new Problem(
          Fault.REPLAY_REFUSED,
          "the server answered a question for %,d predictions with %s"
              .formatted(ids.size(), answer.path("found")),
          "Check that it is an Orrery of this version");
    }
    return missing;
  }

  private byte[] exchange(String method, String path, byte[] body, int length, String key) {
    return accepted(answer(method, path, body, length, key));
  }

  private byte[] accepted(Wire.Answer answer) {
    if (answer.status() < 200 || answer.status() > 299) throw refusal(answer);
    return answer.body();
  }

  private Wire.Answer answer(String method, String path, byte[] body, int length, String key) {
    long deadline = System.nanoTime() + patience.toNanos();
    long pause = PAUSE_MILLIS_MIN;
    while (true) {
      if (stopping) throw stopped();
      Problem trouble;
      try {
        long start = System.nanoTime();
        Wire.Answer answer = wire.exchange(method, path, body, length, key);
        nanos = System.nanoTime() - start;
        boolean isBusy = answer.status() == 429 || answer.status() == 503;
        if (!isBusy || isNotDeployed(answer)) return answer;
        trouble = refusal(answer);
      } catch (IOException e) {
        trouble = lost(e);
      }
      if (stopping) throw stopped();
      if (System.nanoTime() > deadline) throw trouble;
      pause(pause);
      pause = Math.min(PAUSE_MILLIS_MAX, 2 * pause);
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw stopped();
    }
  }

  /// That nothing is deployed does not mend itself by waiting.
  private static boolean isNotDeployed(Wire.Answer answer) {
    return fault(answer) == Fault.NOTHING_DEPLOYED;
  }

  private static Problem refusal(Wire.Answer answer) {
    JsonNode body = body(answer);
    String what = "";
    for (String key : new String[] {"detail", "message", "error"}) {
      if (what.isEmpty()) what = body.path(key).asText("").replaceFirst("\\.$", "");
    }
    String remedy = body.path("remedy").asText("");
    return new Problem(
        fault(answer),
        what.isEmpty() ? "the server answered with status " + answer.status() : what,
        remedy.isEmpty() ? "See the server's log" : remedy);
  }

  /// The server's own number, if it names one.
  private static Fault fault(Wire.Answer answer) {
    String code = body(answer).path("code").asText("");
    Fault otherwise =
        answer.status() == 429 || answer.status() == 503 ? Fault.BUSY : Fault.REPLAY_REFUSED;
    return Arrays.stream(Fault.values())
        .filter(known -> known.code().equals(code))
        .findFirst()
        .orElse(otherwise);
  }

  private static JsonNode body(Wire.Answer answer) {
    try {
      return Json.tree(answer.body());
    } catch (Problem _) {
      return JsonNodeFactory.instance.objectNode();
    }
  }

  private Problem lost(IOException e) {
    return new Problem(
            Fault.SERVER_LOST,
            "the server at %s cannot be reached: %s".formatted(address, e.getMessage()),
            "Start it again, and go on with --resume")
        .because(e);
  }

  private static Problem stopped() {
    return new Problem(Fault.INTERRUPTED, "the replay was stopped", "Go on with --resume");
  }

  private static JsonNode tree(byte[] answer) {
    return Json.tree(answer);
  }

  private static Clock clock(JsonNode json) {
    try {
      return new Clock(
          json.path("virtual").asBoolean(),
          Instant.parse(json.path("now").asText()),
          json.path("settled").asBoolean());
    } catch (java.time.format.DateTimeParseException e) {
      throw new Problem(
              Fault.REPLAY_REFUSED,
              "the server does not tell what its clock shows",
              "Check that it is an Orrery of this version")
          .because(e);
    }
  }

  /// Reads the ids of an answer, and nothing else of it.
  private static int ids(byte[] answer, long[] ids, int from, int count) {
    try (JsonParser json = Json.MAPPER.createParser(answer)) {
      if (json.nextToken() != JsonToken.START_OBJECT) return 0;
      int found = 0;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isIds = json.currentName().equals("ids");
        json.nextToken();
        if (!isIds) {
          json.skipChildren();
          continue;
        }
        while (json.nextToken() == JsonToken.VALUE_STRING) {
          if (found < count) id(json, ids, from + found);
          found++;
        }
      }
      return found;
    } catch (IOException | IllegalArgumentException e) {
      throw new Problem(
              Fault.REPLAY_REFUSED,
              "the server's answer has no ids",
              "Check that it is an Orrery of this version")
          .because(e);
    }
  }

  private static void id(JsonParser json, long[] ids, int row) throws IOException {
    UUID id = UUID.fromString(json.getText());
    ids[2 * row] = id.getMostSignificantBits();
    ids[2 * row + 1] = id.getLeastSignificantBits();
  }

  /// Ends what is waited for; for other threads.
  void stop() {
    stopping = true;
    wire.close();
  }

  @Override
  public void close() {
    wire.close();
  }
}
