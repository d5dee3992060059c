package dev.orrery.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Problem;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureView.Aggregate;
import dev.orrery.feature.FeatureView.Window;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureSetTest {
  private static final long MINUTE = 60_000_000L;
  private static final FeatureSet SET = set();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void windows_equal_what_DuckDB_finds_row_by_row(long seed, @TempDir Path folder) {
    Table rows = rows(400, seed);
    Table features = SET.history(rows);
    try (var engine = new Engine(2, "500MB")) {
      Path file = folder.resolve("rows.parquet");
      engine.write(rows, file);
      Table oracle =
          engine.query(
              """
              select
                (select count(*) from read_parquet(?) b where b.origin = a.origin
                  and b.known <= a.date and b.known > a.date - interval 2 hour) as flights,
                (select avg(late) from read_parquet(?) b where b.origin = a.origin
                  and b.known <= a.date and b.known > a.date - interval 2 hour) as late_share,
                (select coalesce(sum(delay), 0) from read_parquet(?) b where b.origin = a.origin
                  and b.known <= a.date and b.known > a.date - interval 24 hour) as delay
              from read_parquet(?) a
              """,
              file.toString(),
              file.toString(),
              file.toString(),
              file.toString());

      assertThat(features.numbers("recent.flights_2h")).isEqualTo(oracle.numbers("flights"));
      assertSame(features.numbers("recent.late_share_2h"), oracle.numbers("late_share"));
      assertSame(features.numbers("recent.delay_24h"), oracle.numbers("delay"));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void what_is_learned_live_in_any_order_gives_the_features_of_training(long seed) {
    Table rows = rows(400, seed);
    Table trained = SET.history(rows);
    var live = new LiveFeatures(SET);
    var random = new Random(seed);
    int[] order = IntStream.range(0, rows.rows()).toArray();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    for (int i : order) live.learn(rows.pick(new int[] {i}));

    for (int i = 0; i < rows.rows(); i++) {
      Table one = live.features(rows.pick(new int[] {i}));
      for (String name : SET.features().keySet()) {
        assertThat(one.column(name).value(0)).isEqualTo(trained.column(name).value(i));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void changing_every_outcome_known_after_a_moment_moves_no_feature_at_or_before_it(long seed) {
    Table rows = rows(400, seed);
    long moment = rows.micros("date")[200];
    double[] late = rows.numbers("late").clone();
    double[] delay = rows.numbers("delay").clone();
    int changed = 0;
    for (int i = 0; i < late.length; i++) {
      if (rows.micros("known")[i] <= moment) continue;
      late[i] = 1 - late[i];
      delay[i] = 1_000 + i;
      changed++;
    }
    Table other = rows.with("late", new Numbers(late)).with("delay", new Numbers(delay));
    int[] before =
        IntStream.range(0, rows.rows()).filter(i -> rows.micros("date")[i] <= moment).toArray();

    Table one = SET.history(rows).pick(before);
    Table two = SET.history(other).pick(before);

    assertThat(changed).isGreaterThan(100);
    assertThat(before.length).isGreaterThan(100);
    for (String name : SET.features().keySet()) {
      for (int i = 0; i < before.length; i++) {
        assertThat(two.column(name).value(i)).isEqualTo(one.column(name).value(i));
      }
    }
  }

  @Test
  void forgetting_what_no_window_reaches_changes_no_later_feature() {
    Table rows = rows(400, 5);
    long moment = rows.micros("date")[300];
    int[] later = IntStream.range(300, 400).toArray();
    var whole = new LiveFeatures(SET);
    whole.learn(rows);
    var pruned = new LiveFeatures(SET);
    pruned.learn(rows);
    pruned.forgetBefore(moment);

    Table one = whole.features(rows.pick(later));
    Table two = pruned.features(rows.pick(later));
    for (String name : SET.features().keySet()) {
      for (int i = 0; i < later.length; i++) {
        assertThat(two.column(name).value(i)).isEqualTo(one.column(name).value(i));
      }
    }
  }

  @Test
  void a_row_view_that_reads_an_outcome_is_refused_as_leakage() {
    var view = new FeatureView.Row("bad", formulas(Map.of("delay", "delay / 2")));
    assertThatThrownBy(() -> compile(List.of(view)))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("'bad.delay' reads 'delay', which is known only after");
  }

  @Test
  void a_row_of_an_unknown_entity_has_counts_of_0_and_missing_means() {
    Table rows = rows(50, 9);
    var live = new LiveFeatures(SET);
    live.learn(rows);
    Table stranger = rows.pick(new int[] {49}).with("origin", new Strings(new String[] {"ZZZ"}));
    Table features = live.features(stranger);

    assertThat(features.numbers("recent.flights_2h")[0]).isZero();
    assertThat(features.numbers("recent.late_share_2h")[0]).isNaN();
  }

  @Test
  void the_same_definitions_have_the_same_digest() {
    assertThat(set().digest()).isEqualTo(set().digest());
  }

  private static void assertSame(double[] ours, double[] theirs) {
    for (int i = 0; i < ours.length; i++) {
      if (Double.isNaN(theirs[i])) assertThat(ours[i]).isNaN();
      else assertThat(ours[i]).isCloseTo(theirs[i], within(1e-12 + 1e-12 * Math.abs(theirs[i])));
    }
  }

  private static FeatureSet set() {
    SequencedMap<String, Aggregate> columns = new LinkedHashMap<>();
    columns.put("flights", Aggregate.parse("count(*)"));
    columns.put("late_share", Aggregate.parse("mean(late)"));
    columns.put("delay", Aggregate.parse("sum(delay)"));
    return compile(
        List.of(
            new FeatureView.Row("calendar", formulas(Map.of("hour", "hour(date)"))),
            new FeatureView.Windows(
                "recent", "origin", List.of(Window.parse("2h"), Window.parse("24h")), columns)));
  }

  private static FeatureSet compile(List<FeatureView> views) {
    return FeatureSet.compile(
        "date",
        "known",
        views,
        Map.of("date", Type.TIME, "origin", Type.STRING),
        Map.of("delay", Type.NUMBER, "late", Type.NUMBER));
  }

  private static SequencedMap<String, Expression> formulas(Map<String, String> texts) {
    SequencedMap<String, Expression> formulas = new LinkedHashMap<>();
    texts.forEach((name, text) -> formulas.put(name, Expression.parse(text)));
    return formulas;
  }

  /// Rows in order of time over some days, outcomes known minutes to a day later, ties, missing.
  private static Table rows(int n, long seed) {
    var random = new Random(seed);
    String[] origins = {"ATL", "ORD", "DEN"};
    long[] date = new long[n];
    long[] known = new long[n];
    double[] delay = new double[n];
    double[] late = new double[n];
    String[] origin = new String[n];
    long now = 978_307_200_000_000L;
    for (int i = 0; i < n; i++) {
      now += random.nextInt(4) * 10 * MINUTE;
      date[i] = now;
      known[i] = random.nextInt(20) == 0 ? Times.NONE : now + random.nextInt(150) * 10 * MINUTE;
      delay[i] = random.nextInt(10) == 0 ? Double.NaN : random.nextInt(200) - 50;
      late[i] = delay[i] >= 15 ? 1 : 0;
      origin[i] = origins[random.nextInt(3)];
    }
    SequencedMap<String, Column> columns = new LinkedHashMap<>();
    columns.put("date", new Times(date));
    columns.put("origin", new Strings(origin));
    columns.put("delay", new Numbers(delay));
    columns.put("late", new Numbers(late));
    columns.put("known", new Times(known));
    return Table.of(columns);
  }
}
