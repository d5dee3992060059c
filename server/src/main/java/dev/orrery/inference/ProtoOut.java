package dev.orrery.inference;

import dev.orrery.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Writes protocol buffers field by field. As in proto3, what is empty or zero is left out.
final class ProtoOut {
  private byte[] bytes = new byte[128];
  private int length;

  private void room(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.multiplyExact(bytes.length, 2)));
    }
  }

  private void tag(int field, int wire) {
    varint((long) field << 3 | wire);
  }

  void varint(long value) {
    room(10);
    long left = value;
    while ((left & ~0x7fL) != 0) {
      bytes[length++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[length++] = (byte) left;
  }

  ProtoOut number(int field, long value) {
    if (value == 0) return this;
    tag(field, ProtoIn.VARINT);
    varint(value);
    return this;
  }

  ProtoOut flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  ProtoOut string(int field, String text) {
    if (text.isEmpty()) return this;
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  ProtoOut strings(int field, List<String> texts) {
    for (String text : texts) bytes(field, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /// Written even where it is empty: as an element of a repeated field it counts.
  ProtoOut bytes(int field, byte[] value) {
    tag(field, ProtoIn.LENGTH);
    varint(value.length);
    room(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  ProtoOut message(int field, ProtoOut message) {
    tag(field, ProtoIn.LENGTH);
    varint(message.length);
    room(message.length);
    System.arraycopy(message.bytes, 0, bytes, length, message.length);
    length += message.length;
    return this;
  }

  /// Packed signed integers.
  ProtoOut numbers(int field, long[] values) {
    if (values.length == 0) return this;
    ProtoOut packed = new ProtoOut();
    for (long value : values) packed.varint(value);
    return message(field, packed);
  }

  /// The bytes of a tensor as [TensorBytes] has them, without a copy in between.
  ProtoOut tensor(int field, Tensor tensor) {
    int size = TensorBytes.length(tensor);
    tag(field, ProtoIn.LENGTH);
    varint(size);
    room(size);
    TensorBytes.write(tensor, ByteBuffer.wrap(bytes, length, size).order(ByteOrder.LITTLE_ENDIAN));
    length += size;
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
