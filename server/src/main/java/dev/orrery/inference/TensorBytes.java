package dev.orrery.inference;

import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Datatype;
import dev.orrery.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Tensors in binary: little-endian, row-major, packed; BOOL one byte; an element of BYTES as its
/// length in four bytes and then itself.
final class TensorBytes {
  private TensorBytes() {}

  /// @throws Problem of kind INVALID if the bytes are not as many as the shape says
  static Tensor read(String name, Datatype type, long[] shape, byte[] bytes, int from, int length) {
    int count = Math.toIntExact(Tensor.count(shape));
    if (type != Datatype.BYTES && (long) count * type.size() != length) {
      throw bad(
          name,
          "it has %,d bytes, and its shape asks for %,d"
              .formatted(length, (long) count * type.size()),
          "Send as many bytes as the shape says");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
    Object data =
        switch (type) {
          case BOOL -> {
            byte[] own = new byte[count];
            for (int i = 0; i < count; i++) own[i] = (byte) (in.get() == 0 ? 0 : 1);
            yield own;
          }
          case INT8, UINT8 -> {
            byte[] own = new byte[count];
            in.get(own);
            yield own;
          }
          case INT16, UINT16, FP16, BF16 -> {
            short[] own = new short[count];
            in.asShortBuffer().get(own);
            yield own;
          }
          case INT32, UINT32 -> {
            int[] own = new int[count];
            in.asIntBuffer().get(own);
            yield own;
          }
          case INT64, UINT64 -> {
            long[] own = new long[count];
            in.asLongBuffer().get(own);
            yield own;
          }
          case FP32 -> {
            float[] own = new float[count];
            in.asFloatBuffer().get(own);
            yield own;
          }
          case FP64 -> {
            double[] own = new double[count];
            in.asDoubleBuffer().get(own);
            yield own;
          }
          case BYTES -> texts(name, in, count);
        };
    return new Tensor(type, shape, data);
  }

  private static byte[][] texts(String name, ByteBuffer in, int count) {
    List<byte[]> texts = new ArrayList<>();
    while (in.hasRemaining()) {
      int length = in.remaining() < 4 ? -1 : in.getInt();
      if (length < 0 || length > in.remaining() || texts.size() == count) {
        throw bad(
            name,
            "its element %d is cut off, or one too many".formatted(texts.size()),
            "Send each element as its length in four bytes and its bytes");
      }
      byte[] text = new byte[length];
      in.get(text);
      texts.add(text);
    }
    if (texts.size() != count) {
      throw bad(
          name,
          "it has %,d elements, and its shape says %,d".formatted(texts.size(), count),
          "Send as many elements as the shape says");
    }
    return texts.toArray(new byte[0][]);
  }

  /// How many bytes a tensor has.
  static int length(Tensor tensor) {
    if (!(tensor.data() instanceof byte[][] texts)) {
      return Math.toIntExact(tensor.count() * tensor.type().size());
    }
    long length = 4L * texts.length;
    for (byte[] text : texts) length += text == null ? 0 : text.length;
    return Math.toIntExact(length);
  }

  /// Writes a tensor into the buffer, which is little-endian; a missing text is an empty one.
  static void write(Tensor tensor, ByteBuffer out) {
    switch (tensor.data()) {
      case byte[] own -> out.put(own);
      case short[] own -> {
        for (short value : own) out.putShort(value);
      }
      case int[] own -> {
        for (int value : own) out.putInt(value);
      }
      case long[] own -> {
        for (long value : own) out.putLong(value);
      }
      case float[] own -> {
        for (float value : own) out.putFloat(value);
      }
      case double[] own -> {
        for (double value : own) out.putDouble(value);
      }
      case byte[][] own -> {
        for (byte[] text : own) {
          byte[] bytes = text == null ? new byte[0] : text;
          out.putInt(bytes.length).put(bytes);
        }
      }
      default -> throw new AssertionError(tensor.type());
    }
  }

  static byte[] bytes(Tensor tensor) {
    byte[] bytes = new byte[length(tensor)];
    write(tensor, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return bytes;
  }

  private static Problem bad(String name, String what, String remedy) {
    return JsonIn.bad("input '%s' does not fit: %s".formatted(Texts.shown(name), what), remedy);
  }
}
