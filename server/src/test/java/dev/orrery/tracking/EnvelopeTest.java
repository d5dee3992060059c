package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void each_part_tells_the_first_least_greatest_and_last_of_all_its_points(long seed) {
    var random = new Random(seed);
    Envelope.Axis axis = seed % 2 == 0 ? Envelope.Axis.STEP : Envelope.Axis.TIME;
    int parts = 1 + random.nextInt(50);
    List<Metric> points = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      double value = random.nextInt(20) == 0 ? Double.NaN : random.nextGaussian();
      long at = seed == 3 ? 7 : 1_700_000_000_000L + random.nextInt(1_000_000);
      points.add(new Metric("m", value, random.nextInt(900) - 300, Instant.ofEpochMilli(at)));
    }
    var stats = points.stream().mapToLong(p -> x(axis, p)).summaryStatistics();
    var envelope = new Envelope(axis, stats.getMin(), stats.getMax(), parts);
    points.forEach(p -> envelope.add(p.step(), p.at().toEpochMilli(), p.value()));

    Map<Integer, List<Metric>> cut = new TreeMap<>();
    double width = ((double) stats.getMax() - stats.getMin()) / parts;
    for (Metric p : points) {
      int part = 0;
      while (width > 0
          && part < parts - 1
          && (double) (x(axis, p) - stats.getMin()) / width >= part + 1) {
        part++;
      }
      cut.computeIfAbsent(part, _ -> new ArrayList<>()).add(p);
    }
    Comparator<Metric> order =
        Comparator.comparingLong((Metric p) -> x(axis, p))
            .thenComparingLong(Metric::step)
            .thenComparing(Metric::at)
            .thenComparingDouble(Metric::value);
    List<Envelope.Part> expected =
        cut.values().stream()
            .map(of -> {
              of.sort(order);
              var real =
                  of.stream()
                      .mapToDouble(Metric::value)
                      .filter(v -> !Double.isNaN(v))
                      .summaryStatistics();
              boolean isReal = real.getCount() > 0;
              return new Envelope.Part(
                  of.getFirst().step(),
                  of.getFirst().at().toEpochMilli(),
                  of.getFirst().value(),
                  isReal ? real.getMin() : Double.NaN,
                  isReal ? real.getMax() : Double.NaN,
                  of.getLast().value());
            })
            .toList();
    assertThat(envelope.parts()).containsExactlyElementsOf(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 5_000})
  void steps_at_the_ends_of_the_range_stay_within_the_parts(int parts) {
    var envelope = new Envelope(Envelope.Axis.STEP, Long.MIN_VALUE, Long.MAX_VALUE, parts);
    envelope.add(Long.MAX_VALUE, 1, 1);
    envelope.add(Long.MIN_VALUE, 1, 2);
    envelope.add(0, 1, 3);
    assertThat(envelope.parts().getFirst().first()).isEqualTo(2);
    assertThat(envelope.parts().getLast().last()).isEqualTo(1);
  }

  private static long x(Envelope.Axis axis, Metric point) {
    return axis == Envelope.Axis.STEP ? point.step() : point.at().toEpochMilli();
  }
}
