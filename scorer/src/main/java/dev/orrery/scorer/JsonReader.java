package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads JSON (RFC 8259) strictly, but for NaN and Infinity, which XGBoost writes: see [Doc]. No
/// key may stand twice in an object.
final class JsonReader {
  private static final int DEPTH_MAX = 64;

  private final byte[] bytes;
  private int at;

  private JsonReader(byte[] bytes) {
    this.bytes = bytes;
  }

  static Object read(byte[] bytes) {
    JsonReader reader = new JsonReader(bytes);
    Object value = reader.value(0);
    reader.space();
    require(reader.at == bytes.length, "something follows its end at byte " + reader.at);
    return value;
  }

  private Object value(int depth) {
    require(depth < DEPTH_MAX, "it is nested too deeply");
    space();
    int first = peek();
    return switch (first) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", 1.0);
      case 'f' -> word("false", 0.0);
      case 'n' -> word("null", Doc.NULL);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) {
    Map<String, Object> object = new LinkedHashMap<>();
    at++;
    space();
    if (peek() == '}') {
      at++;
      return object;
    }
    while (true) {
      space();
      require(peek() == '"', "a key is expected at byte " + at);
      String key = string();
      space();
      expect(':');
      require(object.put(key, value(depth + 1)) == null, "a key stands twice in an object");
      space();
      if (peek() == '}') {
        at++;
        return object;
      }
      expect(',');
    }
  }

  private Object array(int depth) {
    at++;
    space();
    if (peek() == ']') {
      at++;
      return new double[0];
    }
    Object first = value(depth + 1);
    if (first instanceof Double number) return numbers(number);
    List<Object> list = new ArrayList<>();
    list.add(first);
    while (more()) list.add(value(depth + 1));
    return list;
  }

  private double[] numbers(double first) {
    double[] numbers = {first, 0, 0, 0};
    int count = 1;
    while (more()) {
      space();
      int c = peek();
      Object value = c == 't' ? word("true", 1.0) : c == 'f' ? word("false", 0.0) : number();
      if (count == numbers.length) numbers = Arrays.copyOf(numbers, count * 2);
      numbers[count++] = (Double) value;
    }
    return Arrays.copyOf(numbers, count);
  }

  /// Whether another element follows; the end of the array is passed.
  private boolean more() {
    space();
    if (peek() == ']') {
      at++;
      return false;
    }
    expect(',');
    return true;
  }

  private Object word(String word, Object meaning) {
    for (int i = 0; i < word.length(); i++) expect(word.charAt(i));
    return meaning;
  }

  private Object number() {
    int from = at;
    boolean negative = peek() == '-';
    if (negative) at++;
    if (peek() == 'I') return word("Infinity", (negative ? -1 : 1) * Double.POSITIVE_INFINITY);
    if (peek() == 'N') return word("NaN", Double.NaN);
    long whole = 0;
    int digits = 0;
    while (isDigit(next())) {
      if (digits < 18) whole = whole * 10 + (bytes[at] - '0');
      digits++;
      at++;
    }
    require(digits > 0, "a value is expected at byte " + from);
    int c = next();
    if (c != '.' && c != 'e' && c != 'E' && digits < 16) {
      return negative ? -(double) whole : (double) whole;
    }
    while (isDigit(c) || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-') {
      at++;
      c = next();
    }
    try {
      return Double.parseDouble(new String(bytes, from, at - from, StandardCharsets.ISO_8859_1));
    } catch (NumberFormatException e) {
      throw damaged("a number is expected at byte " + from);
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private String string() {
    int from = ++at;
    boolean plain = true;
    while (peek() != '"') {
      require(bytes[at] < 0 || bytes[at] >= ' ', "a text holds a control character");
      if (bytes[at] == '\\') {
        plain = false;
        at++;
        peek();
      }
      at++;
    }
    String text = new String(bytes, from, at - from, StandardCharsets.UTF_8);
    at++;
    return plain ? text : unescaped(text);
  }

  private String unescaped(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char escape = text.charAt(++i);
      int known = "\"\\/bfnrt".indexOf(escape);
      if (known >= 0) {
        out.append("\"\\/\b\f\n\r\t".charAt(known));
        continue;
      }
      require(escape == 'u' && i + 4 < text.length(), "a text holds an unknown escape");
      try {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
      } catch (NumberFormatException e) {
        throw damaged("a text holds an unknown escape");
      }
      i += 4;
    }
    return out.toString();
  }

  private void space() {
    while (at < bytes.length) {
      byte c = bytes[at];
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
      at++;
    }
  }

  private int next() {
    return at < bytes.length ? bytes[at] : -1;
  }

  private int peek() {
    require(at < bytes.length, "it is cut short");
    return bytes[at];
  }

  private void expect(char c) {
    require(peek() == c, "'" + c + "' is expected at byte " + at);
    at++;
  }
}
