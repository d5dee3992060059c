package dev.orrery.web;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Request targets, read strictly: what could be read in two ways is refused, never repaired.
///
/// A segment is decoded once. It may not be `.` or `..`, and may not hold a slash, a backslash or a
/// control character once decoded, so that a path variable is always one segment as it was sent.
final class Paths {
  private static final int PARAMETERS_MAX = 1_000;
  private static final int SEGMENTS_MAX = 64;

  /// @param path as sent, without the query
  /// @param segments of the path, decoded
  record Target(String path, @Nullable String query, List<String> segments) {}

  private Paths() {}

  /// @throws Problem of kind INVALID if the target is not a path that can be read in one way only
  static Target target(String raw) {
    if (raw.isEmpty() || raw.charAt(0) != '/') {
      throw bad("the request target does not begin with '/'");
    }
    int mark = raw.indexOf('?');
    String path = mark < 0 ? raw : raw.substring(0, mark);
    String query = mark < 0 ? null : raw.substring(mark + 1);
    List<String> segments = new ArrayList<>(8);
    int from = 1;
    while (true) {
      int slash = path.indexOf('/', from);
      segments.add(segment(path, from, slash < 0 ? path.length() : slash));
      if (segments.size() > SEGMENTS_MAX) throw bad("Invalid path: it has too many segments");
      if (slash < 0) return new Target(path, query, segments);
      from = slash + 1;
    }
  }

  private static String segment(String path, int from, int to) {
    boolean plain = true;
    for (int i = from; i < to; i++) {
      char c = path.charAt(i);
      if (c == '%') {
        plain = false;
      } else if (c <= ' ' || c >= 0x7F || c == '\\' || c == '#') {
        throw bad("Invalid path: it holds a character that may not stand in a URL");
      }
    }
    String text = path.substring(from, to);
    if (!plain) {
      text = decode(text, false);
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '/' || c == '\\' || Character.isISOControl(c)) {
          throw bad("Invalid path: it holds an encoded slash, backslash or control character");
        }
      }
    }
    if (text.equals(".") || text.equals("..")) throw bad("Invalid path: it holds a dot segment");
    return text;
  }

  /// The parameters of a query, in its order.
  static Map<String, List<String>> query(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) return Map.of();
    Map<String, List<String>> all = new LinkedHashMap<>();
    int count = 0;
    for (String pair : raw.split("&", -1)) {
      if (pair.isEmpty()) continue;
      if (++count > PARAMETERS_MAX) throw bad("the query has too many parameters");
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals), true);
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1), true);
      all.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
    }
    return all;
  }

  private static String decode(String text, boolean plusIsSpace) {
    if (text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0)) return text;
    byte[] sent = text.getBytes(StandardCharsets.UTF_8);
    byte[] decoded = new byte[sent.length];
    int length = 0;
    for (int i = 0; i < sent.length; i++) {
      byte b = sent[i];
      if (b == '%') {
        int high = i + 1 < sent.length ? Character.digit(sent[i + 1], 16) : -1;
        int low = i + 2 < sent.length ? Character.digit(sent[i + 2], 16) : -1;
        if (high < 0 || low < 0) throw bad("a '%' in the URL is not followed by two digits");
        b = (byte) (high << 4 | low);
        i += 2;
      } else if (b == '+' && plusIsSpace) {
        b = ' ';
      }
      decoded[length++] = b;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(decoded, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("the URL does not decode to UTF-8").because(e);
    }
  }

  private static Problem bad(String what) {
    return new Problem(Fault.BAD_REQUEST, what, "Send the path and query as RFC 3986 has them");
  }
}
