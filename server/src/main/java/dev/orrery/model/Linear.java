package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;

/// Logistic regression: standardised numbers (the mean for a missing one, and a weight for its
/// being missing) and one weight for each category.
///
/// The weights of an input stand together: a number has its own and that of being missing; a
/// category those of its codes from 0 on (see [Encoding.Category]) and that of being missing.
public final class Linear implements Model {
  public static final String KIND = "logistic_regression";

  private final Preprocessor preprocessor;
  private final double intercept;
  private final double[] weights;
  private final int[] offsets;

  /// @param weights as many as [#weights(Preprocessor)]
  public Linear(Preprocessor preprocessor, double intercept, double[] weights) {
    this.preprocessor = preprocessor;
    this.intercept = intercept;
    this.weights = weights.clone();
    this.offsets = offsets(preprocessor);
    boolean finite = Double.isFinite(intercept);
    for (double weight : weights) finite &= Double.isFinite(weight);
    if (weights.length != weights(preprocessor) || !finite) {
      throw new Problem(
          Fault.BAD_PACKAGE,
          "a linear model has %d weights for %d, or one that is not finite"
              .formatted(weights.length, weights(preprocessor)),
          "Take the package from the run that made it");
    }
  }

  /// How many weights a model over these encodings has, the intercept not counted.
  public static int weights(Preprocessor preprocessor) {
    int[] offsets = offsets(preprocessor);
    return offsets[offsets.length - 1];
  }

  /// Where each input's weights begin; one entry more than inputs.
  public static int[] offsets(Preprocessor preprocessor) {
    int[] offsets = new int[preprocessor.width() + 1];
    for (int i = 0; i < preprocessor.width(); i++) {
      int own =
          switch (preprocessor.encodings().get(i)) {
            case Encoding.Number _ -> 2;
            case Encoding.Category category -> category.count() + 1;
          };
      offsets[i + 1] = Math.addExact(offsets[i], own);
    }
    return offsets;
  }

  public double intercept() {
    return intercept;
  }

  public double[] weights() {
    return weights.clone();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public double score(double[] row) {
    double margin = intercept;
    for (int i = 0; i < offsets.length - 1; i++) {
      double x = row[i];
      switch (preprocessor.encodings().get(i)) {
        case Encoding.Number number ->
            margin +=
                Double.isNaN(x)
                    ? weights[offsets[i] + 1]
                    : number.standardised(x) * weights[offsets[i]];
        case Encoding.Category category -> margin += weights[offsets[i] + place(category, x)];
      }
    }
    return Link.logistic(margin);
  }

  /// The place of a code among its input's weights: itself, OTHER if it is none, the last if NaN.
  public static int place(Encoding.Category category, double code) {
    if (Double.isNaN(code)) return category.count();
    return code >= 0 && code < category.count() ? (int) code : Encoding.Category.OTHER;
  }

  @Override
  public List<Double> importance(Preprocessor encodings) {
    List<Double> importance = new ArrayList<>();
    for (int i = 0; i < offsets.length - 1; i++) {
      double low = Double.POSITIVE_INFINITY;
      double high = Double.NEGATIVE_INFINITY;
      for (int w = offsets[i]; w < offsets[i + 1] - 1; w++) {
        low = Math.min(low, weights[w]);
        high = Math.max(high, weights[w]);
      }
      boolean single = offsets[i + 1] - offsets[i] == 2;
      importance.add(single ? Math.abs(weights[offsets[i]]) : (high - low) / 2);
    }
    return List.copyOf(importance);
  }
}
