package dev.orrery.scorecard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.lineage.Edge;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.project.Project;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DefinitionsTest {
  private static final Path FLIGHTS = Path.of("../examples/flights");
  private static final int DEPTH = 1_000;

  @TempDir Path folder;

  private Definitions flights(List<Definitions.Version> versions) {
    try (Db db = Databases.SQLITE.fresh();
        Engine engine = new Engine(1, "500MB")) {
      Blobs blobs = Blobs.folder(folder.resolve("blobs"));
      var datasets = new Datasets(db, blobs, engine, folder, InstantSource.system());
      return Definitions.of(Project.load(FLIGHTS), datasets, versions);
    }
  }

  private static Lineage.Impact impact(Db db, Definitions definitions, String kind, String id) {
    Node node = definitions.node(kind, id);
    return new Lineage(db).impact(node, DEPTH, definitions.down(node));
  }

  private static Set<String> ids(Lineage.Impact impact, String kind) {
    return impact.nodes().stream()
        .filter(node -> node.kind().equals(kind))
        .map(Node::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// What the formulas of examples/flights say, by hand: `known_at` reads distance, delay and date,
  /// and every window depends on when outcomes became known.
  @ParameterizedTest
  @CsvSource({
    "distance, route.distance, 19, true",
    "origin, route.origin origin_recent.delay_7d, 10, true",
    "destination, route.destination destination_recent.flights_2h, 10, true",
    "delay, origin_recent.late_share_2h destination_recent.delay_24h, 18, true",
    "date, calendar.hour calendar.day_of_week calendar.is_weekend origin_recent.flights_7d, 21,"
        + " true"
  })
  void from_the_project_file_alone_each_column_of_the_flights_touches_what_its_formulas_say(
      String column, String some, int features, boolean training) {
    try (Db db = Databases.SQLITE.fresh()) {
      Lineage.Impact impact = impact(db, flights(List.of()), "column", "flights." + column);
      assertThat(ids(impact, "feature")).contains(some.split(" ")).hasSize(features);
      assertThat(ids(impact, "training").contains("late-arrival")).isEqualTo(training);
      assertThat(ids(impact, "endpoint")).containsExactly("late-arrival");
      assertThat(impact.counts()).doesNotContainKeys("model", "features", "deployment");
    }
  }

  @Test
  void targets_the_moment_of_knowing_and_the_contract_stand_between() {
    try (Db db = Databases.SQLITE.fresh()) {
      Definitions flights = flights(List.of());
      Lineage.Impact delay = impact(db, flights, "column", "delay");
      assertThat(delay.node()).isEqualTo(new Node("column", "flights.delay"));
      assertThat(ids(delay, "target")).containsExactly("flights.late");
      assertThat(ids(delay, "known_at")).containsExactly("flights.known_at");
      assertThat(ids(delay, "contract")).containsExactly("flights");
      assertThat(ids(impact(db, flights, "target", "late"), "feature"))
          .hasSize(6)
          .allMatch(feature -> feature.contains("late_share"));
      assertThat(impact(db, flights, "column", "date").counts()).doesNotContainKey("contract");
      assertThat(flights.up(new Node("feature", "origin_recent.late_share_2h")))
          .contains(
              new Edge(
                  new Node("target", "flights.late"),
                  new Node("feature", "origin_recent.late_share_2h"),
                  "feeds"),
              new Edge(
                  new Node("column", "flights.delay"),
                  new Node("target", "flights.late"),
                  "defines"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "column, flights.distanse, flights.distance",
    "feature, route.distnce, route.distance",
    "target, flights.lat, flights.late"
  })
  void an_unknown_name_is_answered_with_the_nearest(String kind, String typed, String meant) {
    Definitions flights = flights(List.of());
    assertThatThrownBy(() -> flights.node(kind, typed))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.NOT_FOUND))
        .hasMessageContaining("Did you mean '" + meant + "'");
  }

  @Test
  void a_formula_that_was_just_written_counts_before_anything_is_trained_on_it() throws Exception {
    Path home = folder.resolve("home");
    Files.createDirectories(home);
    for (String name : List.of("orrery.yaml", "problem.yaml", "success_criteria.yaml")) {
      Files.copy(FLIGHTS.resolve(name), home.resolve(name));
    }
    String yaml = Files.readString(home.resolve("orrery.yaml"));
    Files.writeString(
        home.resolve("orrery.yaml"),
        yaml.replace(
            "columns: { distance: distance,",
            "columns: { far: 'carrier = 1', distance: distance,"));
    try (Db db = Databases.SQLITE.fresh();
        Engine engine = new Engine(1, "500MB")) {
      Blobs blobs = Blobs.folder(folder.resolve("blobs"));
      var datasets = new Datasets(db, blobs, engine, folder, InstantSource.system());
      Definitions edited = Definitions.of(Project.load(home), datasets, List.of());
      assertThat(ids(impact(db, edited, "column", "flights.carrier"), "feature"))
          .containsExactly("route.far");
    }
  }

  @Test
  void a_version_whose_own_definitions_do_not_read_a_column_is_not_touched_by_it() {
    var old = new LinkedHashMap<String, List<String>>();
    old.put("route.distance", List.of("miles"));
    var young = new LinkedHashMap<String, List<String>>();
    young.put("route.distance", List.of("distance"));
    Definitions both =
        flights(
            List.of(
                new Definitions.Version("2.0.0", young, List.of(model(2))),
                new Definitions.Version("1.0.0", old, List.of(model(1)))));
    try (Db db = Databases.SQLITE.fresh()) {
      link(db, "features", "1.0.0", "model", model(1).id());
      link(db, "features", "2.0.0", "model", model(2).id());
      assertThat(ids(impact(db, both, "column", "distance"), "model"))
          .containsExactly(model(2).id());
      assertThat(ids(impact(db, both, "feature", "route.distance"), "model"))
          .containsExactly(model(1).id(), model(2).id());
      assertThat(ids(impact(db, both, "column", "delay"), "model"))
          .as("delay is what both were taught")
          .containsExactly(model(1).id(), model(2).id());
    }
  }

  private static Node model(int number) {
    return new Node("model", "late-arrival@%d.0.0".formatted(number));
  }

  private static void link(Db db, String fromKind, String from, String toKind, String to) {
    db.write(tx -> {
      new Lineage(db).link(tx, new Node(fromKind, from), new Node(toKind, to), "made");
      return true;
    });
  }

  /// More than 100,000 nodes: 400 feature versions of 50 features over 60 columns, 120 models of
  /// each, every second one deployed; held against a search that only looks at edges, again and
  /// again.
  @ParameterizedTest
  @EnumSource(Databases.class)
  void among_a_hundred_thousand_nodes_a_column_touches_what_a_plain_search_finds(
      Databases database) {
    var random = new Random(7);
    List<Definitions.Version> versions = new ArrayList<>();
    List<Object[]> rows = new ArrayList<>();
    List<String[]> edges = new ArrayList<>();
    Set<String> nodes = new HashSet<>();
    for (int v = 0; v < 400; v++) {
      String features = v + ".0.0";
      var reads = new LinkedHashMap<String, List<String>>();
      for (int f = 0; f < 50; f++) {
        String column = "c" + random.nextInt(60);
        reads.put("view.f" + f, List.of(column));
        // Here a feature is one of its version, so that the search cannot mix them up.
        edges.add(new String[] {"column " + column, "feature " + v + " f" + f});
        edges.add(new String[] {"feature " + v + " f" + f, "features " + features});
      }
      versions.add(new Definitions.Version(features, reads, List.of()));
      for (int m = 0; m < 120; m++) {
        String model = "m@" + v + "." + m;
        rows.add(new Object[] {"features", features, "model", model, "shaped"});
        rows.add(new Object[] {"run", "r" + v + "." + m, "model", model, "made"});
        edges.add(new String[] {"features " + features, "model " + model});
        nodes.add("run " + v + "." + m);
        if (m % 2 == 0) {
          rows.add(new Object[] {"model", model, "deployment", "e#" + v + "." + m, "deployed"});
          edges.add(new String[] {"model " + model, "deployment e#" + v + "." + m});
        }
      }
    }
    for (String[] edge : edges) nodes.addAll(List.of(edge));
    assertThat(nodes.size()).isGreaterThan(100_000);
    var columns = new TreeSet<String>();
    for (int c = 0; c < 60; c++) columns.add("c" + c);
    var definitions =
        new Definitions(
            "flights",
            columns,
            new LinkedHashMap<>(),
            Set.of(),
            Set.of(),
            new LinkedHashMap<>(),
            versions,
            "m",
            "e");
    try (Db db = database.fresh()) {
      db.write(tx ->
          tx.batch(
              """
              insert into lineage (from_kind, from_id, to_kind, to_id, relation)
              values (?, ?, ?, ?, ?)
              """,
              rows));
      for (String column : List.of("c0", "c17")) {
        long start = System.nanoTime();
        Lineage.Impact impact = impact(db, definitions, "column", column);
        System.out.printf(
            "%s: %s of %,d nodes in %.0f ms: %s%n",
            database, column, nodes.size(), (System.nanoTime() - start) / 1e6, impact.counts());
        var expected = new TreeMap<String, Integer>();
        for (String found : plain(edges, "column " + column)) {
          String kind = found.substring(0, found.indexOf(' '));
          if (!kind.equals("feature")) expected.merge(kind, 1, Integer::sum);
        }
        var names = new TreeSet<String>();
        for (var version : versions) {
          Objects.requireNonNull(version.reads())
              .forEach((feature, reads) -> {
                if (reads.contains(column)) names.add(feature);
              });
        }
        expected.put("feature", names.size());
        expected.put("endpoint", 1);
        assertThat(impact.counts()).isEqualTo(expected);
        assertThat(impact.whole()).isTrue();
        assertThat(impact.nodes().stream().map(Node::kind)).contains("endpoint", "deployment");
        assertThat(ids(impact, "feature")).isEqualTo(names);
      }
    }
  }

  /// Looks at all edges until nothing more is found.
  private static Set<String> plain(List<String[]> edges, String start) {
    Set<String> found = new HashSet<>(Set.of(start));
    boolean more = true;
    while (more) {
      more = false;
      for (String[] edge : edges) if (found.contains(edge[0])) more |= found.add(edge[1]);
    }
    found.remove(start);
    return found;
  }
}
