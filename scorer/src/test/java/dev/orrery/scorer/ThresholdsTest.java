package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void a_value_is_over_as_many_thresholds_as_counting_finds(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    DoubleUnaryOperator[] shapes = {
      x -> x,
      Math::rint,
      x -> Math.pow(x, 9),
      x -> x * 1e300,
      x -> x * Double.MIN_VALUE * 50,
      Math::exp
    };
    for (DoubleUnaryOperator shape : shapes) {
      for (int count : new int[] {0, 1, 2, 3, 31, 254, 3_000}) {
        double[] sorted =
            random
                .doubles(count, -20, 20)
                .map(shape)
                .map(x -> random.nextInt(50) == 0 ? Double.POSITIVE_INFINITY : x)
                .map(x -> random.nextInt(50) == 0 ? Double.NEGATIVE_INFINITY : x + 0.0)
                .distinct()
                .sorted()
                .toArray();
        Thresholds thresholds = new Thresholds(sorted);
        double[] odd = {0, 1e-320, Double.MAX_VALUE, -Double.MAX_VALUE, 1.0 / 0, -1.0 / 0, 5, -5};
        double[] asked = Arrays.copyOf(odd, odd.length + 300);
        for (int i = odd.length; i < asked.length; i++) {
          double near =
              sorted.length == 0 || random.nextInt(3) == 0
                  ? shape.applyAsDouble(random.nextDouble(-30, 30))
                  : sorted[random.nextInt(sorted.length)];
          asked[i] =
              random.nextInt(3) == 0
                  ? near
                  : random.nextBoolean() ? Math.nextUp(near) : Math.nextDown(near);
        }
        for (double x : asked) {
          long over = Arrays.stream(sorted).filter(threshold -> threshold < x).count();
          assertThat((long) thresholds.over(x)).as("%s of %s", x, count).isEqualTo(over);
        }
        for (int i = 0; i < sorted.length; i++) {
          assertThat(thresholds.place(sorted[i])).isEqualTo(i);
        }
      }
    }
  }
}
