package dev.orrery.stats;

/// The standard normal distribution.
public final class Normal {
  private Normal() {}

  /// P(Z > z).
  public static double survival(double z) {
    if (Double.isNaN(z)) return Double.NaN;
    double half = 0.5 * Gamma.upper(0.5, z * z / 2);
    return z >= 0 ? half : 1 - half;
  }

  public static double cumulative(double z) {
    return survival(-z);
  }

  /// The z with P(Z <= z) = p; found by bisection on [#cumulative(double)], so the two agree.
  ///
  /// @param p between 0 and 1
  public static double quantile(double p) {
    if (!(p >= 0 && p <= 1)) throw new IllegalArgumentException("not a probability: " + p);
    if (p == 0) return Double.NEGATIVE_INFINITY;
    if (p == 1) return Double.POSITIVE_INFINITY;
    if (p > 0.5) return -quantile(1 - p);
    double low = -40;
    double high = 0;
    for (int i = 0; i < 200 && low < high; i++) {
      double middle = (low + high) / 2;
      if (middle == low || middle == high) break;
      if (cumulative(middle) < p) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
}
