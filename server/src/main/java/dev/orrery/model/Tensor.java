package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Arrays;

/// Values in row-major order with their type and shape. Arrays are not copied: do not change them.
///
/// @param shape the length of each dimension, each >= 0
/// @param data by type: `byte[]` of BOOL (0 or 1), INT8 and UINT8; `short[]` of INT16, UINT16, and
///   the bits of FP16 and BF16; `int[]` of INT32 and UINT32; `long[]` of INT64 and UINT64;
///   `float[]` of FP32; `double[]` of FP64; `byte[][]` of BYTES. A missing value is NaN in floating
///   tensors and null in BYTES
public record Tensor(Datatype type, long[] shape, Object data) {
  private static final long ELEMENTS_MAX = 1L << 28;

  public Tensor {
    long count = count(shape);
    if (count != java.lang.reflect.Array.getLength(data)) {
      throw new Problem(
          Fault.BAD_TENSOR,
          "a tensor of shape %s has %,d values"
              .formatted(Arrays.toString(shape), java.lang.reflect.Array.getLength(data)),
          "Send as many values as the shape says");
    }
  }

  public static Tensor of(double[] values, long... shape) {
    return new Tensor(Datatype.FP64, shape, values);
  }

  public static Tensor of(float[] values, long... shape) {
    return new Tensor(Datatype.FP32, shape, values);
  }

  public static Tensor of(long[] values, long... shape) {
    return new Tensor(Datatype.INT64, shape, values);
  }

  /// How many elements a shape has.
  ///
  /// @throws Problem of kind INVALID for a negative dimension, TOO_LARGE beyond 2^28 elements
  public static long count(long[] shape) {
    long count = 1;
    for (long length : shape) {
      if (length < 0) {
        throw new Problem(
            Fault.BAD_TENSOR,
            "a shape has the dimension %d".formatted(length),
            "Send lengths of 0 and more");
      }
      if (length > ELEMENTS_MAX || (length > 0 && count > ELEMENTS_MAX / length)) {
        throw new Problem(
            Fault.TENSOR_TOO_LARGE,
            "a tensor of shape %s is too large".formatted(Arrays.toString(shape)),
            "Send at most %,d elements at a time".formatted(ELEMENTS_MAX));
      }
      count *= length;
    }
    return count;
  }

  public long count() {
    return count(shape);
  }

  /// The first dimension; 1 for a tensor without dimensions.
  public long rows() {
    return shape.length == 0 ? 1 : shape[0];
  }

  /// The values as doubles, which hold every one of them but 64-bit integers beyond 2^53 exactly.
  ///
  /// @throws Problem of kind INVALID if they are no numbers
  public double[] doubles() {
    double[] values = new double[Math.toIntExact(count())];
    switch (data) {
      case double[] own -> {
        return own;
      }
      case float[] own -> {
        for (int i = 0; i < values.length; i++) values[i] = own[i];
      }
      case long[] own -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = type == Datatype.UINT64 ? unsigned(own[i]) : own[i];
        }
      }
      case int[] own -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = type == Datatype.UINT32 ? Integer.toUnsignedLong(own[i]) : own[i];
        }
      }
      case short[] own -> {
        for (int i = 0; i < values.length; i++) values[i] = ofShort(own[i]);
      }
      case byte[] own -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = type == Datatype.INT8 ? own[i] : Byte.toUnsignedInt(own[i]);
        }
      }
      default ->
          throw new Problem(
              Fault.BAD_TENSOR, "a tensor of BYTES holds no numbers", "Send a numeric tensor");
    }
    return values;
  }

  private double ofShort(short bits) {
    return switch (type) {
      case UINT16 -> Short.toUnsignedInt(bits);
      case FP16 -> Float.float16ToFloat(bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
      default -> bits;
    };
  }

  private static double unsigned(long bits) {
    return bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
  }
}
