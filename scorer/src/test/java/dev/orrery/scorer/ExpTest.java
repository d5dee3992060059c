package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpTest {
  private static final MathContext PRECISE = new MathContext(60);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void it_is_within_0_52_ulp_of_the_true_value(long seed) {
    var random = new SplittableRandom(seed);
    for (double reach : new double[] {1e-9, 0.01, 1, 30, 700}) {
      for (int i = 0; i < 500; i++) {
        double x = random.nextDouble(-reach, reach);
        double own = Exp.exp(x);
        BigDecimal off = new BigDecimal(own).subtract(exact(x)).abs();
        BigDecimal ulps = off.divide(new BigDecimal(Math.ulp(own)), PRECISE);
        assertThat(ulps.doubleValue()).as("exp(%s)", x).isLessThan(0.52);
      }
    }
  }

  @Test
  void beyond_the_normal_numbers_it_is_that_of_the_jdk() {
    for (double x : new double[] {-1e9, -745.2, -744, -708.5, 709.7, 710, 1e9}) {
      assertThat(Exp.exp(x)).isEqualTo(StrictMath.exp(x));
    }
    assertThat(Exp.exp(Double.NEGATIVE_INFINITY)).isZero();
    assertThat(Exp.exp(Double.POSITIVE_INFINITY)).isInfinite();
    assertThat(Exp.exp(Double.NaN)).isNaN();
    assertThat(Exp.exp(0)).isEqualTo(1);
    assertThat(Exp.exp(-0.0)).isEqualTo(1);
  }

  /// Taylor's series of a 1024th of x, squared ten times.
  private static BigDecimal exact(double x) {
    BigDecimal part = new BigDecimal(x).divide(BigDecimal.valueOf(1024), PRECISE);
    BigDecimal sum = BigDecimal.ONE;
    BigDecimal term = BigDecimal.ONE;
    for (int n = 1; n < 60; n++) {
      term = term.multiply(part, PRECISE).divide(BigDecimal.valueOf(n), PRECISE);
      sum = sum.add(term);
    }
    for (int i = 0; i < 10; i++) sum = sum.multiply(sum, PRECISE);
    return sum;
  }
}
