package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class SeriesStoreTest {
  private static final long START = 1_700_000_000_000L;
  private static final int POINTS = 4_000;

  /// How the steps go along time.
  enum Shape {
    RISING(i -> i),
    IN_STAIRS(i -> i / 97 * 50),
    FALLING(i -> -i),
    BEGUN_AGAIN(i -> i < 2_500 ? i : i - 900),
    LEAST_IN_THE_MIDDLE(i -> i == 2_000 ? -5_000 : i),
    OUT_OF_ORDER(i -> i ^ 5),
    ANYHOW(i -> Long.hashCode(i * 0x9E3779B97F4A7C15L) % 3_000),
    ALL_ONE(_ -> 7),
    FAR_APART(i -> (i - POINTS / 2) * (Long.MAX_VALUE / POINTS));

    final LongUnaryOperator step;

    Shape(LongUnaryOperator step) {
      this.step = step;
    }
  }

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Tracking tracking;

  @BeforeEach
  void open() {
    db = database.fresh();
    tracking =
        new Tracking(
            db, Blobs.folder(folder.resolve("blobs")), new VirtualClock(Instant.ofEpochMilli(0)));
  }

  @AfterEach
  void close() {
    db.close();
  }

  @ParameterizedTest
  @EnumSource
  void a_long_series_is_drawn_as_if_each_of_its_points_were_read(Shape shape) {
    List<Metric> points = points(shape);
    String run = tracking.start("series", "long", Map.of()).id();
    for (int i = 0; i < points.size(); i += 1_000) {
      tracking.logMetrics(run, points.subList(i, Math.min(points.size(), i + 1_000)));
    }
    for (String axis : List.of("step", "time")) {
      long low = points.get(300).step();
      long high = points.get(3_700).step();
      for (int most : new int[] {1, 7, 60}) {
        check(run, points, axis, most, null, null);
        check(run, points, axis, most, Math.min(low, high), Math.max(low, high));
        check(run, points, axis, most, START + 900, START + 33_333);
      }
    }
  }

  private void check(
      String run, List<Metric> all, String axis, int most, @Nullable Long from, @Nullable Long to) {
    boolean isByStep = axis.equals("step");
    List<Metric> points =
        all.stream()
            .filter(
                p -> from == null || to == null || x(isByStep, p) >= from && x(isByStep, p) <= to)
            .toList();
    var ask = new SeriesStore.Ask(List.of(run), List.of("loss"), most, axis, from, to);
    SeriesStore.Series drawn = db.read(tx -> SeriesStore.of(tx, ask)).getFirst();
    String what = "%s, %d, %s to %s".formatted(axis, most, from, to);
    assertThat(drawn.count()).as(what).isEqualTo(points.size());
    if (points.size() <= most) return;
    var x = points.stream().mapToLong(p -> x(isByStep, p)).summaryStatistics();
    var envelope =
        new Envelope(
            isByStep ? Envelope.Axis.STEP : Envelope.Axis.TIME, x.getMin(), x.getMax(), most);
    points.forEach(p -> envelope.add(p.step(), p.at().toEpochMilli(), p.value()));
    assertThat(drawn.exact()).as(what).isFalse();
    assertThat(drawn.points()).as(what).containsExactlyElementsOf(envelope.parts());
  }

  /// With several points of one time, and some of one time and step; some are not a number.
  private static List<Metric> points(Shape shape) {
    var random = new Random(shape.ordinal());
    Set<Metric> points = new HashSet<>();
    List<Metric> ordered = new ArrayList<>();
    for (int i = 0; i < POINTS; i++) {
      double value = random.nextInt(9) == 0 || i / 100 == 7 ? Double.NaN : random.nextGaussian();
      Instant at = Instant.ofEpochMilli(START + i / 3 * 25);
      var point = new Metric("loss", value, shape.step.applyAsLong(i), at);
      if (points.add(point)) ordered.add(point);
      if (random.nextInt(20) != 0) continue;
      var twin = new Metric("loss", random.nextGaussian(), point.step(), at);
      if (points.add(twin)) ordered.add(twin);
    }
    return ordered;
  }

  private static long x(boolean isByStep, Metric point) {
    return isByStep ? point.step() : point.at().toEpochMilli();
  }
}
