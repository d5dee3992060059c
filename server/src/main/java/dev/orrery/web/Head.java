package dev.orrery.web;

import dev.orrery.base.Fault;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The head of an HTTP/1 request, read by the letter of RFC 9112 and less generously than any
/// server in front of us could: what two readers might read differently is refused.
///
/// One per connection and used again for each of its requests.
final class Head {
  static final int LINE_BYTES_MAX = 16 << 10;
  static final int BYTES_MAX = 64 << 10;
  static final int FIELDS_MAX = 100;

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS");
  private static final byte[] HTTP_1 = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] CHUNKED = "chunked".getBytes(StandardCharsets.US_ASCII);
  private static final boolean[] TOKEN = token();

  /// Why a request goes no further: the fault and what is wrong with it.
  record Refusal(Fault fault, String what) {}

  /// How long the body is; -1 for chunked.
  long contentLength;

  /// Where the name of an Upgrade header begins, from the start of the head; -1 without one.
  int upgradeAt;

  /// The target, if it could be read; it holds visible ASCII only.
  String target = "/";

  private boolean oldVersion;
  private int hosts;
  private int lengths;
  private int encodings;
  private boolean chunked;

  /// Reads a head that ends with its empty line; every line in it ends with CR LF.
  ///
  /// @return null if it is sound
  @Nullable Refusal read(byte[] head, int length) {
    contentLength = 0;
    upgradeAt = -1;
    target = "/";
    hosts = 0;
    lengths = 0;
    encodings = 0;
    chunked = false;
    int end = lineEnd(head, 0);
    Refusal refusal = requestLine(head, end);
    if (refusal != null) return refusal;
    for (int at = end + 2; at < length - 2; at = end + 2) {
      end = lineEnd(head, at);
      refusal = field(head, at, end);
      if (refusal != null) return refusal;
    }
    return whole();
  }

  private @Nullable Refusal whole() {
    if (hosts != 1)
      return bad(hosts == 0 ? "there is no Host header" : "there are two Host headers");
    if (lengths > 1) return bad("there are two Content-Length headers");
    if (encodings > 1) return bad("there are two Transfer-Encoding headers");
    if (encodings == 1) {
      if (lengths == 1) return bad("there are both Content-Length and Transfer-Encoding");
      if (oldVersion) return bad("Transfer-Encoding stands in an HTTP/1.0 request");
      if (!chunked) return bad("the Transfer-Encoding is not 'chunked'");
      contentLength = -1;
    }
    return null;
  }

  private @Nullable Refusal requestLine(byte[] head, int end) {
    int first = indexOf(head, ' ', 0, end);
    int second = first < 0 ? -1 : indexOf(head, ' ', first + 1, end);
    if (first < 1 || second < 0) return bad("the request line is not 'METHOD target version'");
    for (int i = first + 1; i < second; i++) {
      if (head[i] <= ' ' || head[i] == 0x7F) {
        return bad("the request target holds a character that may not stand in a URL");
      }
    }
    boolean version = end - second == 9;
    for (int i = 0; version && i < HTTP_1.length; i++) version = head[second + 1 + i] == HTTP_1[i];
    int minor = version ? head[end - 1] - '0' : -1;
    if (minor != 0 && minor != 1) return bad("the version is not HTTP/1.1");
    oldVersion = minor == 0;
    if (second == first + 1 || head[first + 1] != '/') {
      return bad("the request target does not begin with '/'");
    }
    target = new String(head, first + 1, second - first - 1, StandardCharsets.US_ASCII);
    int wrong = ambiguousAt(target);
    if (wrong >= 0) {
      target = target.substring(0, wrong);
      return bad("Invalid path: it holds a dot segment, a backslash or a control character");
    }
    String method = new String(head, 0, first, StandardCharsets.US_ASCII);
    return METHODS.contains(method)
        ? null
        : new Refusal(Fault.WRONG_METHOD, "the method is none that is answered here");
  }

  /// Where the first segment of a path begins that means a folder to some and a name to others,
  /// once it is decoded; -1 if there is none.
  private static int ambiguousAt(String target) {
    int query = target.indexOf('?');
    int end = query < 0 ? target.length() : query;
    for (int from = 1; from <= end; ) {
      int slash = target.indexOf('/', from);
      int to = slash < 0 || slash > end ? end : slash;
      int dots = 0;
      int others = 0;
      for (int i = from; i < to; i++) {
        char c = target.charAt(i);
        if (c == '%' && i + 2 < to) {
          int high = Character.digit(target.charAt(i + 1), 16);
          int low = Character.digit(target.charAt(i + 2), 16);
          if (high >= 0 && low >= 0) {
            c = (char) (high << 4 | low);
            i += 2;
          }
        }
        if (c == '\\' || c == '#' || c < ' ' || c == 0x7F) return from;
        if (c == '.') dots++;
        else others++;
      }
      if (others == 0 && (dots == 1 || dots == 2)) return from;
      from = to + 1;
    }
    return -1;
  }

  private @Nullable Refusal field(byte[] head, int from, int end) {
    if (head[from] == ' ' || head[from] == '\t') return bad("a header is folded over two lines");
    int colon = from;
    while (colon < end && head[colon] >= 0 && TOKEN[head[colon]]) colon++;
    if (colon == from || colon == end || head[colon] != ':') {
      return bad("a header is not 'name: value'");
    }
    for (int i = colon + 1; i < end; i++) {
      if ((head[i] >= 0 && head[i] < ' ' && head[i] != '\t') || head[i] == 0x7F) {
        return bad("a header holds a control character");
      }
    }
    return switch (colon - from) {
      case 4 -> {
        if (is(head, from, "host")) hosts++;
        yield null;
      }
      case 7 -> {
        if (is(head, from, "upgrade")) upgradeAt = from;
        yield null;
      }
      case 14 -> is(head, from, "content-length") ? length(head, colon + 1, end) : null;
      case 17 -> {
        if (is(head, from, "transfer-encoding")) encoding(head, colon + 1, end);
        yield null;
      }
      default -> null;
    };
  }

  private @Nullable Refusal length(byte[] head, int from, int end) {
    lengths++;
    int at = skipBlanks(head, from, end);
    int to = trimBlanks(head, at, end);
    if (at == to || to - at > 15) return bad("the Content-Length is not a number of bytes");
    long value = 0;
    for (int i = at; i < to; i++) {
      if (head[i] < '0' || head[i] > '9') return bad("the Content-Length is not a number of bytes");
      value = value * 10 + head[i] - '0';
    }
    contentLength = value;
    return null;
  }

  private void encoding(byte[] head, int from, int end) {
    encodings++;
    int at = skipBlanks(head, from, end);
    int to = trimBlanks(head, at, end);
    chunked = to - at == CHUNKED.length;
    for (int i = 0; chunked && i < CHUNKED.length; i++) {
      chunked = (head[at + i] | 0x20) == CHUNKED[i];
    }
  }

  private static int skipBlanks(byte[] head, int from, int end) {
    int at = from;
    while (at < end && (head[at] == ' ' || head[at] == '\t')) at++;
    return at;
  }

  private static int trimBlanks(byte[] head, int from, int end) {
    int to = end;
    while (to > from && (head[to - 1] == ' ' || head[to - 1] == '\t')) to--;
    return to;
  }

  /// Whether a name of the same length stands here, in any case.
  private static boolean is(byte[] head, int from, String lower) {
    for (int i = 0; i < lower.length(); i++) {
      int c = head[from + i];
      if (c >= 'A' && c <= 'Z') c |= 0x20;
      if (c != lower.charAt(i)) return false;
    }
    return true;
  }

  private static int lineEnd(byte[] head, int from) {
    int at = from;
    while (head[at] != '\r' || head[at + 1] != '\n') at++;
    return at;
  }

  private static int indexOf(byte[] bytes, char c, int from, int end) {
    for (int i = from; i < end; i++) if (bytes[i] == c) return i;
    return -1;
  }

  static Refusal bad(String what) {
    return new Refusal(Fault.BAD_REQUEST, what);
  }

  private static boolean[] token() {
    boolean[] token = new boolean[128];
    for (char c = '0'; c <= '9'; c++) token[c] = true;
    for (char c = 'A'; c <= 'Z'; c++) token[c] = true;
    for (char c = 'a'; c <= 'z'; c++) token[c] = true;
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) token[c] = true;
    return token;
  }
}
