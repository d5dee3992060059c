package dev.orrery.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The reference figures were made with Evidently 0.7.21 and SciPy on the samples built here.
class DriftTest {
  private static final Offset<Double> CLOSE = within(1e-11);

  private static final double[] A = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  private static final double[] B = {2, 4, 4, 5, 6, 8, 9, 11, 12, 15};
  private static final double[] U = generator(1, 200, u -> 10 * u);
  private static final double[] V = generator(2, 150, v -> 10 * v * v + 1);
  private static final String CA = "aaaaabbbccdd";
  private static final String CB = "aaabbbbbccce";

  @Test
  void the_generator_is_the_one_of_the_reference() {
    assertThat(generator(1, 3, u -> u))
        .containsExactly(0.5138700781390071, 0.1757413032464683, 0.3086515162140131);
  }

  @Test
  void distances_of_two_small_samples_equal_the_reference() {
    long[][] counts = categories(boxed(A), boxed(B));
    assertThat(Drift.psi(counts[0], counts[1])).isCloseTo(4.89990798465, CLOSE);
    assertThat(Drift.jensenShannon(counts[0], counts[1])).isCloseTo(0.501095265429, CLOSE);
    assertThat(Drift.kullbackLeibler(Drift.shares(counts[0]), Drift.shares(counts[1])))
        .isCloseTo(2.69100775963, CLOSE);
    assertThat(Drift.wasserstein(A, B)).isCloseTo(2.1, CLOSE);
    assertThat(Drift.wassersteinNormed(A, B)).isCloseTo(0.731126155014, CLOSE);
  }

  @Test
  void distances_of_two_binned_samples_equal_the_reference() {
    long[] u = {18, 23, 23, 28, 21, 23, 21, 22, 17, 4};
    long[] v = {26, 35, 19, 8, 14, 9, 14, 7, 7, 11};
    assertThat(Drift.psi(u, v)).isCloseTo(0.408226315925, CLOSE);
    assertThat(Drift.jensenShannon(u, v)).isCloseTo(0.222318446449, CLOSE);
    assertThat(Drift.kullbackLeibler(Drift.shares(u), Drift.shares(v)))
        .isCloseTo(0.20249966087, CLOSE);
    double[] first = U.clone();
    double[] second = V.clone();
    Arrays.sort(first);
    Arrays.sort(second);
    assertThat(Drift.wasserstein(first, second)).isCloseTo(0.962225203430729, CLOSE);
    assertThat(Drift.wassersteinNormed(first, second)).isCloseTo(0.354589248999, CLOSE);
  }

  @Test
  void distances_of_categories_equal_the_reference() {
    long[][] counts = categories(CA.split(""), CB.split(""));
    assertThat(Drift.psi(counts[0], counts[1])).isCloseTo(1.99953252611, CLOSE);
    assertThat(Drift.jensenShannon(counts[0], counts[1])).isCloseTo(0.33450599072, CLOSE);
    assertThat(Drift.kullbackLeibler(Drift.shares(counts[0]), Drift.shares(counts[1])))
        .isCloseTo(1.25319237379, CLOSE);
    assertThat(Drift.hellinger(Drift.shares(counts[0]), Drift.shares(counts[1])))
        .isCloseTo(0.38778683629, CLOSE);
    assertThat(ChiSquare.goodnessOfFit(counts[0], counts[1]).probability()).isZero();
  }

  @Test
  void distances_of_two_binary_columns_equal_the_reference() {
    long[] a = {60, 40};
    long[] b = {45, 55};
    assertThat(Drift.psi(a, b)).isCloseTo(0.0909203705355, CLOSE);
    assertThat(Drift.jensenShannon(a, b)).isCloseTo(0.106402156198, CLOSE);
    assertThat(Drift.hellinger(Drift.shares(a), Drift.shares(b))).isCloseTo(0.106504374309, CLOSE);
    assertThat(ChiSquare.goodnessOfFit(a, b).probability()).isCloseTo(0.00219964706111, CLOSE);
    assertThat(ChiSquare.twoProportions(60, 100, 45, 100)).isCloseTo(0.0336720688563, CLOSE);
  }

  @Test
  void kolmogorov_smirnov_equals_the_reference() {
    KolmogorovSmirnov small = KolmogorovSmirnov.of(A, B);
    assertThat(small.statistic()).isCloseTo(0.3, CLOSE);
    assertThat(small.probability()).isCloseTo(0.786929788478, CLOSE);
    KolmogorovSmirnov large = KolmogorovSmirnov.of(U, V);
    assertThat(large.exact()).isTrue();
    assertThat(large.statistic()).isCloseTo(0.22, CLOSE);
    assertThat(large.probability()).isCloseTo(0.0004187380244, within(1e-13));
    assertThat(KolmogorovSmirnov.asymptotic(0.22, 200, 150))
        .isCloseTo(0.00038968484862913, within(1e-15));
  }

  @Test
  void psi_of_a_worked_example_by_hand() {
    // (0.5 - 0.25) ln(2) + (0.5 - 0.75) ln(2 / 3) = 0.17329 + 0.10137
    assertThat(Drift.psi(new long[] {50, 50}, new long[] {25, 75}))
        .isCloseTo(0.27465, within(1e-5));
    assertThat(Drift.Band.of(0.27465)).isEqualTo(Drift.Band.MAJOR);
    assertThat(Drift.Band.of(0.1)).isEqualTo(Drift.Band.MODERATE);
    assertThat(Drift.Band.of(0.0999)).isEqualTo(Drift.Band.STABLE);
  }

  @Test
  void an_empty_bin_counts_as_rare_and_the_others_stay_as_they_are() {
    assertThat(Drift.filled(new double[] {0, 0.4, 0.6})).containsExactly(1e-4, 0.4, 0.6);
    assertThat(Drift.filled(new double[] {0, 1e-5, 1 - 1e-5}))
        .containsExactly(1e-5 / 1e6, 1e-5, 1 - 1e-5);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void distances_are_never_negative_and_the_same_both_ways(long seed) {
    var random = new Random(seed);
    long[] a = random.longs(10, 0, 1_000).toArray();
    long[] b = random.longs(10, 0, 1_000).toArray();
    assertThat(Drift.psi(a, b)).isNotNegative().isCloseTo(Drift.psi(b, a), within(1e-12));
    assertThat(Drift.psi(a, a)).isZero();
    assertThat(Drift.jensenShannon(a, b))
        .isBetween(0.0, Math.sqrt(Math.log(2)))
        .isCloseTo(Drift.jensenShannon(b, a), within(1e-12));
  }

  @Test
  void histograms_of_different_bins_or_without_rows_are_refused() {
    assertThatThrownBy(() -> Drift.psi(new long[] {1}, new long[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Drift.psi(new long[2], new long[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// Counts over the union of values, sorted as texts.
  private static long[][] categories(String[] reference, String[] current) {
    var union = new TreeSet<String>();
    for (String value : reference) union.add(value);
    for (String value : current) union.add(value);
    long[][] counts = new long[2][union.size()];
    for (String value : reference) counts[0][union.headSet(value).size()]++;
    for (String value : current) counts[1][union.headSet(value).size()]++;
    return counts;
  }

  private static String[] boxed(double[] values) {
    return Arrays.stream(values).mapToObj(Double::toString).toArray(String[]::new);
  }

  private static double[] generator(
      long seed, int count, java.util.function.DoubleUnaryOperator shape) {
    double[] values = new double[count];
    long x = seed;
    for (int i = 0; i < count; i++) {
      x = (1103515245L * x + 12345) % (1L << 31);
      values[i] = shape.applyAsDouble((double) x / (1L << 31));
    }
    return values;
  }
}
