package dev.orrery.scorer;

import java.math.BigDecimal;
import java.math.MathContext;

/// The exponential function within 0.52 ulp, the same on every machine.
///
/// The C libraries that training libraries link are as near to the true value as that; the JDK's
/// own exponential may be a whole ulp off, which adds up in a softmax. By Tang's method (ACM TOMS
/// 15, 1989): `exp(x) = 2^(k/128) exp(r)`, with a table of the powers in two parts and a polynomial
/// of `|r| <= ln 2 / 256`.
final class Exp {
  private static final int CELLS = 128;
  private static final double CELLS_PER_LN2 = CELLS / 0x1.62e42fefa39efp-1;

  /// ln 2 / 128 in two parts, the first of so few bits that its multiples are exact.
  private static final double LN2_HIGH = 0x1.62e42fefa0000p-8;

  private static final double LN2_LOW = 0x1.cf79abc9e3b39p-47;

  /// Beyond it results are not normal numbers, or none.
  private static final double NORMAL = 708;

  private static final double[] POWER = new double[CELLS];

  /// What each power lacks, as a share of it.
  private static final double[] REST = new double[CELLS];

  static {
    var precise = new MathContext(50);
    BigDecimal root = BigDecimal.valueOf(2);
    for (int cells = 1; cells < CELLS; cells *= 2) root = root.sqrt(precise);
    BigDecimal power = BigDecimal.ONE;
    for (int i = 0; i < CELLS; i++) {
      POWER[i] = power.doubleValue();
      var rounded = new BigDecimal(POWER[i]);
      REST[i] = power.subtract(rounded).divide(rounded, precise).doubleValue();
      power = power.multiply(root, precise);
    }
  }

  private Exp() {}

  static double exp(double x) {
    if (!(Math.abs(x) <= NORMAL)) return StrictMath.exp(x);
    double cell = Math.rint(x * CELLS_PER_LN2);
    double r = x - cell * LN2_HIGH - cell * LN2_LOW;
    int k = (int) cell;
    int at = k & CELLS - 1;
    double square = r * r;
    double rest =
        REST[at]
            + r
            + square * (0.5 + r * (1.0 / 6))
            + square * square * (1.0 / 24 + r * (1.0 / 120));
    double scale = POWER[at] * Math.scalb(1.0, k >> 7);
    return scale + scale * rest;
  }
}
