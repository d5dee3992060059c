package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.PlainOp.Kind;
import dev.orrery.model.PlainOp.Prepared;
import dev.orrery.model.PlainOp.Single;
import org.jspecify.annotations.Nullable;

/// `+ - * /` of two values whose shapes are stretched to each other.
final class PlainArithmetic {
  private PlainArithmetic() {}

  static @Nullable Prepared prepare(String op, Kind[] in) {
    if (in.length != 2 || in[0].type() != in[1].type() || !in[0].isNumber()) return null;
    // A whole number divided by zero is the runtime's to refuse.
    if (op.equals("Div") && !in[0].isFloating()) return null;
    char sign =
        switch (op) {
          case "Add" -> '+';
          case "Sub" -> '-';
          case "Mul" -> '*';
          default -> '/';
        };
    Single step = v -> apply(sign, v[0], v[1]);
    return Prepared.of(in[0].type(), Math.max(in[0].rank(), in[1].rank()), step);
  }

  private static PlainValue apply(char sign, PlainValue a, PlainValue b) {
    int[] shape = stretched(a.shape(), b.shape());
    int count = PlainValue.count(shape);
    int[] left = places(a.shape(), shape, count);
    int[] right = places(b.shape(), shape, count);
    Object data =
        switch (a.data()) {
          case float[] x -> floats(sign, x, (float[]) b.data(), left, right);
          case double[] x -> doubles(sign, x, (double[]) b.data(), left, right);
          case long[] x -> longs(sign, x, (long[]) b.data(), left, right, a.type());
          default -> throw new IllegalStateException(a.type().name());
        };
    return new PlainValue(a.type(), shape, data);
  }

  private static float[] floats(char sign, float[] x, float[] y, int[] left, int[] right) {
    float[] z = new float[left.length];
    for (int i = 0; i < z.length; i++) {
      float a = x[left[i]];
      float b = y[right[i]];
      z[i] =
          switch (sign) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            default -> a / b;
          };
    }
    return z;
  }

  private static double[] doubles(char sign, double[] x, double[] y, int[] left, int[] right) {
    double[] z = new double[left.length];
    for (int i = 0; i < z.length; i++) {
      double a = x[left[i]];
      double b = y[right[i]];
      z[i] =
          switch (sign) {
            case '+' -> a + b;
            case '-' -> a - b;
            case '*' -> a * b;
            default -> a / b;
          };
    }
    return z;
  }

  private static long[] longs(
      char sign, long[] x, long[] y, int[] left, int[] right, Datatype type) {
    long[] z = new long[left.length];
    for (int i = 0; i < z.length; i++) {
      long a = x[left[i]];
      long b = y[right[i]];
      long c = sign == '+' ? a + b : sign == '-' ? a - b : a * b;
      z[i] = type == Datatype.INT32 ? (int) c : c;
    }
    return z;
  }

  private static int[] stretched(int[] a, int[] b) {
    int[] shape = new int[Math.max(a.length, b.length)];
    for (int i = 1; i <= shape.length; i++) {
      int left = i <= a.length ? a[a.length - i] : 1;
      int right = i <= b.length ? b[b.length - i] : 1;
      if (left != right && left != 1 && right != 1) {
        throw new Problem(
            Fault.SCORING_FAILED,
            "values of %d and %d do not go together".formatted(left, right),
            "Send as many values in a row as the model takes");
      }
      shape[shape.length - i] = left == 1 ? right : left;
    }
    return shape;
  }

  /// For each element of the result, which element of an operand it is made of.
  private static int[] places(int[] own, int[] shape, int count) {
    int[] places = new int[count];
    int size = 1;
    for (int length : own) size *= length;
    if (size == count) {
      for (int i = 0; i < count; i++) places[i] = i;
      return places;
    }
    if (size == 1) return places;
    int[] steps = new int[shape.length];
    int step = 1;
    for (int i = 1; i <= own.length; i++) {
      int length = own[own.length - i];
      steps[shape.length - i] = length == 1 ? 0 : step;
      step *= length;
    }
    int[] at = new int[shape.length];
    int place = 0;
    for (int i = 0; i < count; i++) {
      places[i] = place;
      for (int d = shape.length - 1; d >= 0; d--) {
        place += steps[d];
        if (++at[d] < shape[d]) break;
        place -= steps[d] * shape[d];
        at[d] = 0;
      }
    }
    return places;
  }
}
