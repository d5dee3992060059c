package dev.orrery.mlflow;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An object of an answer. A field that is null or an empty list is not there; an empty text or an
/// empty object is.
///
/// Values are texts, whole numbers, doubles, booleans, instants (epoch milliseconds), enums (their
/// names), answers, maps and lists of these, and [Part]s that write themselves.
public final class Answer {
  /// A value that writes itself, for what is too long to be gathered first.
  @FunctionalInterface
  public interface Part {
    void write(JsonGenerator json) throws IOException;
  }

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final int USUAL_BYTES = 512;

  private final Map<String, Object> fields = new LinkedHashMap<>();

  private Answer() {}

  /// An object without fields.
  public static Answer of() {
    return new Answer();
  }

  /// An object of one field.
  public static Answer of(String name, @Nullable Object value) {
    return new Answer().put(name, value);
  }

  public Answer put(String name, @Nullable Object value) {
    if (value instanceof Iterable<?> list && !list.iterator().hasNext()) return this;
    if (value != null) fields.put(name, value);
    return this;
  }

  /// A value as JSON.
  public static byte[] bytes(Object value) {
    var out = new ByteArrayOutputStream(USUAL_BYTES);
    try {
      write(out, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /// Writes a value as JSON, without closing the stream.
  public static void write(OutputStream out, Object value) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      write(json, value);
    }
  }

  /// Writes a value, for a [Part] that holds others.
  public static void write(JsonGenerator json, Object value) throws IOException {
    switch (value) {
      case Answer answer -> object(json, answer.fields);
      case Map<?, ?> map -> object(json, map);
      case Iterable<?> list -> {
        json.writeStartArray();
        for (Object element : list) write(json, element);
        json.writeEndArray();
      }
      case Part part -> part.write(json);
      case String text -> json.writeString(text);
      case Long whole -> json.writeNumber(whole);
      case Integer whole -> json.writeNumber(whole);
      case Double number -> number(json, number);
      case Boolean flag -> json.writeBoolean(flag);
      case Instant instant -> json.writeNumber(instant.toEpochMilli());
      case Enum<?> constant -> json.writeString(constant.name());
      default ->
          throw new IllegalArgumentException(
              value.getClass().getName() + " cannot stand in an answer");
    }
  }

  private static void object(JsonGenerator json, Map<?, ?> fields) throws IOException {
    json.writeStartObject();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      json.writeFieldName(field.getKey().toString());
      write(json, field.getValue());
    }
    json.writeEndObject();
  }

  /// A double as MLflow's clients read it.
  public static void number(JsonGenerator json, double value) throws IOException {
    if (Double.isNaN(value)) json.writeString("NaN");
    else json.writeNumber(Math.clamp(value, -Double.MAX_VALUE, Double.MAX_VALUE));
  }
}
