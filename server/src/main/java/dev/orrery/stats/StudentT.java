package dev.orrery.stats;

/// Student's t distribution.
///
/// The distribution function is the regularised incomplete beta function by its continued fraction
/// (Lentz's method; DLMF 8.17.22), good to about 1e-13 for the degrees of freedom met here.
public final class StudentT {
  private static final double TINY = 1e-300;
  private static final double CLOSE = 1e-15;
  private static final int TERMS_MAX = 10_000;

  private StudentT() {}

  /// The probability of a value of at least |t| on either side.
  ///
  /// @param degrees of freedom, above 0, need not be whole
  public static double twoSided(double t, double degrees) {
    if (!(degrees > 0)) throw new IllegalArgumentException(degrees + " degrees of freedom");
    return beta(degrees / (degrees + t * t), degrees / 2, 0.5);
  }

  /// The value t with P(T <= t) = p, for p from 0.5 to below 1.
  public static double quantile(double p, double degrees) {
    if (!(p >= 0.5) || p >= 1) throw new IllegalArgumentException("p is " + p);
    double low = 0;
    double high = 1;
    while (1 - twoSided(high, degrees) / 2 < p) high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-14 * high; i++) {
      double middle = (low + high) / 2;
      if (1 - twoSided(middle, degrees) / 2 < p) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }

  private static double beta(double x, double a, double b) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    // The fraction converges fast on the nearer side only.
    if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
    double front =
        Math.exp(
            a * Math.log(x) + b * Math.log1p(-x) + Gamma.log(a + b) - Gamma.log(a) - Gamma.log(b));
    double c = 1;
    double d = 1 / nonzero(1 - (a + b) * x / (a + 1));
    double fraction = d;
    for (int m = 1; m < TERMS_MAX; m++) {
      double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
      d = 1 / nonzero(1 + even * d);
      c = nonzero(1 + even / c);
      fraction *= d * c;
      double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
      d = 1 / nonzero(1 + odd * d);
      c = nonzero(1 + odd / c);
      fraction *= d * c;
      if (Math.abs(d * c - 1) < CLOSE) break;
    }
    return front * fraction / a;
  }

  private static double nonzero(double x) {
    return Math.abs(x) < TINY ? TINY : x;
  }
}
