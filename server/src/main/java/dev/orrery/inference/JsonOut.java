package dev.orrery.inference;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// JSON written straight into bytes: no tree, no stream.
final class JsonOut {
  /// How a floating value is written that JSON has no number for.
  enum Odd {
    /// NaN as `null`; the infinite as a number beyond every double, which parsers read as infinite.
    STRICT,
    /// `NaN`, `Infinity` and `-Infinity` as bare words, as TensorFlow Serving does.
    BARE
  }

  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final Odd odd;
  private byte[] bytes;
  private int length;

  JsonOut(int capacity, Odd odd) {
    this.bytes = new byte[capacity];
    this.odd = odd;
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.multiplyExact(bytes.length, 2)));
    }
  }

  JsonOut put(char c) {
    room(1);
    bytes[length++] = (byte) c;
    return this;
  }

  /// ASCII as it stands: punctuation, keys of our own, numbers.
  JsonOut raw(String ascii) {
    int count = ascii.length();
    room(count);
    for (int i = 0; i < count; i++) bytes[length + i] = (byte) ascii.charAt(i);
    length += count;
    return this;
  }

  JsonOut string(String text) {
    int count = text.length();
    room(count + 2);
    bytes[length++] = '"';
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f) return escaped(text, i);
      bytes[length++] = (byte) c;
    }
    return put('"');
  }

  private JsonOut escaped(String text, int from) {
    byte[] utf8 = text.substring(from).getBytes(StandardCharsets.UTF_8);
    utf8(utf8);
    return put('"');
  }

  /// Bytes as a string; those that are no UTF-8 become replacement characters.
  JsonOut string(byte[] text) {
    return string(new String(text, StandardCharsets.UTF_8));
  }

  private void utf8(byte[] utf8) {
    for (byte b : utf8) {
      room(6);
      if (b == '"' || b == '\\') {
        bytes[length++] = '\\';
        bytes[length++] = b;
      } else if (b >= 0 && b < 0x20) {
        raw("\\u00");
        bytes[length++] = HEX[b >> 4];
        bytes[length++] = HEX[b & 15];
      } else {
        bytes[length++] = b;
      }
    }
  }

  JsonOut number(long value) {
    return raw(Long.toString(value));
  }

  JsonOut unsigned(long value) {
    return raw(Long.toUnsignedString(value));
  }

  JsonOut number(double value) {
    if (Double.isFinite(value)) return raw(Double.toString(value));
    return odd(value);
  }

  JsonOut number(float value) {
    if (Float.isFinite(value)) return raw(Float.toString(value));
    return odd(value);
  }

  private JsonOut odd(double value) {
    if (odd == Odd.BARE) {
      return raw(Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
    return raw(Double.isNaN(value) ? "null" : value > 0 ? "1e999" : "-1e999");
  }

  int length() {
    return length;
  }

  /// What has been written, with room for so many bytes after it.
  byte[] bytes(int more) {
    return Arrays.copyOf(bytes, length + more);
  }

  byte[] bytes() {
    return bytes(0);
  }
}
