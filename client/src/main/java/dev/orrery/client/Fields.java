package dev.orrery.client;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A JSON object of an answer, read field by field. What MLflow leaves out is empty here.
record Fields(Map<?, ?> values) {
  static final Fields EMPTY = new Fields(Map.of());

  /// The answer as an object; an empty body is an empty one.
  static Fields of(String text) {
    if (text.isBlank()) return EMPTY;
    return of(Json.read(text));
  }

  private static Fields of(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? new Fields(map) : EMPTY;
  }

  String text(String name) {
    Object value = values.get(name);
    return value == null ? "" : value.toString();
  }

  Optional<String> found(String name) {
    return Optional.of(text(name)).filter(text -> !text.isEmpty());
  }

  boolean flag(String name) {
    return Boolean.parseBoolean(text(name));
  }

  long whole(String name) {
    Object value = values.get(name);
    if (value instanceof Number number) return number.longValue();
    return value == null || value.toString().isEmpty() ? 0 : Long.parseLong(value.toString());
  }

  double number(String name) {
    Object value = values.get(name);
    if (value instanceof Number number) return number.doubleValue();
    return value == null ? 0 : Double.parseDouble(value.toString());
  }

  /// The instant of a field in milliseconds; empty if it is left out.
  Optional<Instant> instant(String name) {
    return values.get(name) == null
        ? Optional.empty()
        : Optional.of(Instant.ofEpochMilli(whole(name)));
  }

  Fields object(String name) {
    return of(values.get(name));
  }

  List<String> texts(String name) {
    return items(name).stream().map(String::valueOf).toList();
  }

  <T> List<T> list(String name, Function<Fields, T> reader) {
    List<T> read = new ArrayList<>();
    for (Object item : items(name)) read.add(reader.apply(of(item)));
    return List.copyOf(read);
  }

  /// A list of `{"key", "value"}` as a map, in its order.
  Map<String, String> pairs(String name) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Object item : items(name)) {
      Fields pair = of(item);
      pairs.put(pair.text("key"), pair.text("value"));
    }
    return Collections.unmodifiableMap(pairs);
  }

  private List<?> items(String name) {
    return values.get(name) instanceof List<?> list ? list : List.of();
  }
}
