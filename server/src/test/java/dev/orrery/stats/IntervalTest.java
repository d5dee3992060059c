package dev.orrery.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void the_normal_distribution_has_its_known_values() {
    assertThat(Normal.quantile(0.975)).isCloseTo(1.959963984540054, within(1e-12));
    assertThat(Normal.quantile(0.5)).isCloseTo(0, within(1e-12));
    assertThat(Normal.survival(6)).isCloseTo(9.865876450376946e-10, within(1e-22));
    assertThat(Normal.cumulative(-1.2815515655446004)).isCloseTo(0.1, within(1e-14));
  }

  @Test
  void an_interval_of_a_mean_worked_by_hand() {
    // Mean 2.5, standard error sqrt(5 / 3 / 4) = 0.6455.
    Interval interval = Interval.ofMean(new double[] {1, 2, 3, 4}, 0.95);
    assertThat(interval.estimate()).isEqualTo(2.5);
    assertThat(interval.low()).isCloseTo(2.5 - 1.959964 * 0.6454972, within(1e-6));
    assertThat(interval.above(1)).isTrue();
    assertThat(interval.above(2)).isFalse();
    assertThat(interval.below(4)).isTrue();
  }

  @Test
  void wilsons_interval_stays_within_zero_and_one() {
    Interval none = Interval.ofShare(0, 10, 0.95);
    assertThat(none.low()).isZero();
    assertThat(none.high()).isCloseTo(0.27753, within(1e-5));
    Interval some = Interval.ofShare(3, 20, 0.95);
    assertThat(some.low()).isCloseTo(0.05237, within(1e-5));
    assertThat(some.high()).isCloseTo(0.36042, within(1e-5));
  }

  @Test
  void ninety_five_intervals_of_a_hundred_hold_the_truth() {
    int normal = 0;
    int bootstrap = 0;
    int grouped = 0;
    for (int trial = 0; trial < 1_000; trial++) {
      Random random = new Random(trial);
      double[] values = new double[200];
      double[] inGroups = new double[200];
      long[] group = new long[200];
      double common = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
        if (i % 4 == 0) common = random.nextGaussian();
        group[i] = i / 4;
        inGroups[i] = common + random.nextGaussian() / 2;
      }
      if (holdsZero(Interval.ofMean(values, 0.95))) normal++;
      if (holdsZero(Interval.bootstrapMean(values, 0.95, 200, trial))) bootstrap++;
      if (holdsZero(Interval.ofGroupedMean(inGroups, group, 0.95))) grouped++;
    }
    assertThat(normal).isBetween(930, 970);
    assertThat(bootstrap).isBetween(920, 970);
    assertThat(grouped).isBetween(920, 970);
  }

  @Test
  void the_interval_of_an_auc_difference_holds_the_truth_and_equals_the_slow_formula() {
    int holds = 0;
    for (int trial = 0; trial < 500; trial++) {
      Random random = new Random(trial);
      boolean[] positive = new boolean[120];
      double[] first = new double[120];
      double[] second = new double[120];
      for (int i = 0; i < positive.length; i++) {
        positive[i] = random.nextInt(3) == 0;
        double signal = positive[i] ? 1 : 0;
        first[i] = signal + random.nextGaussian();
        second[i] = signal + random.nextGaussian();
      }
      Interval interval = Auc.difference(first, second, positive, 0.95);
      assertThat(interval.estimate())
          .isCloseTo(Auc.of(first, positive) - Auc.of(second, positive), within(1e-12));
      if (holdsZero(interval)) holds++;
    }
    assertThat(holds).isBetween(462, 490);
  }

  private static boolean holdsZero(Interval interval) {
    return !interval.above(0) && !interval.below(0);
  }
}
