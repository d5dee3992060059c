package dev.orrery.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContrastTest {
  /// Expected values of statsmodels 0.15, `confint_proportions_2indep(method="newcomb")`; the first
  /// is Newcombe's own example (a), turned about.
  @ParameterizedTest
  @CsvSource({
    "56, 70, 48, 80, -0.33387265403690614, -0.05243147240236498",
    "9, 10, 3, 10, -0.809017973535488, -0.1705227239345029",
    "0, 10, 0, 20, -0.27753279986288926, 0.1611251580528194",
    "1200, 10000, 1290, 10050, -0.0007732592016515237, 0.01748950393742172"
  })
  void the_difference_of_two_shares_is_that_of_statsmodels(
      long hitsFirst, long first, long hitsSecond, long second, double low, double high) {
    Interval found = Contrast.ofShares(hitsFirst, first, hitsSecond, second, 0.95);
    assertThat(found.estimate())
        .isCloseTo((double) hitsSecond / second - (double) hitsFirst / first, within(1e-15));
    assertThat(found.low()).isCloseTo(low, within(1e-12));
    assertThat(found.high()).isCloseTo(high, within(1e-12));
  }

  @Test
  void the_difference_of_two_means_is_that_of_scipys_welch() {
    Interval found =
        Contrast.ofMeans(
            group(1.5, 2.25, 3.0, 4.75, 5.5, 2.0, 3.25), group(2.5, 3.75, 9.0, 4.25, 6.5), 0.95);
    assertThat(found.estimate()).isCloseTo(2.021428571428572, within(1e-12));
    assertThat(found.low()).isCloseTo(-1.1188775061139622, within(1e-9));
    assertThat(found.high()).isCloseTo(5.161734648971105, within(1e-9));
  }

  /// Expected values of scipy 1, `t.ppf(0.975, degrees)`.
  @ParameterizedTest
  @CsvSource({
    "1, 12.706204736174694",
    "2.5, 3.5746548420036817",
    "10, 2.228138851986274",
    "100, 1.9839715185235518",
    "10000, 1.960201239890626"
  })
  void quantiles_of_student_are_those_of_scipy(double degrees, double t) {
    assertThat(StudentT.quantile(0.975, degrees)).isCloseTo(t, within(1e-9 * t));
  }

  @ParameterizedTest
  @CsvSource({
    "2.0, 3, 0.13932596855884305",
    "0.5, 7.5, 0.6314109646224545",
    "5, 50, 7.4332122472325795e-06"
  })
  void tails_of_student_are_those_of_scipy(double t, double degrees, double p) {
    assertThat(StudentT.twoSided(t, degrees)).isCloseTo(p, within(1e-11 * Math.max(p, 1e-3)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void callers_with_one_value_each_give_the_normal_interval_of_their_means(long seed) {
    var random = new Random(seed);
    double[] first = random.doubles(400).toArray();
    double[] second = random.doubles(500).toArray();
    Interval clusters = Contrast.ofClusters(single(first), single(second), 0.95);
    Interval means = Contrast.ofMeans(group(first), group(second), 0.95);
    assertThat(clusters.estimate()).isCloseTo(means.estimate(), within(1e-12));
    assertThat(clusters.high() - clusters.low())
        .isCloseTo(means.high() - means.low(), within(0.01 * (means.high() - means.low())));
  }

  /// Twenty equal values of each caller are one: an interval that took them for twenty would be
  /// more than four times too narrow.
  @Test
  void many_values_of_one_caller_count_as_one_caller() {
    var random = new Random(4);
    double[] first = random.doubles(300).toArray();
    double[] second = random.doubles(300).toArray();
    Interval once = Contrast.ofClusters(single(first), single(second), 0.95);
    Interval often = Contrast.ofClusters(repeated(first, 20), repeated(second, 20), 0.95);
    assertThat(often.estimate()).isCloseTo(once.estimate(), within(1e-12));
    assertThat(often.high()).isCloseTo(once.high(), within(1e-9));
  }

  private static Contrast.Group group(double... values) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value;
      squares += value * value;
    }
    return Contrast.Group.ofSums(values.length, sum, squares);
  }

  private static Contrast.Clusters single(double[] values) {
    return repeated(values, 1);
  }

  private static Contrast.Clusters repeated(double[] values, int times) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value * times;
      squares += value * times * value * times;
    }
    int n = values.length;
    return new Contrast.Clusters(
        n, sum, squares, (double) n * times, (double) n * times * times, sum * times);
  }
}
