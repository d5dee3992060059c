package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A document of JSON or UBJSON, and how its values are asked for.
///
/// Objects are maps, arrays of numbers and booleans `double[]`, other arrays lists; numbers are
/// doubles, true and false 1 and 0, null [#NULL].
final class Doc {
  static final Object NULL = new Object();

  private Doc() {}

  @SuppressWarnings("unchecked")
  static Map<String, Object> object(@Nullable Object value, String name) {
    if (value instanceof Map<?, ?> map) return (Map<String, Object>) map;
    throw damaged("'" + name + "' is not an object");
  }

  static Map<String, Object> object(Map<String, Object> in, String name) {
    return object(need(in, name), name);
  }

  @SuppressWarnings("unchecked")
  static List<Object> list(Map<String, Object> in, String name) {
    Object value = need(in, name);
    if (value instanceof double[] none && none.length == 0) return List.of();
    if (value instanceof List<?> list) return (List<Object>) list;
    throw damaged("'" + name + "' is not a list");
  }

  static String text(Map<String, Object> in, String name) {
    if (need(in, name) instanceof String text) return text;
    throw damaged("'" + name + "' is not a text");
  }

  static double[] numbers(Map<String, Object> in, String name) {
    if (need(in, name) instanceof double[] numbers) return numbers;
    throw damaged("'" + name + "' is not a list of numbers");
  }

  /// Whole numbers of at most 31 bits; absent is empty.
  static int[] integers(Map<String, Object> in, String name) {
    if (!in.containsKey(name)) return new int[0];
    double[] numbers = numbers(in, name);
    int[] integers = new int[numbers.length];
    for (int i = 0; i < numbers.length; i++) integers[i] = whole(numbers[i], name);
    return integers;
  }

  /// A whole number, which XGBoost also writes as a text; absent is `otherwise`.
  static int integer(Map<String, Object> in, String name, int otherwise) {
    Object value = in.get(name);
    if (value == null) return otherwise;
    if (value instanceof Double number) return whole(number, name);
    if (value instanceof String text) {
      try {
        return Integer.parseInt(text);
      } catch (NumberFormatException e) {
        throw damaged("'" + name + "' is '" + shown(text) + "', not a whole number");
      }
    }
    throw damaged("'" + name + "' is not a whole number");
  }

  private static int whole(double number, String name) {
    int whole = (int) number;
    require(whole == number, "'" + name + "' holds " + number + ", not a whole number");
    return whole;
  }

  private static Object need(Map<String, Object> in, String name) {
    Object value = in.get(name);
    if (value == null) throw damaged("'" + name + "' is missing");
    return value;
  }
}
