package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.serving.Outcomes.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Reads what callers tell of outcomes: `{"outcomes":[{"id","actual","known_at"}]}`.
///
/// `actual` is the target itself (0, 1, true, false) or an object of the dataset's outcome columns,
/// such as `{"delay": 23}`, from which the target is computed.
final class OutcomeRequests {
  private static final int OUTCOMES_MAX = 20_000;

  /// A replay tells what is known by the end of a batch; clocks of machines differ a little.
  private static final Duration AHEAD_MAX = Duration.ofDays(1);

  private static final Set<String> KEYS = Set.of("id", "actual", "known_at");

  private final Dataset dataset;
  private final String target;

  OutcomeRequests(Dataset dataset) {
    this.dataset = dataset;
    this.target = dataset.targets().firstEntry().getKey();
  }

  private record Told(
      PredictionId id, double number, ObjectNode detail, long knownAt, boolean isDated) {}

  /// @throws Problem of kind INVALID that names the outcome and its key
  List<Outcome> read(JsonNode body, Instant now) {
    JsonNode list = body.path("outcomes");
    if (!body.isObject() || body.size() != 1 || !list.isArray() || list.isEmpty()) {
      boolean isEmpty = body.isObject() && body.size() == 1 && list.isArray();
      throw bad(
          isEmpty ? "the list 'outcomes' is empty" : "the body is not one list 'outcomes'",
          "Send {\"outcomes\":[{\"id\",\"actual\"}]}");
    }
    if (list.size() > OUTCOMES_MAX) {
      throw new Problem(
          Fault.TOO_MANY_ROWS,
          "the request has %,d outcomes".formatted(list.size()),
          "Send at most %,d at a time".formatted(OUTCOMES_MAX));
    }
    var told = new ArrayList<Told>(list.size());
    for (JsonNode one : list) told.add(told(told.size(), one, now));
    double[] targets = targets(told);
    var outcomes = new ArrayList<Outcome>(told.size());
    for (int i = 0; i < targets.length; i++) {
      Told one = told.get(i);
      double value = one.detail().isEmpty() ? one.number() : targets[i];
      if (Double.isNaN(value)) {
        throw bad(
            "outcome %d gives no '%s'".formatted(i, target),
            "Send a value for each of " + String.join(", ", dataset.outcomes()));
      }
      outcomes.add(new Outcome(one.id(), value, one.detail(), one.knownAt(), one.isDated()));
    }
    return outcomes;
  }

  private Told told(int index, JsonNode one, Instant now) {
    if (!one.isObject())
      throw bad("outcome %d is not an object".formatted(index), "Send {\"id\",\"actual\"}");
    for (var key : (Iterable<String>) one::fieldNames) {
      if (!KEYS.contains(key)) {
        throw bad(
            "outcome %d has the unknown key '%s'".formatted(index, Texts.shown(key)),
            Texts.didYouMean(key, KEYS));
      }
    }
    JsonNode actual = one.path("actual");
    ObjectNode detail = Json.MAPPER.createObjectNode();
    double number = Double.NaN;
    if (actual.isNumber()) number = actual.doubleValue();
    else if (actual.isBoolean()) number = actual.booleanValue() ? 1 : 0;
    else if (actual.isObject() && !actual.isEmpty()) detail = detail(index, (ObjectNode) actual);
    else {
      throw bad(
          actual.isMissingNode() || actual.isNull()
              ? "outcome %d has no 'actual'".formatted(index)
              : "outcome %d has %s for 'actual'".formatted(index, Texts.shown(actual.toString())),
          "Send 0 or 1, or an object of " + String.join(", ", dataset.outcomes()));
    }
    if (detail.isEmpty() && number != 0 && number != 1) {
      throw bad("outcome %d is %s".formatted(index, Texts.shown(actual.toString())), "Send 0 or 1");
    }
    return new Told(
        id(index, one.path("id")),
        number,
        detail,
        knownAt(index, one, now),
        one.hasNonNull("known_at"));
  }

  private ObjectNode detail(int index, ObjectNode actual) {
    for (var key : (Iterable<String>) actual::fieldNames) {
      JsonNode value = actual.get(key);
      if (!dataset.outcomes().contains(key)) {
        throw bad(
            "outcome %d tells of '%s', which is no outcome column"
                .formatted(index, Texts.shown(key)),
            Texts.didYouMean(key, dataset.outcomes()));
      }
      boolean finite = value.isNumber() && Double.isFinite(value.doubleValue());
      if (!finite && !value.isTextual()) {
        throw bad(
            "outcome %d has %s for '%s'".formatted(index, Texts.shown(value.toString()), key),
            "Send a finite number or a text");
      }
    }
    return actual;
  }

  private static PredictionId id(int index, JsonNode id) {
    if (id.isTextual() && id.textValue().length() == 36) {
      try {
        return PredictionId.of(UUID.fromString(id.textValue()));
      } catch (IllegalArgumentException e) {
        throw noId(index, id).because(e);
      }
    }
    throw noId(index, id);
  }

  private static Problem noId(int index, JsonNode id) {
    return bad(
        "outcome %d has the id %s".formatted(index, Texts.shown(id.toString())),
        "Send an id from the 'ids' of an answer");
  }

  private static long knownAt(int index, JsonNode one, Instant now) {
    JsonNode known = one.path("known_at");
    if (known.isMissingNode() || known.isNull()) return now.toEpochMilli();
    if (!known.isTextual()) {
      throw bad(
          "outcome %d has %s for 'known_at'".formatted(index, Texts.shown(known.toString())),
          "Write it as 2001-03-01T08:05:00Z");
    }
    long millis = Math.floorDiv(known(index, known.textValue()), 1_000);
    if (millis > now.plus(AHEAD_MAX).toEpochMilli()) {
      throw bad(
          "outcome %d is known at %s, and it is %s now"
              .formatted(index, Texts.shown(known.textValue()), now),
          "Tell an outcome when it is known, at most a day ahead");
    }
    return millis;
  }

  private static long known(int index, String text) {
    try {
      return RequestRows.time("known_at", index, text);
    } catch (Problem e) {
      throw bad(
              "outcome %d has '%s' for 'known_at'".formatted(index, Texts.shown(text)), e.remedy())
          .because(e);
    }
  }

  /// Refuses outcomes that say they were known before what they are of.
  ///
  /// @param event the event time of a prediction, in microseconds
  static void requireAfter(
      List<Outcome> outcomes, java.util.function.ToLongFunction<Outcome> event) {
    for (int i = 0; i < outcomes.size(); i++) {
      Outcome one = outcomes.get(i);
      long millis = Math.floorDiv(event.applyAsLong(one), 1_000);
      if (one.isDated() && one.knownAt() < millis) {
        throw bad(
            "outcome %d is known at %s, before its row's own time, %s"
                .formatted(i, Instant.ofEpochMilli(one.knownAt()), Instant.ofEpochMilli(millis)),
            "Send the moment at which the outcome became known, or leave 'known_at' out for now");
      }
    }
  }

  private double[] targets(List<Told> told) {
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    for (String name : dataset.outcomes()) {
      boolean text = told.stream().anyMatch(one -> one.detail().path(name).isTextual());
      columns.put(name, text ? texts(name, told) : numbers(name, told));
    }
    Table table = new Table(columns, told.size());
    RequestRows.keep(dataset.contract(), detailed(told), table);
    return ((Numbers) java.util.Objects.requireNonNull(dataset.targets().get(target)).eval(table))
        .values();
  }

  /// The outcome columns that are told of.
  private Set<String> detailed(List<Told> told) {
    return dataset.outcomes().stream()
        .filter(name -> told.stream().anyMatch(one -> one.detail().has(name)))
        .collect(Collectors.toSet());
  }

  private static Numbers numbers(String name, List<Told> told) {
    double[] values = new double[told.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode value = told.get(i).detail().path(name);
      values[i] = value.isNumber() ? value.doubleValue() : Double.NaN;
    }
    return new Numbers(values);
  }

  private static Strings texts(String name, List<Told> told) {
    @Nullable String[] values = new String[told.size()];
    for (int i = 0; i < values.length; i++) values[i] = told.get(i).detail().path(name).textValue();
    return new Strings(values);
  }

  private static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_OUTCOME, what, remedy);
  }
}
