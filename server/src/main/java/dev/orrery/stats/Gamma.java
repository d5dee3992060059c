package dev.orrery.stats;

/// The regularised incomplete gamma function, to about 14 digits.
final class Gamma {
  /// Lanczos's coefficients for g = 7, n = 9 (Godfrey).
  private static final double[] LANCZOS = {
    0.99999999999980993,
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7
  };

  private static final int TERMS_MAX = 100_000;

  private Gamma() {}

  /// ln Γ(x), x > 0.
  static double log(double x) {
    if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - log(1 - x);
    double sum = LANCZOS[0];
    for (int i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i] / (x - 1 + i);
    double t = x + 6.5;
    return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
  }

  /// Q(a, x) = Γ(a, x) / Γ(a), a > 0.
  static double upper(double a, double x) {
    if (Double.isNaN(x)) return Double.NaN;
    if (x <= 0) return 1;
    if (Double.isInfinite(x)) return 0;
    double front = Math.exp(a * Math.log(x) - x - log(a));
    return x < a + 1 ? 1 - front * series(a, x) : front * fraction(a, x);
  }

  private static double series(double a, double x) {
    double term = 1 / a;
    double sum = term;
    for (int n = 1; n < TERMS_MAX && Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return sum;
  }

  /// Lentz's continued fraction.
  private static double fraction(double a, double x) {
    double tiny = 1e-300;
    double b = x + 1 - a;
    double c = 1 / tiny;
    double d = 1 / b;
    double h = d;
    for (int i = 1; i < TERMS_MAX; i++) {
      double an = -i * (i - a);
      b += 2;
      d = an * d + b;
      if (Math.abs(d) < tiny) d = tiny;
      c = b + an / c;
      if (Math.abs(c) < tiny) c = tiny;
      d = 1 / d;
      double step = d * c;
      h *= step;
      if (Math.abs(step - 1) < 1e-16) break;
    }
    return h;
  }
}
