package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;

/// A value on its way through an [OnnxPlain] graph.
///
/// @param type FP32, FP64, INT64, INT32, BOOL or BYTES
/// @param shape row-major
/// @param data by type: `float[]`, `double[]`, `long[]` (also of INT32 and BOOL), `String[]`
record PlainValue(Datatype type, int[] shape, Object data) {
  static PlainValue of(Tensor tensor, Datatype type) {
    int[] shape = new int[tensor.shape().length];
    for (int i = 0; i < shape.length; i++) shape[i] = Math.toIntExact(tensor.shape()[i]);
    Object data =
        switch (type) {
          case FP32 -> TensorCast.floats(tensor);
          case FP64 -> tensor.doubles();
          case INT64, INT32, BOOL -> TensorCast.longs(tensor);
          case BYTES -> TensorCast.texts(tensor);
          default -> throw new IllegalStateException(type.name());
        };
    return new PlainValue(type, shape, data);
  }

  Tensor tensor() {
    long[] lengths = new long[shape.length];
    for (int i = 0; i < lengths.length; i++) lengths[i] = shape[i];
    return switch (type) {
      case BYTES -> TensorCast.ofTexts((String[]) data, lengths);
      case INT32 -> {
        long[] values = (long[]) data;
        int[] narrow = new int[values.length];
        for (int i = 0; i < narrow.length; i++) narrow[i] = (int) values[i];
        yield new Tensor(type, lengths, narrow);
      }
      case BOOL -> {
        long[] values = (long[]) data;
        byte[] narrow = new byte[values.length];
        for (int i = 0; i < narrow.length; i++) narrow[i] = (byte) values[i];
        yield new Tensor(type, lengths, narrow);
      }
      default -> new Tensor(type, lengths, data);
    };
  }

  float[] floats() {
    return (float[]) data;
  }

  /// The values as floats, as the operators of `ai.onnx.ml` read numbers.
  float[] asFloats() {
    return switch (data) {
      case float[] own -> own;
      case double[] own -> {
        float[] cast = new float[own.length];
        for (int i = 0; i < cast.length; i++) cast[i] = (float) own[i];
        yield cast;
      }
      case long[] own -> {
        float[] cast = new float[own.length];
        for (int i = 0; i < cast.length; i++) cast[i] = own[i];
        yield cast;
      }
      default -> throw new IllegalStateException(type.name());
    };
  }

  int count() {
    return count(shape);
  }

  static int count(int[] shape) {
    long count = 1;
    for (int length : shape) count *= length;
    if (count > 1 << 28) {
      throw new Problem(
          Fault.TENSOR_TOO_LARGE, "a value in the model is too large", "Send fewer rows at a time");
    }
    return (int) count;
  }

  int last() {
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  PlainValue shaped(int... other) {
    if (count(other) != count()) {
      throw new Problem(
          Fault.SCORING_FAILED,
          "a value of shape %s cannot become %s"
              .formatted(java.util.Arrays.toString(shape), java.util.Arrays.toString(other)),
          "Check the shapes of the inputs");
    }
    return new PlainValue(type, other, data);
  }

  static PlainValue constant(OnnxGraph.Constant constant, Datatype type) {
    int[] shape = new int[constant.dims().length];
    for (int i = 0; i < shape.length; i++) shape[i] = (int) constant.dims()[i];
    Object data = java.util.Objects.requireNonNull(constant.data());
    return new PlainValue(
        type,
        shape,
        switch (data) {
          case int[] own -> java.util.Arrays.stream(own).asLongStream().toArray();
          case byte[] own -> {
            long[] wide = new long[own.length];
            for (int i = 0; i < wide.length; i++) wide[i] = own[i];
            yield wide;
          }
          case byte[][] own -> {
            String[] texts = new String[own.length];
            for (int i = 0; i < texts.length; i++) {
              texts[i] = new String(own[i], StandardCharsets.UTF_8);
            }
            yield texts;
          }
          default -> data;
        });
  }
}
