package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads one message of protocol buffers, field after field: `while (in.next()) switch
/// (in.field())`. A value that is not asked for is passed over; no length reaches beyond the
/// message.
final class Proto {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer in;
  private int field;
  private int wire;
  private boolean taken = true;

  private Proto(ByteBuffer in) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
  }

  static Proto of(byte[] bytes) {
    return new Proto(ByteBuffer.wrap(bytes));
  }

  /// Goes to the next field; false at the message's end.
  boolean next() {
    if (!taken) skip();
    if (!in.hasRemaining()) return false;
    long tag = varint();
    require(tag >>> 3 > 0 && tag >>> 3 < 1 << 29, "a field has no number");
    field = (int) (tag >>> 3);
    wire = (int) tag & 7;
    taken = false;
    return true;
  }

  int field() {
    return field;
  }

  private void take(int expected) {
    require(wire == expected, "field " + field + " is of another type");
    taken = true;
  }

  private void skip() {
    taken = true;
    switch (wire) {
      case VARINT -> varint();
      case FIXED64 -> pass(8);
      case BYTES -> pass(length());
      case FIXED32 -> pass(4);
      default -> throw damaged("a field is of type " + wire);
    }
  }

  private void pass(int bytes) {
    require(bytes <= in.remaining(), "it is cut short");
    in.position(in.position() + bytes);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      require(in.hasRemaining(), "it is cut short");
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) return value;
    }
    throw damaged("a number is too long");
  }

  private int length() {
    long length = varint();
    require(length >= 0 && length <= in.remaining(), "a length reaches beyond its message");
    return (int) length;
  }

  long number() {
    take(VARINT);
    return varint();
  }

  float real() {
    take(FIXED32);
    require(in.remaining() >= 4, "it is cut short");
    return in.getFloat();
  }

  private ByteBuffer slice() {
    take(BYTES);
    int length = length();
    ByteBuffer slice = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return slice;
  }

  Proto message() {
    return new Proto(slice());
  }

  byte[] bytes() {
    ByteBuffer slice = slice();
    byte[] bytes = new byte[slice.remaining()];
    slice.get(bytes);
    return bytes;
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /// Adds a repeated field's value, or all of them where they are packed.
  void numbers(Longs to) {
    if (wire != BYTES) {
      to.add(number());
      return;
    }
    Proto packed = message();
    while (packed.in.hasRemaining()) to.add(packed.varint());
  }

  void reals(Doubles to) {
    if (wire != BYTES) {
      to.add(real());
      return;
    }
    ByteBuffer packed = slice();
    require(packed.remaining() % 4 == 0, "a list of floats is cut short");
    while (packed.hasRemaining()) to.add(packed.getFloat());
  }

  void doubles(Doubles to) {
    if (wire == FIXED64) {
      take(FIXED64);
      require(in.remaining() >= 8, "it is cut short");
      to.add(in.getDouble());
      return;
    }
    ByteBuffer packed = slice();
    require(packed.remaining() % 8 == 0, "a list of doubles is cut short");
    while (packed.hasRemaining()) to.add(packed.getDouble());
  }

  /// Whole numbers that become more.
  static final class Longs {
    private long[] values = new long[8];
    private int count;

    void add(long value) {
      if (count == values.length) values = Arrays.copyOf(values, count * 2);
      values[count++] = value;
    }

    long[] values() {
      return Arrays.copyOf(values, count);
    }
  }

  /// Real numbers that become more.
  static final class Doubles {
    private double[] values = new double[8];
    private int count;

    void add(double value) {
      if (count == values.length) values = Arrays.copyOf(values, count * 2);
      values[count++] = value;
    }

    double[] values() {
      return Arrays.copyOf(values, count);
    }
  }
}
