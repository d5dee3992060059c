package dev.orrery.scorer;

/// The links of LightGBM's and XGBoost's objectives.
///
/// Those of XGBoost count in floats, as it does.
///
/// @param slope of LightGBM's logistic link, its `sigmoid`; 1 as a rule
/// @param divisor of the margin before the link, for forests that take the mean; 1 as a rule
record LibraryLink(Kind kind, double slope, double divisor) implements Link {
  enum Kind {
    IDENTITY,
    LOGISTIC,
    EXPONENTIAL,
    SIGNED_SQUARE,
    LOG_OF_ONE_AND_EXPONENTIAL,
    SOFTMAX,
    FLOAT_LOGISTIC,
    FLOAT_EXPONENTIAL,
    FLOAT_SOFTMAX,
    /// 1 where the margin is over 0.
    HINGE,
    /// The place of the first of the largest.
    ARGMAX
  }

  /// XGBoost takes no exponential of more than this.
  private static final float EXPONENT_MAX = 88.7f;

  static LibraryLink of(Kind kind) {
    return new LibraryLink(kind, 1, 1);
  }

  @Override
  public int outputs(int groups) {
    return kind == Kind.ARGMAX ? 1 : groups;
  }

  @Override
  public void apply(double[] margins, int from, int groups, double[] scores, int to) {
    if (divisor != 1) for (int k = 0; k < groups; k++) margins[from + k] /= divisor;
    switch (kind) {
      case SOFTMAX -> softmax(margins, from, groups, scores, to);
      case FLOAT_SOFTMAX -> floatSoftmax(margins, from, groups, scores, to);
      case ARGMAX -> scores[to] = argmax(margins, from, groups);
      default -> {
        for (int k = 0; k < groups; k++) scores[to + k] = apply(margins[from + k]);
      }
    }
  }

  private double apply(double x) {
    return switch (kind) {
      case LOGISTIC -> 1 / (1 + Exp.exp(-slope * x));
      case EXPONENTIAL -> Exp.exp(x);
      case SIGNED_SQUARE -> x >= 0 ? x * x : -(x * x);
      case LOG_OF_ONE_AND_EXPONENTIAL -> StrictMath.log1p(Exp.exp(x));
      case FLOAT_LOGISTIC -> 1 / (exp(Math.min((float) -x, EXPONENT_MAX)) + 1);
      case FLOAT_EXPONENTIAL -> exp((float) x);
      case HINGE -> x > 0 ? 1 : 0;
      default -> x;
    };
  }

  static float exp(float x) {
    return (float) Exp.exp(x);
  }

  private static void softmax(double[] margins, int from, int groups, double[] scores, int to) {
    double largest = margins[from];
    for (int k = 1; k < groups; k++) largest = Math.max(margins[from + k], largest);
    double sum = 0;
    for (int k = 0; k < groups; k++) {
      scores[to + k] = Exp.exp(margins[from + k] - largest);
      sum += scores[to + k];
    }
    for (int k = 0; k < groups; k++) scores[to + k] /= sum;
  }

  private static void floatSoftmax(
      double[] margins, int from, int groups, double[] scores, int to) {
    float largest = (float) margins[from];
    for (int k = 1; k < groups; k++) largest = Math.max((float) margins[from + k], largest);
    double sum = 0;
    for (int k = 0; k < groups; k++) {
      float one = exp((float) margins[from + k] - largest);
      scores[to + k] = one;
      sum += one;
    }
    for (int k = 0; k < groups; k++) scores[to + k] = (float) scores[to + k] / (float) sum;
  }

  static int argmax(double[] values, int from, int count) {
    int best = 0;
    for (int k = 1; k < count; k++) if (values[from + k] > values[from + best]) best = k;
    return best;
  }
}
