package dev.orrery.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/// JSON as Orrery speaks it: snake_case, instants as ISO-8601 in UTC, unknown keys refused, no
/// polymorphic types; depth at most 100, numbers at most 400 characters.
public final class Json {
  public static final JsonMapper MAPPER = mapper();

  private Json() {}

  private static JsonMapper mapper() {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(100).maxNumberLength(400).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    return JsonMapper.builder(factory)
        .addModule(new JavaTimeModule())
        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .build();
  }

  public static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  public static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  /// The same as [#text(Object)], laid out for people.
  public static String pretty(Object value) {
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  /// @throws Problem of kind INVALID if the text is not JSON of this shape
  public static <T> T read(String text, Class<T> type) {
    T read;
    try {
      read = MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      // What a record refuses of itself says more than that it could not be made.
      if (e.getCause() instanceof Problem refused) throw refused;
      throw bad(e);
    }
    if (read == null) throw new Problem(Fault.BAD_JSON, "the JSON is null", "Send a JSON object");
    return read;
  }

  /// @throws Problem of kind INVALID if the bytes are not JSON
  public static JsonNode tree(byte[] bytes) {
    try {
      JsonNode node = MAPPER.readTree(bytes);
      if (node == null || node.isMissingNode()) {
        throw new Problem(Fault.BAD_JSON, "the JSON is empty", "Send a JSON object");
      }
      return node;
    } catch (java.io.IOException e) {
      throw bad(e);
    }
  }

  private static Problem bad(java.io.IOException e) {
    String where = "";
    String what = "malformed";
    String remedy = "Mend the JSON and send it again";
    if (e instanceof JsonProcessingException json) {
      what = said(json);
      if (json.getLocation() != null) {
        where =
            " at line %d, column %d"
                .formatted(json.getLocation().getLineNr(), json.getLocation().getColumnNr());
      }
    }
    if (what.startsWith("Non-standard token '")) {
      String token = what.replaceFirst("Non-standard token '([^']*)'.*", "$1");
      what = "%s is not JSON".formatted(token);
      remedy = "Write a finite number, or null where there is none";
    }
    // What Jackson says of these names our classes.
    if (e instanceof UnrecognizedPropertyException unknown) {
      String key = unknown.getPropertyName();
      what = "unknown key '%s'".formatted(Texts.shown(key));
      remedy =
          Texts.didYouMean(
              key,
              Objects.requireNonNullElse(unknown.getKnownPropertyIds(), List.of()).stream()
                  .map(String::valueOf)
                  .toList());
    } else if (e instanceof MismatchedInputException mismatched) {
      what = path(mismatched) + "is of another type, or missing";
    }
    return new Problem(
            Fault.BAD_JSON,
            "not the JSON that is expected%s: %s".formatted(where, Texts.shown(what)),
            remedy)
        .because(e);
  }

  /// What the parser says is wrong, without what only its makers understand.
  public static String said(JsonProcessingException e) {
    return String.valueOf(e.getOriginalMessage())
        .replaceFirst("exceeds the maximum allowed \\((\\d+), from `.*", "exceeds the $1 allowed")
        .replaceFirst(",? ?\\(?(allowed )?(\\d+, )?from `.*", "")
        .replaceAll(" \\(code \\d+\\)", "")
        .replaceFirst(" \\((start marker|for Array|for Object).*", "")
        .replaceFirst(": (was expecting|expected a valid value) \\(.*", "");
  }

  private static String path(MismatchedInputException e) {
    String path =
        e.getPath().stream()
            .map(step -> step.getFieldName() == null ? "[]" : step.getFieldName())
            .collect(Collectors.joining("."));
    return path.isEmpty() ? "the value " : "'%s' ".formatted(Texts.shown(path));
  }
}
