package dev.orrery.scorer;

/// What ONNX Runtime makes of the sums of a tree ensemble: base values, mean, labels and the post
/// transform, counted in floats as it does. Sums of models of doubles are doubles until then.
///
/// @param base per group; empty for none
/// @param divisor the number of trees where the mean is taken, else 1
/// @param isFloat whether sums are floats
record OnnxLink(Shape shape, Post post, double[] base, int divisor, boolean isFloat)
    implements Link {
  /// Who asks, and for how many classes.
  enum Shape {
    REGRESSOR,
    /// Three classes or more.
    CLASSES,
    /// Two classes with a sum of its own each.
    TWO_CLASSES,
    /// Two classes with one sum of probabilities.
    BINARY,
    /// Two classes with one sum, some of whose leaves are negative.
    BINARY_MIXED
  }

  enum Post {
    NONE,
    LOGISTIC,
    SOFTMAX,
    SOFTMAX_ZERO
  }

  @Override
  public int outputs(int groups) {
    return shape == Shape.BINARY || shape == Shape.BINARY_MIXED ? 2 : groups;
  }

  private double sum(double[] margins, int from, int k) {
    double sum = margins[from + k];
    if (divisor != 1) sum = rounded(sum / divisor);
    return base.length == 0 ? sum : rounded(sum + base[k]);
  }

  private double rounded(double x) {
    return isFloat ? (float) x : x;
  }

  @Override
  public int label(double[] margins, int from, int groups) {
    return switch (shape) {
      case REGRESSOR -> -1;
      case BINARY -> sum(margins, from, 0) > 0.5 ? 1 : 0;
      case BINARY_MIXED -> sum(margins, from, 0) > 0 ? 1 : 0;
      case TWO_CLASSES -> sum(margins, from, 1) > 0 ? 1 : 0;
      case CLASSES -> {
        int best = 0;
        for (int k = 1; k < groups; k++) {
          if (sum(margins, from, k) > sum(margins, from, best)) best = k;
        }
        yield best;
      }
    };
  }

  @Override
  public void apply(double[] margins, int from, int groups, double[] scores, int to) {
    for (int k = 0; k < groups; k++) margins[from + k] = sum(margins, from, k);
    double first = margins[from];
    switch (shape) {
      case BINARY -> {
        scores[to] = (float) (1 - first);
        scores[to + 1] = (float) first;
      }
      case BINARY_MIXED -> {
        boolean logistic = post == Post.LOGISTIC;
        boolean positive = first > 0;
        scores[to] = logistic ? logistic((float) -first) : (float) (positive ? -first : first);
        scores[to + 1] = logistic ? logistic((float) first) : (float) (positive ? first : -first);
      }
      default -> {
        if (groups > 1) transform(margins, from, groups);
        for (int k = 0; k < groups; k++) scores[to + k] = (float) margins[from + k];
      }
    }
  }

  private void transform(double[] values, int from, int count) {
    switch (post) {
      case NONE -> {}
      case LOGISTIC -> {
        for (int k = from; k < from + count; k++) values[k] = logistic((float) values[k]);
      }
      case SOFTMAX, SOFTMAX_ZERO -> softmax(values, from, count);
    }
  }

  /// In SOFTMAX_ZERO, what is nearly 0 stays nearly 0.
  private void softmax(double[] values, int from, int count) {
    double largest = -Float.MAX_VALUE;
    for (int k = from; k < from + count; k++) largest = Math.max(largest, values[k]);
    double sum = 0;
    for (int k = from; k < from + count; k++) {
      boolean zero = post == Post.SOFTMAX_ZERO && Math.abs(values[k]) <= 0.0000001f;
      if (zero) {
        values[k] = rounded(values[k] * exp(-largest));
        continue;
      }
      values[k] = exp(rounded(values[k] - largest));
      sum = rounded(sum + values[k]);
    }
    for (int k = from; k < from + count; k++) values[k] = rounded(values[k] / sum);
  }

  private double exp(double x) {
    return rounded(Exp.exp(x));
  }

  private static float logistic(float x) {
    float v = 1 / (1 + LibraryLink.exp(-Math.abs(x)));
    return x < 0 ? 1 - v : v;
  }
}
