package dev.orrery.replay;

import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;

/// JSON written by hand into a buffer that is used over and over.
final class JsonBytes {
  private static final long DAY_MICROS = 86_400_000_000L;

  private byte[] bytes = new byte[1 << 16];
  private int length;
  private long day = Long.MIN_VALUE;
  private byte[] date = new byte[0];

  void clear() {
    length = 0;
  }

  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, length);
  }

  /// Text that stands in JSON as it is.
  void raw(byte[] text) {
    room(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
  }

  void raw(char ascii) {
    room(1);
    bytes[length++] = (byte) ascii;
  }

  /// Takes back the last character.
  void back() {
    length--;
  }

  /// The value of a column in a row.
  void value(Column column, int row) {
    switch (column) {
      case Numbers(double[] values) -> number(values[row]);
      case Times(long[] micros) -> instant(micros[row]);
      case Strings strings -> {
        String text = strings.values()[row];
        if (text == null) raw(ascii("null"));
        else text(text);
      }
    }
  }

  void number(double x) {
    if (Double.isNaN(x)) {
      raw(ascii("null"));
    } else if (x == Math.rint(x) && Math.abs(x) < 1e15) {
      raw(ascii(Long.toString((long) x)));
    } else {
      raw(ascii(Double.toString(x)));
    }
  }

  void text(String text) {
    raw('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        raw('\\');
        raw(c);
      } else if (c < ' ') {
        raw(ascii("\\u00" + HexFormat.of().toHexDigits((byte) c)));
      } else if (c < 0x80) {
        raw(c);
      } else {
        int end = i + (Character.isHighSurrogate(c) && i + 1 < text.length() ? 2 : 1);
        raw(text.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end - 1;
      }
    }
    raw('"');
  }

  /// A quoted instant in UTC, to the second unless it has a fraction.
  void instant(long micros) {
    if (micros == Times.NONE) {
      raw(ascii("null"));
      return;
    }
    long thisDay = Math.floorDiv(micros, DAY_MICROS);
    if (thisDay != day) {
      day = thisDay;
      date = ascii('"' + LocalDate.ofEpochDay(thisDay).toString() + 'T');
    }
    raw(date);
    long inDay = Math.floorMod(micros, DAY_MICROS);
    int seconds = (int) (inDay / 1_000_000);
    int fraction = (int) (inDay % 1_000_000);
    two(seconds / 3_600);
    raw(':');
    two(seconds / 60 % 60);
    raw(':');
    two(seconds % 60);
    if (fraction > 0) raw(ascii(".%06d".formatted(fraction)));
    raw('Z');
    raw('"');
  }

  private void two(int number) {
    raw((char) ('0' + number / 10));
    raw((char) ('0' + number % 10));
  }

  /// A quoted UUID.
  void uuid(long most, long least) {
    raw('"');
    hex(most, 60, 8);
    raw('-');
    hex(most, 28, 4);
    raw('-');
    hex(most, 12, 4);
    raw('-');
    hex(least, 60, 4);
    raw('-');
    hex(least, 44, 12);
    raw('"');
  }

  private void hex(long value, int shift, int digits) {
    for (int i = 0; i < digits; i++) {
      raw(Character.forDigit((int) (value >>> (shift - 4 * i)) & 0xF, 16));
    }
  }

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
