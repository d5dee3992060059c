package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs as the commands of `exp` ask a server for them.
final class ExpRuns {
  private static final int PAGE = 1_000;
  private static final int BRIEF = 8;

  private final Client client;

  ExpRuns(Client client) {
    this.client = client;
  }

  /// The id of the experiment that a person names by its name or its id.
  String experiment(String named) {
    String page = "";
    List<String> names = new ArrayList<>();
    while (true) {
      JsonNode answer = client.get("/api/v1/experiments?view=all&limit=1000" + page);
      for (JsonNode experiment : answer.path("experiments")) {
        String id = experiment.path("id").asText();
        String name = experiment.path("name").asText();
        if (name.equals(named) || id.equals(named)) return id;
        names.add(name);
      }
      if (!answer.path("next").isTextual()) break;
      page = "&page=" + Urls.segment(answer.path("next").asText());
    }
    throw new Problem(
        Fault.NOT_FOUND,
        "no experiment named '%s'".formatted(Texts.shown(named)),
        Texts.didYouMean(named, names) + "; 'orrery exp ls' lists them");
  }

  /// The whole id of a run that a person names by its id, the beginning of it, or its name.
  String run(String named) {
    if (named.matches("[0-9a-f]{32}")) return named;
    String quoted = "'" + named.replace("'", "''") + "'";
    String like = "'" + named.replace("'", "''").replace("%", "").replace("_", "") + "%'";
    String filter =
        named.matches("[0-9a-f]{4,31}")
            ? "run_id like %s or run_name = %s".formatted(like, quoted)
            : "run_name = " + quoted;
    JsonNode runs =
        client
            .post(
                "/api/v1/runs/search",
                Map.of("filter", filter, "limit", 5, "view", "all", "columns", Map.of()))
            .path("runs");
    if (runs.size() == 1) return runs.get(0).path("id").asText();
    if (runs.isEmpty()) {
      throw new Problem(
          Fault.NOT_FOUND,
          "no run is or begins with '%s'".formatted(Texts.shown(named)),
          "List them with 'orrery exp ls EXPERIMENT'");
    }
    List<String> ids = new ArrayList<>();
    runs.forEach(run -> ids.add(run.path("id").asText()));
    throw new Problem(
        Fault.BAD_COMMAND,
        "'%s' is several runs: %s".formatted(Texts.shown(named), String.join(", ", ids)),
        "Give the id of one");
  }

  JsonNode detail(String named) {
    return client.get("/api/v1/runs/" + run(named));
  }

  /// Calls `each` with all runs that match, page by page.
  ///
  /// @param limit at most so many
  void each(Map<String, Object> query, int limit, Consumer<JsonNode> each) {
    Map<String, Object> asked = new LinkedHashMap<>(query);
    int left = limit;
    while (left > 0) {
      asked.put("limit", Math.min(left, PAGE));
      JsonNode answer = client.post("/api/v1/runs/search", asked);
      answer.path("runs").forEach(each);
      left -= answer.path("runs").size();
      if (!answer.path("next").isTextual()) return;
      asked.put("page", answer.path("next").asText());
    }
  }

  /// A search of an experiment.
  ///
  /// @param experiment its name or id; null for all
  Map<String, Object> query(
      @Nullable String experiment, @Nullable String filter, @Nullable List<String> order) {
    Map<String, Object> query = new LinkedHashMap<>();
    if (experiment != null) query.put("experiments", List.of(experiment(experiment)));
    if (filter != null) query.put("filter", filter);
    if (order != null && !order.isEmpty()) query.put("order", order);
    return query;
  }

  static String brief(String id) {
    return id.length() > BRIEF ? id.substring(0, BRIEF) : id;
  }

  /// A metric as people read it.
  static String number(JsonNode value) {
    if (value.isMissingNode() || value.isNull()) return "-";
    if (!value.isNumber()) return value.asText();
    double number = value.asDouble();
    if (number == Math.rint(number) && Math.abs(number) < 1e15)
      return "%d".formatted((long) number);
    return "%.6g".formatted(number);
  }

  static String text(JsonNode value) {
    return value.isMissingNode() || value.isNull() ? "-" : value.asText();
  }

  static String minute(JsonNode instant) {
    String text = instant.asText("");
    if (text.startsWith("1970-01-01T00:00:00")) return "-"; // the experiment that was there first
    return text.length() >= 16 ? text.substring(0, 16).replace('T', ' ') : text;
  }

  static String duration(JsonNode run) {
    if (!run.path("ended_at").isTextual()) return "-";
    Duration took =
        Duration.between(
            Instant.parse(run.path("started_at").asText()),
            Instant.parse(run.path("ended_at").asText()));
    long seconds = took.toSeconds();
    if (seconds < 60) return "%.1f s".formatted(took.toMillis() / 1000.0);
    if (seconds < 3_600) return "%d min %02d s".formatted(seconds / 60, seconds % 60);
    return "%d h %02d min".formatted(seconds / 3_600, seconds / 60 % 60);
  }

  /// Runs as one JSON array.
  static ArrayNode array(List<JsonNode> runs) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    runs.forEach(array::add);
    return array;
  }
}
