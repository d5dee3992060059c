package dev.orrery.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.mlflow.Answer;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Searches against a plain evaluator in memory: many filters and orders, drawn at random, on many
/// runs with ties, gaps and values that are not numbers. Every plan must find the same.
class RunSearchTest {
  private static final long SEED = 20_260_601;
  private static final int RUNS = 300;
  private static final int SEARCHES = 100;
  private static final List<String> METRICS = List.of("auc", "loss", "a b");
  private static final List<String> PARAMS = List.of("lr", "depth", "kind");
  private static final List<String> VALUES = List.of("a", "B", "b", "10", "9", "x_y", "");
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");

  /// A run as the oracle knows it.
  private record Known(
      String id,
      long experiment,
      boolean isActive,
      String name,
      long startedAt,
      @Nullable Long endedAt,
      Map<String, Double> metrics,
      Map<String, String> params,
      Map<String, String> tags) {}

  private record Clause(String text, Predicate<Known> passes) {}

  private record Sort(String text, Comparator<Known> order, boolean isStart) {}

  @ParameterizedTest
  @EnumSource(Databases.class)
  void every_plan_finds_what_going_through_all_runs_finds_and_in_the_same_order(
      Databases database) {
    try (Db db = database.fresh()) {
      var random = new Random(SEED);
      List<Known> all = fill(db, random);
      for (int i = 0; i < SEARCHES; i++) {
        search(db, all, random);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Databases.class)
  void a_page_has_all_that_was_said_of_each_run(Databases database) throws IOException {
    try (Db db = database.fresh()) {
      List<Known> all = fill(db, new Random(SEED)).subList(0, 123);
      List<Answer.Part> parts =
          db.read(tx ->
              RunPage.of(tx, all.stream().map(known -> Runs.get(tx, known.id())).toList()).parts());
      for (int i = 0; i < all.size(); i++) {
        Known known = all.get(i);
        JsonNode data = Json.tree(Answer.bytes(parts.get(i))).path("data");
        Map<String, String> tags = new HashMap<>(known.tags());
        tags.put(Tracking.NAME_TAG, known.name());
        assertThat(pairs(data.path("tags"))).isEqualTo(tags);
        assertThat(pairs(data.path("params"))).isEqualTo(known.params());
        Map<String, String> metrics = new HashMap<>();
        known.metrics().forEach((name, value) -> metrics.put(name, value.toString()));
        assertThat(pairs(data.path("metrics"))).isEqualTo(metrics);
      }
    }
  }

  private static Map<String, String> pairs(JsonNode list) {
    Map<String, String> pairs = new HashMap<>();
    list.forEach(pair -> pairs.put(pair.path("key").asText(), pair.path("value").asText()));
    return pairs;
  }

  private static void search(Db db, List<Known> all, Random random) {
    List<Clause> clauses = new ArrayList<>();
    for (int n = random.nextInt(4); n > 0; n--) clauses.add(clause(random));
    Map<String, Sort> sorts = new LinkedHashMap<>();
    for (int n = random.nextInt(4); n > 0; n--) {
      Sort sort = sort(random);
      sorts.putIfAbsent(sort.text().replaceFirst(" .*", ""), sort);
    }
    View view = List.of(View.values()).get(random.nextInt(3));
    List<String> experiments = random.nextInt(4) == 0 ? List.of("1", "2") : List.of("1");
    String filter = String.join(" and ", clauses.stream().map(Clause::text).toList());
    List<String> orderBy =
        sorts.values().stream().map(sort -> sort.text().replace("_a_b", ".`a b`")).toList();
    List<String> expected = expected(all, clauses, sorts, view, experiments);
    RunSearch search = RunSearch.of(experiments, filter, orderBy, view);
    int size = random.nextInt(120) + 40;
    for (int few : new int[] {0, 3_000}) {
      List<String> found = new ArrayList<>();
      for (long offset = 0; offset < RUNS + size; offset += size) {
        long from = offset;
        db.read(tx -> search.find(tx, size, from, few)).forEach(run -> found.add(run.id()));
      }
      assertThat(found)
          .as("filter: %s, order: %s, view: %s, few: %d", filter, orderBy, view, few)
          .isEqualTo(expected);
    }
    assertThat(db.<Long>read(search::count)).isEqualTo(expected.size());
  }

  private static List<String> expected(
      List<Known> all,
      List<Clause> clauses,
      Map<String, Sort> sorts,
      View view,
      List<String> experiments) {
    Comparator<Known> order = (_, _) -> 0;
    boolean hasStart = false;
    for (Sort sort : sorts.values()) {
      order = order.thenComparing(sort.order());
      hasStart |= sort.isStart();
    }
    if (!hasStart)
      order = order.thenComparing(Comparator.comparingLong(Known::startedAt).reversed());
    return all.stream()
        .filter(run -> experiments.contains(Long.toString(run.experiment())))
        .filter(run -> view == View.ALL || run.isActive() == (view == View.ACTIVE_ONLY))
        .filter(run -> clauses.stream().allMatch(clause -> clause.passes().test(run)))
        .sorted(order.thenComparing(Known::id))
        .map(Known::id)
        .toList();
  }

  private static Clause clause(Random random) {
    return switch (random.nextInt(5)) {
      case 0, 1 -> metricClause(random);
      case 2 -> textClause(random, "params", PARAMS, Known::params);
      case 3 -> textClause(random, "tags", List.of("team", "note"), Known::tags);
      default -> {
        long bound = NOON.toEpochMilli() + random.nextInt(20) * 1_000L;
        yield random.nextBoolean()
            ? new Clause("attributes.start_time >= " + bound, run -> run.startedAt() >= bound)
            : new Clause(
                "end_time < " + bound, run -> run.endedAt() != null && run.endedAt() < bound);
      }
    };
  }

  private static Clause metricClause(Random random) {
    String name = METRICS.get(random.nextInt(METRICS.size()));
    String op = List.of(">", ">=", "=", "!=", "<", "<=").get(random.nextInt(6));
    double bound = random.nextInt(10) / 10.0;
    return new Clause(
        "metrics.`%s` %s %s".formatted(name, op, bound),
        run -> {
          Double value = run.metrics().get(name);
          return value != null && compares(value, op, bound);
        });
  }

  private static boolean compares(double value, String op, double bound) {
    return switch (op) {
      case ">" -> value > bound;
      case ">=" -> value >= bound;
      case "=" -> value == bound;
      case "!=" -> value != bound;
      case "<" -> value < bound;
      default -> value <= bound;
    };
  }

  private interface Texts {
    Map<String, String> of(Known run);
  }

  private static Clause textClause(Random random, String entity, List<String> names, Texts texts) {
    String name = names.get(random.nextInt(names.size()));
    String value = VALUES.get(random.nextInt(VALUES.size()));
    String op = List.of("=", "!=", "LIKE", "ILIKE").get(random.nextInt(4));
    Predicate<String> passes =
        switch (op) {
          case "=" -> value::equals;
          case "!=" -> other -> !other.equals(value);
          case "LIKE" -> other -> like(other, value);
          default -> other -> like(other.toLowerCase(Locale.ROOT), value.toLowerCase(Locale.ROOT));
        };
    return new Clause(
        "%s.%s %s '%s'".formatted(entity, name, op, value),
        run -> {
          String found = texts.of(run).get(name);
          return found != null && passes.test(found);
        });
  }

  /// Of the wildcards, the values have `_` alone.
  private static boolean like(String text, String pattern) {
    if (text.length() != pattern.length()) return false;
    for (int i = 0; i < text.length(); i++) {
      if (pattern.charAt(i) != '_' && pattern.charAt(i) != text.charAt(i)) return false;
    }
    return true;
  }

  private static Sort sort(Random random) {
    boolean isDescending = random.nextBoolean();
    String way = isDescending ? " DESC" : random.nextBoolean() ? " ASC" : "";
    return switch (random.nextInt(5)) {
      case 0, 1, 2 -> {
        String name = METRICS.get(random.nextInt(2));
        Comparator<Double> values = Double::compare;
        Comparator<Known> rank =
            Comparator.comparingInt(run -> {
              Double value = run.metrics().get(name);
              return value == null ? 2 : value.isNaN() ? 1 : 0;
            });
        Comparator<Known> byValue =
            Comparator.comparing(
                run -> {
                  Double value = run.metrics().get(name);
                  return value == null || value.isNaN() ? 0.0 : value;
                },
                isDescending ? values.reversed() : values);
        yield new Sort("metrics." + name + way, rank.thenComparing(byValue), false);
      }
      case 3 -> {
        String name = PARAMS.get(random.nextInt(PARAMS.size()));
        Comparator<Known> absent =
            Comparator.comparingInt(run -> run.params().containsKey(name) ? 0 : 1);
        Comparator<String> values = Comparator.naturalOrder();
        Comparator<Known> byValue =
            Comparator.comparing(
                run -> run.params().getOrDefault(name, ""),
                isDescending ? values.reversed() : values);
        yield new Sort("params." + name + way, absent.thenComparing(byValue), false);
      }
      default -> {
        Comparator<Known> start = Comparator.comparingLong(Known::startedAt);
        yield new Sort("start_time" + way, isDescending ? start.reversed() : start, true);
      }
    };
  }

  private static List<Known> fill(Db db, Random random) {
    List<Known> all = new ArrayList<>();
    db.write(tx -> {
      List<Experiment> experiments =
          List.of(
              Experiments.create(tx, "one", "", Map.of(), NOON),
              Experiments.create(tx, "two", "", Map.of(), NOON));
      for (int i = 0; i < RUNS; i++) {
        Experiment in = experiments.get(random.nextInt(5) == 0 ? 1 : 0);
        String id = "%032x".formatted(random.nextLong() >>> 1);
        long start = NOON.toEpochMilli() + random.nextInt(20) * 1_000L;
        Run run = Runs.start(tx, in, id, "run " + i, "", Instant.ofEpochMilli(start), Map.of());
        Long end = random.nextInt(3) == 0 ? null : start + random.nextInt(9) * 1_000L;
        if (end != null) {
          Runs.update(tx, id, Run.State.FINISHED, Instant.ofEpochMilli(end), null);
        }
        Map<String, Double> metrics = new HashMap<>();
        List<Metric> points = new ArrayList<>();
        for (String name : METRICS) {
          if (random.nextInt(4) == 0) continue;
          double value = random.nextInt(6) == 0 ? Double.NaN : random.nextInt(10) / 10.0;
          points.add(new Metric(name, random.nextInt(10), 0, NOON));
          points.add(new Metric(name, value, 1, NOON));
          metrics.put(name, value);
        }
        MetricStore.put(tx, run, points);
        Map<String, String> params = texts(random, PARAMS);
        Map<String, String> tags = texts(random, List.of("team", "note"));
        Runs.logParams(tx, run, params);
        Runs.setTags(tx, run, tags);
        boolean isActive = random.nextInt(5) != 0;
        if (!isActive) Runs.delete(tx, id, NOON);
        all.add(
            new Known(id, in.number(), isActive, run.name(), start, end, metrics, params, tags));
      }
      return all;
    });
    return all;
  }

  private static Map<String, String> texts(Random random, List<String> names) {
    Map<String, String> texts = new HashMap<>();
    for (String name : names) {
      if (random.nextInt(4) != 0) texts.put(name, VALUES.get(random.nextInt(VALUES.size())));
    }
    return texts;
  }
}
