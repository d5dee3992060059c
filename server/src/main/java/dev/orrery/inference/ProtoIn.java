package dev.orrery.inference;

import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads protocol buffers field by field, out of a part of an array that is not copied.
final class ProtoIn {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  static final int FIXED32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int number;
  private int wire;

  ProtoIn(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtoIn(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /// Steps to the next field; what the last one held must have been read or skipped.
  ///
  /// @return its number; 0 at the end
  int next() {
    if (at == end) return 0;
    int tag = (int) varint();
    number = tag >>> 3;
    wire = tag & 7;
    if (number == 0) throw bad();
    return number;
  }

  boolean isPacked() {
    return wire == LENGTH;
  }

  boolean isDone() {
    return at == end;
  }

  private static Problem bad() {
    return JsonIn.bad("the message is damaged", "Send it as the service's proto file says");
  }

  private void want(int type) {
    if (wire != type) throw bad();
  }

  /// A varint field.
  long number() {
    want(VARINT);
    return varint();
  }

  /// A varint, wherever it stands.
  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == end) throw bad();
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) return value;
    }
    throw bad();
  }

  int fixed32() {
    if (end - at < 4) throw bad();
    int value =
        (bytes[at] & 0xFF)
            | (bytes[at + 1] & 0xFF) << 8
            | (bytes[at + 2] & 0xFF) << 16
            | (bytes[at + 3] & 0xFF) << 24;
    at += 4;
    return value;
  }

  long fixed64() {
    long low = fixed32() & 0xFFFF_FFFFL;
    return low | (long) fixed32() << 32;
  }

  /// A field of a length: a message, or packed numbers.
  ProtoIn part() {
    int length = length();
    ProtoIn part = new ProtoIn(bytes, at, at + length);
    at += length;
    return part;
  }

  private int length() {
    want(LENGTH);
    long length = varint();
    if (length < 0 || length > end - at) throw bad();
    return (int) length;
  }

  String string() {
    int length = length();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  byte[] bytes() {
    int length = length();
    byte[] copy = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return copy;
  }

  /// How many bytes are left of this part.
  int left() {
    return end - at;
  }

  void skip() {
    switch (wire) {
      case VARINT -> {
        long unused = varint();
      }
      case FIXED64 -> {
        long unused = fixed64();
      }
      case LENGTH -> {
        int length = length();
        at += length;
      }
      case FIXED32 -> {
        int unused = fixed32();
      }
      default -> throw bad();
    }
  }
}
