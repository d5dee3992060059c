package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.PlainOp.Kind;
import dev.orrery.model.PlainOp.Prepared;
import dev.orrery.model.PlainOp.Single;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// ONNX's own operators that [OnnxPlain] computes: products, sums, activations, shapes, casts.
final class PlainMath {
  private PlainMath() {}

  /// The operator, or null if it is not computed here over such values.
  static @Nullable Prepared prepare(
      Node node, Kind[] in, @Nullable PlainValue[] constants, long opset) {
    if (in.length == 0) return null;
    Kind first = in[0];
    return switch (node.op()) {
      case "Identity" -> one(in, Prepared.of(first.type(), first.rank(), v -> v[0]));
      case "Relu", "Sigmoid", "Tanh" ->
          first.isFloat() ? one(in, activation(node.op(), first)) : null;
      case "Add", "Sub", "Mul", "Div" -> PlainArithmetic.prepare(node.op(), in);
      case "MatMul" -> in.length == 2 ? product(in, constants, 1, 0, false, false) : null;
      case "Gemm" ->
          product(
              in,
              constants,
              node.number("alpha", 1),
              node.number("beta", 1),
              node.integer("transA", 0) != 0,
              node.integer("transB", 0) != 0);
      case "Softmax" -> one(in, softmax(node, first, opset));
      case "Flatten" -> node.integer("axis", 1) == 1 ? one(in, flatten(first)) : null;
      case "Reshape" -> reshape(node, in, constants);
      case "Concat" -> concat(node, in);
      case "Cast" -> one(in, cast(node, first));
      case "ArgMax" -> one(in, argMax(node, first));
      default -> null;
    };
  }

  private static @Nullable Prepared one(Kind[] in, @Nullable Prepared prepared) {
    return in.length == 1 ? prepared : null;
  }

  private static Prepared activation(String op, Kind kind) {
    return Prepared.of(
        Datatype.FP32,
        kind.rank(),
        v -> {
          float[] x = v[0].floats();
          float[] y = new float[x.length];
          switch (op) {
            case "Relu" -> {
              for (int i = 0; i < y.length; i++) y[i] = x[i] < 0 ? 0 : x[i];
            }
            case "Sigmoid" -> {
              for (int i = 0; i < y.length; i++) y[i] = logistic(x[i]);
            }
            default -> {
              for (int i = 0; i < y.length; i++) y[i] = (float) Math.tanh(x[i]);
            }
          }
          return new PlainValue(Datatype.FP32, v[0].shape(), y);
        });
  }

  static float logistic(float x) {
    return (float) (1 / (1 + Math.exp(-x)));
  }

  /// `alpha * a * b + beta * c` of two matrices, the second of which stands in the file.
  private static @Nullable Prepared product(
      Kind[] in,
      @Nullable PlainValue[] constants,
      float alpha,
      float beta,
      boolean transA,
      boolean transB) {
    if (in.length < 2 || in.length > 3 || transA || !in[0].isFloating()) return null;
    PlainValue weights = constants[1];
    PlainValue added = in.length == 3 ? constants[2] : null;
    boolean isSame = in[0].type() == in[1].type() && in[0].rank() == 2 && in[1].rank() == 2;
    if (!isSame || weights == null || (in.length == 3 && added == null)) return null;
    int inner = weights.shape()[transB ? 1 : 0];
    int width = weights.shape()[transB ? 0 : 1];
    if (added != null
        && (added.type() != in[0].type() || (added.count() != width && added.count() != 1))) {
      return null;
    }
    if (in[0].type() == Datatype.FP32) {
      float[] b = transB ? transposed(weights.floats(), width, inner) : weights.floats();
      float[] c = new float[width];
      for (int j = 0; j < width && added != null; j++) {
        c[j] = beta * added.floats()[added.count() == 1 ? 0 : j];
      }
      Single op =
          v ->
              new PlainValue(
                  Datatype.FP32,
                  result(v[0], inner, width),
                  times(v[0].floats(), b, inner, width, alpha, c));
      return Prepared.of(Datatype.FP32, 2, op);
    }
    if (transB || added != null || alpha != 1) return null;
    double[] b = (double[]) weights.data();
    Single op =
        v ->
            new PlainValue(
                Datatype.FP64,
                result(v[0], inner, width),
                times((double[]) v[0].data(), b, inner, width));
    return Prepared.of(Datatype.FP64, 2, op);
  }

  private static int[] result(PlainValue rows, int inner, int width) {
    if (rows.shape()[1] != inner) {
      throw new Problem(
          Fault.SCORING_FAILED,
          "a row has %d values, and the model takes %d".formatted(rows.shape()[1], inner),
          "Send as many values in a row as the model takes");
    }
    return new int[] {rows.shape()[0], width};
  }

  /// Rows times a matrix of `inner` rows, each `width` long: row after row, so that the inner loop
  /// runs over neighbours.
  static float[] times(float[] a, float[] b, int inner, int width, float alpha, float[] added) {
    int rows = inner == 0 ? 0 : a.length / inner;
    float[] y = new float[rows * width];
    float[] sum = new float[width];
    for (int i = 0; i < rows; i++) {
      Arrays.fill(sum, 0);
      for (int k = 0; k < inner; k++) {
        float x = a[i * inner + k];
        int row = k * width;
        for (int j = 0; j < width; j++) sum[j] += x * b[row + j];
      }
      for (int j = 0; j < width; j++) y[i * width + j] = alpha * sum[j] + added[j];
    }
    return y;
  }

  private static double[] times(double[] a, double[] b, int inner, int width) {
    int rows = inner == 0 ? 0 : a.length / inner;
    double[] y = new double[rows * width];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < inner; k++) {
        double x = a[i * inner + k];
        for (int j = 0; j < width; j++) y[i * width + j] += x * b[k * width + j];
      }
    }
    return y;
  }

  static float[] transposed(float[] b, int rows, int columns) {
    float[] turned = new float[b.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) turned[j * rows + i] = b[i * columns + j];
    }
    return turned;
  }

  /// Over the last dimension, of two-dimensional values.
  private static @Nullable Prepared softmax(Node node, Kind kind, long opset) {
    long axis = node.integer("axis", opset < 13 ? 1 : -1);
    if (!kind.isFloat() || kind.rank() != 2 || (axis != 1 && axis != -1)) return null;
    Single op =
        v -> {
          float[] y = v[0].floats().clone();
          for (int i = 0; i < v[0].shape()[0]; i++) softmax(y, i * v[0].last(), v[0].last());
          return new PlainValue(Datatype.FP32, v[0].shape(), y);
        };
    return Prepared.of(Datatype.FP32, 2, op);
  }

  static void softmax(float[] y, int from, int width) {
    float max = Float.NEGATIVE_INFINITY;
    for (int j = from; j < from + width; j++) max = Math.max(max, y[j]);
    float sum = 0;
    for (int j = from; j < from + width; j++) {
      y[j] = (float) Math.exp(y[j] - max);
      sum += y[j];
    }
    for (int j = from; j < from + width; j++) y[j] /= sum;
  }

  private static Prepared flatten(Kind kind) {
    Single op =
        v -> {
          int rows = v[0].shape().length == 0 ? 1 : v[0].shape()[0];
          int width = 1;
          for (int i = 1; i < v[0].shape().length; i++) width *= v[0].shape()[i];
          return v[0].shaped(rows, width);
        };
    return Prepared.of(kind.type(), 2, op);
  }

  private static @Nullable Prepared reshape(
      Node node, Kind[] in, @Nullable PlainValue[] constants) {
    if (in.length != 2 || constants[1] == null || node.integer("allowzero", 0) != 0) return null;
    if (!(constants[1].data() instanceof long[] wanted)) return null;
    int rank = in[0].rank();
    int open = 0;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] < -1 || (wanted[i] == 0 && i >= rank)) return null;
      if (wanted[i] == -1) open++;
    }
    if (open > 1) return null;
    Single op =
        v -> {
          int[] shape = new int[wanted.length];
          int known = 1;
          for (int i = 0; i < shape.length; i++) {
            shape[i] = wanted[i] == 0 ? v[0].shape()[i] : (int) wanted[i];
            if (shape[i] > 0) known *= shape[i];
          }
          for (int i = 0; i < shape.length; i++) {
            if (shape[i] == -1) shape[i] = v[0].count() / known;
          }
          return v[0].shaped(shape);
        };
    return Prepared.of(in[0].type(), wanted.length, op);
  }

  private static @Nullable Prepared concat(Node node, Kind[] in) {
    int rank = in[0].rank();
    long axis = node.integer("axis", 1);
    int at = (int) (axis < 0 ? axis + rank : axis);
    for (Kind kind : in) if (!kind.equals(in[0])) return null;
    if (at < 0 || at >= rank) return null;
    return Prepared.of(in[0].type(), rank, v -> joined(v, at));
  }

  private static PlainValue joined(PlainValue[] parts, int axis) {
    int[] shape = parts[0].shape().clone();
    int outer = 1;
    for (int i = 0; i < axis; i++) outer *= shape[i];
    shape[axis] = 0;
    for (PlainValue part : parts) {
      for (int i = 0; i < shape.length; i++) {
        if (i != axis && part.shape()[i] != shape[i]) {
          throw new Problem(
              Fault.SCORING_FAILED,
              "inputs have %d and %d rows".formatted(shape[i], part.shape()[i]),
              "Send as many rows for each input");
        }
      }
      shape[axis] += part.shape()[axis];
    }
    int count = PlainValue.count(shape);
    Object data =
        java.lang.reflect.Array.newInstance(parts[0].data().getClass().getComponentType(), count);
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (PlainValue part : parts) {
        int piece = outer == 0 ? 0 : part.count() / outer;
        System.arraycopy(part.data(), o * piece, data, at, piece);
        at += piece;
      }
    }
    return new PlainValue(parts[0].type(), shape, data);
  }

  private static @Nullable Prepared cast(Node node, Kind kind) {
    Datatype to = OnnxGraph.datatype((int) node.integer("to", 0));
    if (to == kind.type()) return Prepared.of(kind.type(), kind.rank(), v -> v[0]);
    boolean isFloating = to == Datatype.FP32 || to == Datatype.FP64;
    boolean isInteger = to == Datatype.INT64 || to == Datatype.INT32;
    boolean isWhole =
        kind.type() == Datatype.INT64
            || kind.type() == Datatype.INT32
            || kind.type() == Datatype.BOOL;
    // What a float beyond an integer's range becomes differs between processors.
    if (to == null || !((isFloating && kind.type() != Datatype.BYTES) || (isInteger && isWhole))) {
      return null;
    }
    return Prepared.of(to, kind.rank(), v -> new PlainValue(to, v[0].shape(), recast(v[0], to)));
  }

  private static Object recast(PlainValue value, Datatype to) {
    if (to == Datatype.FP32) return value.asFloats();
    if (to == Datatype.FP64) {
      double[] y = new double[value.count()];
      switch (value.data()) {
        case float[] own -> {
          for (int i = 0; i < y.length; i++) y[i] = own[i];
        }
        case long[] own -> {
          for (int i = 0; i < y.length; i++) y[i] = own[i];
        }
        default -> throw new IllegalStateException(value.type().name());
      }
      return y;
    }
    long[] y = ((long[]) value.data()).clone();
    if (to == Datatype.INT32) for (int i = 0; i < y.length; i++) y[i] = (int) y[i];
    return y;
  }

  /// Over the last dimension of a matrix; the first of equals.
  private static @Nullable Prepared argMax(Node node, Kind kind) {
    long axis = node.integer("axis", 0);
    boolean isLast = kind.rank() == 2 && (axis == 1 || axis == -1);
    if (!kind.isFloat() || !isLast || node.integer("select_last_index", 0) != 0) return null;
    boolean keeps = node.integer("keepdims", 1) != 0;
    Single op =
        v -> {
          float[] x = v[0].floats();
          int width = v[0].last();
          int rows = v[0].shape()[0];
          long[] y = new long[rows];
          for (int i = 0; i < rows; i++) {
            int best = 0;
            for (int j = 1; j < width; j++) if (x[i * width + j] > x[i * width + best]) best = j;
            y[i] = best;
          }
          return new PlainValue(Datatype.INT64, keeps ? new int[] {rows, 1} : new int[] {rows}, y);
        };
    return Prepared.of(Datatype.INT64, keeps ? 2 : 1, op);
  }
}
