package dev.orrery.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON in and out, without a library: objects are maps, arrays lists, whole numbers [Long], others
/// [Double]. NaN and the infinities leave as MLflow takes them, in quotes.
final class Json {
  private static final int DEPTH_MAX = 100;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /// @throws IllegalArgumentException if the text is not one JSON value
  static @Nullable Object read(String text) {
    Json json = new Json(text);
    Object value = json.value(0);
    json.blanks();
    if (json.at != text.length()) throw json.wrong("something follows the value");
    return value;
  }

  static String write(@Nullable Object value) {
    StringBuilder out = new StringBuilder(256);
    write(value, out);
    return out.toString();
  }

  private @Nullable Object value(int depth) {
    if (depth > DEPTH_MAX) throw wrong("nested too deeply");
    blanks();
    char c = peek();
    return switch (c) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", Boolean.TRUE);
      case 'f' -> word("false", Boolean.FALSE);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object(int depth) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    at++;
    blanks();
    if (take('}')) return fields;
    do {
      blanks();
      if (peek() != '"') throw wrong("a name was expected");
      String name = string();
      blanks();
      if (!take(':')) throw wrong("':' was expected");
      fields.put(name, value(depth + 1));
      blanks();
    } while (take(','));
    if (!take('}')) throw wrong("'}' was expected");
    return fields;
  }

  private List<@Nullable Object> array(int depth) {
    List<@Nullable Object> items = new ArrayList<>();
    at++;
    blanks();
    if (take(']')) return items;
    do {
      items.add(value(depth + 1));
      blanks();
    } while (take(','));
    if (!take(']')) throw wrong("']' was expected");
    return items;
  }

  private String string() {
    int start = ++at;
    int end = start;
    while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\') end++;
    if (end < text.length() && text.charAt(end) == '"') {
      at = end + 1;
      return text.substring(start, end);
    }
    StringBuilder out = new StringBuilder(text.substring(start, end));
    at = end;
    while (true) {
      char c = next();
      if (c == '"') return out.toString();
      out.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() {
    char c = next();
    return switch (c) {
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> unicode();
      case '"', '\\', '/' -> c;
      default -> throw wrong("'\\" + c + "' is no escape");
    };
  }

  private char unicode() {
    if (at + 4 > text.length()) throw wrong("the text ends within \\u");
    String digits = text.substring(at, at + 4);
    at += 4;
    try {
      return (char) Integer.parseInt(digits, 16);
    } catch (NumberFormatException e) {
      throw wrong("'\\u" + digits + "' is no escape");
    }
  }

  private Object number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
    String digits = text.substring(start, at);
    try {
      boolean isWhole = digits.chars().allMatch(c -> c == '-' || Character.isDigit(c));
      if (isWhole && !digits.equals("-0")) return Long.valueOf(digits);
      return Double.valueOf(digits);
    } catch (NumberFormatException e) {
      throw wrong("a value was expected");
    }
  }

  private @Nullable Object word(String word, @Nullable Object value) {
    if (!text.startsWith(word, at)) throw wrong("a value was expected");
    at += word.length();
    return value;
  }

  private void blanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
  }

  private char peek() {
    if (at >= text.length()) throw wrong("the text ends");
    return text.charAt(at);
  }

  private char next() {
    char c = peek();
    at++;
    return c;
  }

  private boolean take(char c) {
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private IllegalArgumentException wrong(String why) {
    return new IllegalArgumentException("not JSON at character %d: %s".formatted(at, why));
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      out.append('{');
      String between = "";
      for (Map.Entry<?, ?> field : map.entrySet()) {
        out.append(between);
        quote(String.valueOf(field.getKey()), out);
        out.append(':');
        write(field.getValue(), out);
        between = ",";
      }
      out.append('}');
    } else if (value instanceof Iterable<?> items) {
      out.append('[');
      String between = "";
      for (Object item : items) {
        out.append(between);
        write(item, out);
        between = ",";
      }
      out.append(']');
    } else if (value instanceof Double number && !Double.isFinite(number)) {
      out.append('"').append(number).append('"');
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else {
      quote(value.toString(), out);
    }
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
