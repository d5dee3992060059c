package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.blob.Blobs;
import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Op;
import dev.orrery.filter.Value;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(Databases.class)
class RunQueryTest {
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Tracking tracking;
  private final VirtualClock clock = new VirtualClock(NOON);

  @BeforeEach
  void open() {
    db = database.fresh();
    tracking = new Tracking(db, Blobs.folder(folder.resolve("blobs")), clock);
  }

  @AfterEach
  void close() {
    db.close();
  }

  private String run(String name, Map<String, String> params, Map<String, Double> metrics) {
    String id = tracking.start("flights", name, Map.of("team", name)).id();
    tracking.logParams(id, params);
    tracking.logMetrics(id, metrics);
    clock.advance(clock.instant().plus(Duration.ofMinutes(1)));
    return id;
  }

  private RunQueryStore.Page search(RunQuery query) {
    return db.read(tx -> RunQueryStore.search(tx, query));
  }

  private List<String> names(@Nullable String filter, String... order) {
    return search(new RunQuery(null, filter, List.of(order), null, null, null, null, null))
        .runs()
        .stream()
        .map(RunView::name)
        .toList();
  }

  @Test
  void metrics_order_real_values_first_then_nan_then_absent_both_ways() {
    run("low", Map.of(), Map.of("auc", 0.1));
    run("nan", Map.of(), Map.of("auc", Double.NaN));
    run("none", Map.of(), Map.of());
    run("high", Map.of(), Map.of("auc", 0.9));
    assertThat(names(null, "metrics.auc")).containsExactly("low", "high", "nan", "none");
    assertThat(names(null, "metrics.auc desc")).containsExactly("high", "low", "nan", "none");
    assertThat(names(null)).containsExactly("high", "none", "nan", "low");
  }

  @Test
  void not_is_everything_else_and_a_missing_key_matches_no_comparison() {
    run("a", Map.of("lr", "0.1"), Map.of("auc", 0.1));
    run("b", Map.of("lr", "0.2"), Map.of());
    run("c", Map.of(), Map.of("auc", 0.9));
    assertThat(names("params.lr != '0.1'")).containsExactly("b");
    assertThat(names("not params.lr = '0.1'")).containsExactly("c", "b");
    assertThat(names("params.lr in (0.1, 0.2) and not metrics.auc > 0")).containsExactly("b");
    assertThat(names("end_time > 0 or not end_time > 0")).hasSize(3);
    assertThat(names("start_time >= '2001-03-01T12:01:00Z'")).containsExactly("c", "b");
    assertThat(names("name = 'a' or tags.team = 'b'")).containsExactly("b", "a");
  }

  @Test
  void only_the_columns_asked_for_are_shown_and_pages_follow_each_other() {
    for (int i = 0; i < 5; i++) {
      run("r" + i, Map.of("lr", "0." + i, "x", "y"), Map.of("auc", 0.1 * i, "loss", 1.0));
    }
    var columns = new RunQuery.Columns(List.of("auc"), List.of("lr"), null);
    var first = search(new RunQuery(null, null, null, 2, null, columns, true, null));
    assertThat(first.count()).isEqualTo(5);
    assertThat(first.runs()).extracting(RunView::name).containsExactly("r4", "r3");
    assertThat(first.runs().getFirst().metrics()).containsOnlyKeys("auc");
    assertThat(first.runs().getFirst().params()).containsExactlyEntriesOf(Map.of("lr", "0.4"));
    assertThat(first.runs().getFirst().tags()).isEmpty();
    var second = search(new RunQuery(null, null, null, 2, first.next(), columns, null, null));
    var third = search(new RunQuery(null, null, null, 2, second.next(), columns, null, null));
    assertThat(second.runs()).extracting(RunView::name).containsExactly("r2", "r1");
    assertThat(third.runs()).extracting(RunView::name).containsExactly("r0");
    assertThat(third.next()).isNull();
    assertThat(second.count()).isNull();
    assertThatThrownBy(
            () -> search(new RunQuery(null, null, null, null, "nonsense", null, null, null)))
        .isInstanceOf(Problem.class);
  }

  @Test
  void groups_tell_how_many_runs_share_a_key_and_what_their_metrics_come_to() {
    run("a", Map.of("lr", "0.1"), Map.of("auc", 0.5));
    run("b", Map.of("lr", "0.1"), Map.of("auc", 0.7));
    run("c", Map.of("lr", "0.1"), Map.of("auc", Double.NaN));
    run("d", Map.of(), Map.of());
    var ask = new RunGroups.Ask(null, null, List.of("params.lr"), List.of("auc"), null);
    List<RunGroups.Group> groups = db.read(tx -> RunGroups.of(tx, ask));
    assertThat(groups).hasSize(2);
    assertThat(groups.getFirst().key()).containsEntry("params.lr", "0.1");
    assertThat(groups.getFirst().count()).isEqualTo(3);
    assertThat(groups.getFirst().metrics())
        .containsEntry("auc", new RunGroups.Spread(0.6, 0.5, 0.7, 2));
    assertThat(groups.getLast().key()).containsEntry("params.lr", null);
    assertThat(groups.getLast().metrics()).isEmpty();
  }

  @Test
  void columns_are_the_names_that_the_runs_of_an_experiment_have() {
    run("a", Map.of("lr", "1", "depth", "3"), Map.of("auc", 0.5));
    run("b", Map.of("lr", "1"), Map.of("loss", 0.5));
    RunColumns columns = db.read(tx -> RunColumns.of(tx, null, 100));
    assertThat(columns.metrics()).containsExactly("auc", "loss");
    assertThat(columns.params()).containsExactly("depth", "lr");
    assertThat(columns.tags()).contains("team", Tracking.NAME_TAG);
    assertThat(db.read(tx -> RunColumns.of(tx, 0L, 100)).metrics()).isEmpty();
    assertThat(db.read(tx -> RunColumns.of(tx, 1L, 1)).params()).containsExactly("depth");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void a_search_finds_what_a_look_at_every_run_finds(long seed) {
    var random = new Random(seed);
    for (int i = 0; i < 40; i++) {
      Map<String, String> params = new HashMap<>();
      Map<String, Double> metrics = new HashMap<>();
      for (String key : List.of("a", "b c")) {
        if (random.nextBoolean()) params.put(key, "v" + random.nextInt(3));
        if (random.nextBoolean()) {
          metrics.put(key, random.nextInt(5) == 0 ? Double.NaN : random.nextInt(4));
        }
      }
      run("n" + random.nextInt(5), params, metrics);
    }
    List<RunData> all = new ArrayList<>();
    for (Run run : tracking.newest("flights", 100)) all.add(tracking.data(run.id()));
    for (int round = 0; round < 60; round++) {
      String text = filter(random, 3);
      Filter filter = Filter.parse(text, SearchWords.FULL, Grammar.FULL).orElseThrow();
      List<String> expected =
          all.stream().filter(matches(filter)).map(data -> data.run().id()).toList();
      var query = new RunQuery(null, text, null, 100, null, null, true, null);
      RunQueryStore.Page page = search(query);
      assertThat(page.runs()).extracting(RunView::id).as(text).containsExactlyElementsOf(expected);
      assertThat(page.count()).as(text).isEqualTo(expected.size());
    }
  }

  private static String filter(Random random, int depth) {
    if (depth == 0 || random.nextInt(3) == 0) return comparison(random);
    return switch (random.nextInt(3)) {
      case 0 -> "(" + filter(random, depth - 1) + " and " + filter(random, depth - 1) + ")";
      case 1 -> "(" + filter(random, depth - 1) + " or " + filter(random, depth - 1) + ")";
      default -> "not (" + filter(random, depth - 1) + ")";
    };
  }

  private static String comparison(Random random) {
    String key = random.nextBoolean() ? "a" : "`b c`";
    return switch (random.nextInt(5)) {
      case 0 -> "metrics." + key + " " + pick(random, "=", "!=", "<", ">=") + random.nextInt(4);
      case 1 -> "params." + key + " " + pick(random, "=", "!=") + " 'v" + random.nextInt(3) + "'";
      case 2 -> "params." + key + " " + pick(random, "in", "not in") + " ('v0', 'v2')";
      case 3 ->
          "name " + pick(random, "like", "ilike") + " '" + pick(random, "N%", "n1", "_2") + "'";
      default -> "tags.team = 'n" + random.nextInt(5) + "'";
    };
  }

  private static String pick(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }

  private static Predicate<RunData> matches(Filter filter) {
    return switch (filter) {
      case Filter.And and -> run -> and.of().stream().allMatch(part -> matches(part).test(run));
      case Filter.Or or -> run -> or.of().stream().anyMatch(part -> matches(part).test(run));
      case Filter.Not not -> matches(not.of()).negate();
      case Filter.Compare one -> run -> matches(run, one);
    };
  }

  private static boolean matches(RunData run, Filter.Compare one) {
    String key = one.key().name();
    if (one.key().entity().equals("metric")) {
      Metric metric = run.metrics().get(key);
      if (metric == null) return false;
      if (Double.isNaN(metric.value())) return one.op() == Op.NE;
      double than = ((Value.Number) one.value()).number();
      return switch (one.op()) {
        case EQ -> metric.value() == than;
        case NE -> metric.value() != than;
        case LT -> metric.value() < than;
        default -> metric.value() >= than;
      };
    }
    String text =
        switch (one.key().entity()) {
          case "param" -> run.params().get(key);
          case "tag" -> run.tags().get(key);
          default -> run.run().name();
        };
    if (text == null) return false;
    return switch (one.value()) {
      case Value.Texts list -> list.texts().contains(text) == (one.op() == Op.IN);
      case Value.Text than ->
          switch (one.op()) {
            case EQ -> text.equals(than.text());
            case NE -> !text.equals(than.text());
            case LIKE -> text.matches(regex(than.text()));
            default -> text.matches("(?i)" + regex(than.text()));
          };
      case Value.Number _ -> false;
    };
  }

  private static String regex(String like) {
    return like.replace("%", ".*").replace("_", ".");
  }
}
