package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Values of a tensor as another type, where that loses nothing but precision.
final class TensorCast {
  private TensorCast() {}

  static float[] floats(Tensor tensor) {
    if (tensor.data() instanceof float[] own) return own;
    double[] values = tensor.doubles();
    float[] cast = new float[values.length];
    for (int i = 0; i < cast.length; i++) cast[i] = (float) values[i];
    return cast;
  }

  /// @throws Problem of kind INVALID for a value that is no whole number of 64 bits
  static long[] longs(Tensor tensor) {
    if (tensor.data() instanceof long[] own) return own;
    double[] values = tensor.doubles();
    long[] cast = new long[values.length];
    for (int i = 0; i < cast.length; i++) cast[i] = whole(values[i], -0x1p63, 0x1p63);
    return cast;
  }

  /// The texts; a missing one is the empty text.
  static String[] texts(Tensor tensor) {
    if (!(tensor.data() instanceof byte[][] own)) {
      throw new Problem(
          Fault.BAD_TENSOR, "a tensor of numbers stands where texts belong", "Send BYTES");
    }
    String[] texts = new String[own.length];
    for (int i = 0; i < own.length; i++) {
      texts[i] = own[i] == null ? "" : new String(own[i], StandardCharsets.UTF_8);
    }
    return texts;
  }

  static Tensor ofTexts(String[] texts, long[] shape) {
    byte[][] bytes = new byte[texts.length][];
    for (int i = 0; i < texts.length; i++) bytes[i] = texts[i].getBytes(StandardCharsets.UTF_8);
    return new Tensor(Datatype.BYTES, shape, bytes);
  }

  /// Writes the values as elements of a type, one after the other.
  ///
  /// @param into in the order of bytes of the machine, with room for all
  static void put(Tensor tensor, Datatype type, ByteBuffer into) {
    into.clear();
    switch (type) {
      case FP32 -> into.asFloatBuffer().put(floats(tensor));
      case FP64 -> into.asDoubleBuffer().put(tensor.doubles());
      case INT64 -> into.asLongBuffer().put(longs(tensor));
      case INT32 -> {
        if (tensor.data() instanceof int[] own && tensor.type() == type) {
          into.asIntBuffer().put(own);
        } else {
          for (double x : tensor.doubles()) into.putInt((int) whole(x, -0x1p31, 0x1p31));
        }
      }
      case INT16 -> {
        for (double x : tensor.doubles()) into.putShort((short) whole(x, -0x1p15, 0x1p15));
      }
      case FP16 -> {
        if (tensor.type() == type) into.asShortBuffer().put((short[]) tensor.data());
        else for (float x : floats(tensor)) into.putShort(Float.floatToFloat16(x));
      }
      case BF16 -> {
        if (tensor.type() == type) into.asShortBuffer().put((short[]) tensor.data());
        else for (float x : floats(tensor)) into.putShort(brief(x));
      }
      case INT8 -> {
        for (double x : tensor.doubles()) into.put((byte) whole(x, -0x1p7, 0x1p7));
      }
      case UINT8 -> {
        for (double x : tensor.doubles()) into.put((byte) whole(x, 0, 0x1p8));
      }
      case BOOL -> {
        for (double x : tensor.doubles()) into.put((byte) whole(x, 0, 2));
      }
      default -> throw new IllegalStateException(type.name());
    }
  }

  /// To the nearest BF16, ties to even.
  private static short brief(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) return (short) (bits >>> 16 | 0x40);
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  private static long whole(double x, double min, double end) {
    if (x >= min && x < end && x == Math.rint(x)) return (long) x;
    throw new Problem(
        Fault.BAD_TENSOR,
        "%s stands where a whole number from %s up to %s belongs".formatted(x, min, end - 1),
        "Send whole numbers, none missing");
  }
}
