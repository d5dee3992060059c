package dev.orrery.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Json;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void every_value_falls_into_the_cell_whose_edges_hold_it(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = numbers(random, 5_000);
    Bins bins = Bins.quantiles(values, 20);
    long[] counts = bins.counts(values);
    assertThat(Arrays.stream(counts).sum()).isEqualTo(values.length);
    assertThat(counts[counts.length - 1])
        .isEqualTo(Arrays.stream(values).filter(Double::isNaN).count());
    List<Double> edges = java.util.Objects.requireNonNull(bins.edges());
    long[] brute = new long[bins.count()];
    for (double x : values) {
      int cell = 0;
      while (cell < edges.size() && x > edges.get(cell)) cell++;
      brute[Double.isNaN(x) ? bins.count() - 1 : cell]++;
    }
    assertThat(counts).isEqualTo(brute);
    assertThat(bins.labels()).hasSize(bins.count());
  }

  @Test
  void quantile_bins_hold_about_equal_counts() {
    double[] values = new SplittableRandom(1).doubles(10_000).toArray();
    long[] counts = Bins.quantiles(values, 20).counts(values);
    assertThat(counts).hasSize(21);
    for (int i = 0; i < 20; i++) assertThat(counts[i]).isBetween(499L, 501L);
    assertThat(counts[20]).isZero();
  }

  @Test
  void a_column_of_few_values_has_a_bin_for_each() {
    double[] values = {3, 1, 1, 2, 3, Double.NaN, -0.0, 0.0};
    Bins bins = Bins.quantiles(values, 20);
    assertThat(bins.edges()).containsExactly(0.0, 1.0, 2.0);
    assertThat(bins.counts(values)).containsExactly(2, 2, 1, 2, 1);
    assertThat(bins.labels()).containsExactly("<= 0", "0 .. 1", "1 .. 2", "> 2", "(missing)");
  }

  @Test
  void columns_of_one_value_or_none_are_counted_too() {
    assertThat(Bins.quantiles(new double[] {7, 7}, 20).counts(new double[] {7, 9, Double.NaN}))
        .containsExactly(2, 1);
    assertThat(Bins.quantiles(new double[0], 20).counts(new double[] {7})).containsExactly(1, 0);
  }

  @Test
  void texts_have_a_bin_each_one_for_others_and_one_for_missing() {
    Bins bins = Bins.categories(new String[] {"b", "a", "b", null, "c", "a", "d"}, 2);
    assertThat(bins.values()).containsExactly("a", "b");
    assertThat(bins.counts(new String[] {"a", "c", null, "new", "b", "b"}))
        .containsExactly(1, 2, 2, 1);
    assertThat(bins.labels()).containsExactly("a", "b", "(other)", "(missing)");
    assertThatThrownBy(() -> bins.counts(new double[1])).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void a_reference_and_back_from_json_is_the_same() {
    Reference numbers = Reference.of("x", numbers(new SplittableRandom(3), 3_000));
    Reference texts = Reference.of("y", new String[] {"b", null, "ü", "b"});
    for (Reference reference : List.of(numbers, texts)) {
      assertThat(Json.read(Json.text(reference), Reference.class)).isEqualTo(reference);
    }
    assertThat(numbers.sample()).hasSize(Reference.SAMPLE_MAX).isSorted();
  }

  @Test
  void the_sample_stands_for_all_values() {
    double[] values = new SplittableRandom(5).doubles(50_000).map(Math::sqrt).toArray();
    Reference reference = Reference.of("x", values);
    double[] sample = reference.sample().stream().mapToDouble(Double::doubleValue).toArray();
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    assertThat(KolmogorovSmirnov.distance(sample, sorted)).isLessThanOrEqualTo(0.001);
  }

  @Test
  void rows_like_the_reference_are_stable_and_others_have_shifted() {
    Reference reference = Reference.of("x", gaussian(1, 50_000, 0));
    Reference.Shift same = reference.shift(gaussian(2, 5_000, 0));
    assertThat(same.band()).isEqualTo(Drift.Band.STABLE);
    assertThat(same.probability()).isGreaterThan(0.01);
    Reference.Shift moved = reference.shift(gaussian(3, 5_000, 1));
    assertThat(moved.band()).isEqualTo(Drift.Band.MAJOR);
    assertThat(moved.probability()).isLessThan(1e-12);
    assertThat(reference.shift(new double[0]).psi()).isNaN();
    Reference texts = Reference.of("y", new String[] {"a", "b", "a", "b"});
    assertThat(texts.shift(new String[] {"a", "b"}).psi()).isCloseTo(0, within(1e-12));
    assertThat(texts.shift(new String[] {"c", "c"}).band()).isEqualTo(Drift.Band.MAJOR);
    assertThat(texts.shift(new String[0]).probability()).isNaN();
  }

  @Test
  void a_test_at_five_percent_alarms_about_five_times_in_a_hundred_where_nothing_changed() {
    int alarms = 0;
    for (int trial = 0; trial < 2_000; trial++) {
      double[] a = gaussian(trial, 300, 0);
      double[] b = gaussian(100_000 + trial, 200, 0);
      if (KolmogorovSmirnov.of(a, b).probability() < 0.05) alarms++;
    }
    assertThat(alarms).isBetween(60, 126);
  }

  private static double[] gaussian(long seed, int count, double mean) {
    java.util.Random random = new java.util.Random(seed);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) values[i] = mean + random.nextGaussian();
    return values;
  }

  private static double[] numbers(SplittableRandom random, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (random.nextInt(10)) {
            case 0 -> Double.NaN;
            case 1 -> random.nextInt(3);
            case 2 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            default -> random.nextGaussian() * 10;
          };
    }
    return values;
  }
}
