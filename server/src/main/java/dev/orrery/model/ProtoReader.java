package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A cursor over one Protocol Buffers message in memory. Every length is held against the bytes
/// that are there before anything is made of it. The fields that a reader does not ask for are
/// skipped.
final class ProtoReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int field;
  private int wire;
  private int start;

  ProtoReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtoReader(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /// Goes to the next field; false at the end of the message.
  boolean next() {
    if (at == end) return false;
    start = at;
    long tag = varint();
    if (tag >>> 3 == 0 || tag >>> 3 > 536_870_911 || tag < 0) {
      throw bad("a field has the number %d".formatted(tag >>> 3));
    }
    field = (int) (tag >>> 3);
    wire = (int) (tag & 7);
    return true;
  }

  int field() {
    return field;
  }

  /// Where the field's tag begins in the whole file.
  int start() {
    return start;
  }

  /// Where the cursor stands in the whole file: after a value that was read, the end of its field.
  int position() {
    return at;
  }

  boolean isPacked() {
    return wire == BYTES;
  }

  long integer() {
    expect(VARINT);
    return varint();
  }

  /// A number of 32 bits, such as an enumeration.
  int small() {
    long value = integer();
    if (value != (int) value)
      throw bad("the number %d is too large for its field".formatted(value));
    return (int) value;
  }

  float float32() {
    expect(FIXED32);
    return Float.intBitsToFloat(fixed32());
  }

  double float64() {
    expect(FIXED64);
    return Double.longBitsToDouble(fixed64());
  }

  byte[] bytes() {
    int length = length();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  String text() {
    int length = length();
    at += length;
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, at - length, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("a text is not UTF-8").because(e);
    }
  }

  /// The message that is the value of this field.
  ProtoReader message() {
    int length = length();
    at += length;
    return new ProtoReader(bytes, at - length, at);
  }

  /// Numbers of a repeated field, alone or packed, put behind those that are there.
  void integers(Numbers.Longs into) {
    if (!isPacked()) {
      into.add(integer());
      return;
    }
    ProtoReader packed = message();
    while (packed.at < packed.end) into.add(packed.varint());
  }

  void floats(Numbers.Floats into) {
    if (!isPacked()) {
      into.add(float32());
      return;
    }
    ProtoReader packed = message();
    while (packed.at < packed.end) into.add(Float.intBitsToFloat(packed.fixed32()));
  }

  void doubles(Numbers.Doubles into) {
    if (!isPacked()) {
      into.add(float64());
      return;
    }
    ProtoReader packed = message();
    while (packed.at < packed.end) into.add(Double.longBitsToDouble(packed.fixed64()));
  }

  /// Passes over the value of a field that nobody asked for.
  void skip() {
    switch (wire) {
      case VARINT -> varint();
      case FIXED64 -> fixed64();
      case BYTES -> {
        int length = length();
        at += length;
      }
      case FIXED32 -> fixed32();
      default -> throw bad("a field is of the wire type %d".formatted(wire));
    }
  }

  private void expect(int wanted) {
    if (wire != wanted) {
      throw bad("field %d is of the wire type %d, not %d".formatted(field, wire, wanted));
    }
  }

  private int length() {
    expect(BYTES);
    long length = varint();
    if (length < 0 || length > end - at) {
      throw bad("a value claims %d bytes, and %d are left".formatted(length, end - at));
    }
    return (int) length;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) throw bad("it ends in the middle of a number");
      byte next = bytes[at++];
      if (shift == 63 && (next & 0x7e) != 0) throw bad("a number has more than 64 bits");
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) return value;
    }
    throw bad("a number has more than 10 bytes");
  }

  private int fixed32() {
    need(4);
    at += 4;
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(at - 4);
  }

  private long fixed64() {
    need(8);
    at += 8;
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(at - 8);
  }

  private void need(int count) {
    if (end - at < count) throw bad("it ends in the middle of a number");
  }

  private Problem bad(String why) {
    return new Problem(
        Fault.BAD_MODEL_FILE,
        "the ONNX file is damaged at byte %,d: %s".formatted(at, why),
        "Take the file again from where it was made");
  }
}
