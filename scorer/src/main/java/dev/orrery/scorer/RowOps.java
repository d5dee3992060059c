package dev.orrery.scorer;

/// What is done to one row of an ONNX graph, in floats, as ONNX Runtime does it. Each reads some
/// places of the row's values and writes others.
final class RowOps {
  /// Added and taken away again, it leaves a whole number: 1.5 times 2^23.
  private static final float ROUNDING = 12_582_912f;

  private RowOps() {}

  /// One operator on the values of a row.
  @FunctionalInterface
  interface Step {
    void run(float[] v);
  }

  /// A function of two numbers.
  @FunctionalInterface
  interface Two {
    float of(float a, float b);
  }

  /// A function of one number.
  @FunctionalInterface
  interface One {
    float of(float x);
  }

  static Step each(int from, int width, int to, One one) {
    return v -> {
      for (int i = 0; i < width; i++) v[to + i] = one.of(v[from + i]);
    };
  }

  /// Two lists of numbers, the shorter of which may be one number for all.
  static Step both(int a, int widthA, int b, int widthB, int to, Two two) {
    int width = Math.max(widthA, widthB);
    return v -> {
      for (int i = 0; i < width; i++) {
        v[to + i] = two.of(v[a + (widthA == 1 ? 0 : i)], v[b + (widthB == 1 ? 0 : i)]);
      }
    };
  }

  static Step constant(float[] values, int to) {
    return v -> System.arraycopy(values, 0, v, to, values.length);
  }

  static Step copy(int from, int width, int to) {
    return v -> System.arraycopy(v, from, v, to, width);
  }

  static Step scale(float[] offset, float[] scale, int from, int width, int to) {
    return v -> {
      for (int i = 0; i < width; i++) {
        float x = v[from + i] - offset[offset.length == 1 ? 0 : i];
        v[to + i] = x * scale[scale.length == 1 ? 0 : i];
      }
    };
  }

  static Step impute(float missing, float[] instead, int from, int width, int to) {
    return v -> {
      for (int i = 0; i < width; i++) {
        float x = v[from + i];
        boolean isMissing = Float.isNaN(missing) ? Float.isNaN(x) : x == missing;
        v[to + i] = isMissing ? instead[instead.length == 1 ? 0 : i] : x;
      }
    };
  }

  /// Shares of the sum of sizes, or of the length; a row of zeros stays as it is.
  static Step normalize(boolean isLength, int from, int width, int to) {
    return v -> {
      float sum = 0;
      for (int i = from; i < from + width; i++) {
        sum += isLength ? v[i] * v[i] : Math.abs(v[i]);
      }
      for (int i = 0; i < width; i++) {
        float x = v[from + i];
        if (sum == 0) v[to + i] = x;
        else if (isLength) v[to + i] = Math.copySign((float) Math.sqrt(x * x / sum), x);
        else v[to + i] = x / sum;
      }
    };
  }

  static Step sum(int from, int width, int to) {
    return v -> {
      float sum = 0;
      for (int i = from; i < from + width; i++) sum += v[i];
      v[to] = sum;
    };
  }

  /// The place of the greatest, the first of several.
  static Step greatest(int from, int width, int to) {
    return v -> {
      int best = 0;
      for (int i = 1; i < width; i++) if (v[from + i] > v[from + best]) best = i;
      v[to] = best;
    };
  }

  /// As ONNX Runtime's linear classifier has it, with the exponential function of C.
  static Step softmax(int from, int width, int to) {
    return v -> {
      float largest = Float.NEGATIVE_INFINITY;
      for (int i = from; i < from + width; i++) largest = Math.max(largest, v[i]);
      float sum = 0;
      for (int i = 0; i < width; i++) {
        float power = LibraryLink.exp(v[from + i] - largest);
        v[to + i] = power;
        sum += power;
      }
      for (int i = 0; i < width; i++) v[to + i] /= sum;
    };
  }

  /// ONNX Runtime's exponential function: a polynomial on half a power of 2 to both sides, each
  /// step of which is rounded once (the coefficients are those of its `MLAS_EXP_CONSTANTS`).
  static float exp(float given) {
    float x = Math.min(88.7762626647950f, Math.max(-103.9720840454f, given));
    float cell = fused(x, 1.44269504088896341f, ROUNDING) - ROUNDING;
    float r = fused(cell, -1.42860677e-6f, fused(cell, -6.93145752e-1f, x));
    float p = fused(0x1.694000p-10f, r, 0x1.125edcp-7f);
    p = fused(p, r, 0x1.555b5ap-5f);
    p = fused(p, r, 0x1.555450p-3f);
    p = fused(p, r, 0x1.fffff6p-2f);
    p = fused(p, r, 1);
    p = fused(p, r, 1);
    return Math.scalb(p, (int) cell);
  }

  /// ONNX Runtime's logistic function: a quotient of polynomials (as in Eigen), each step of which
  /// is rounded once, held between -18 and 18. It is within 2e-7 of the true value.
  static float logistic(float given) {
    float x = Math.min(18f, Math.max(-18f, given));
    float square = x * x;
    float p = fused(square, 4.37031012579801e-11f, 1.15627324459942e-07f);
    p = fused(p, square, 6.08574864600143e-05f);
    p = fused(p, square, 8.51377133304701e-03f);
    p = fused(p, square, 2.48287947061529e-01f);
    p *= x;
    float q = fused(square, 6.10247389755681e-13f, 5.76102136993427e-09f);
    q = fused(q, square, 6.29106785017040e-06f);
    q = fused(q, square, 1.70198817374094e-03f);
    q = fused(q, square, 1.16817656904453e-01f);
    q = fused(q, square, 9.93151921023180e-01f);
    return Math.min(1f, Math.max(0f, p / q + 0.5f));
  }

  /// `a * b + c`, rounded once but for a rounding of doubles, which shows in one of 2^29: not
  /// [Math#fma], which takes microseconds where the machine has no such instruction.
  static float fused(float a, float b, float c) {
    return (float) ((double) a * b + c);
  }
}
