package dev.orrery.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LineageTest {
  private static final Node DATA = new Node("data", "flights/1.0.0");
  private static final Node FEATURES = new Node("features", "f1");
  private static final Node CODE = new Node("code", "abc");
  private static final Node RUN = new Node("run", "r1");
  private static final Node MODEL = new Node("model", "late-arrival@1.0.0");
  private static final Node OTHER = new Node("model", "other/1.0.0");

  @ParameterizedTest
  @EnumSource
  void up_leads_to_all_sources_and_down_to_all_that_was_made(Databases database) {
    try (Db db = database.fresh()) {
      Lineage lineage = new Lineage(db);
      Edge built = new Edge(DATA, FEATURES, "built");
      Edge fed = new Edge(FEATURES, RUN, "fed");
      Edge ran = new Edge(CODE, RUN, "ran");
      Edge trained = new Edge(RUN, MODEL, "trained");
      link(db, lineage, List.of(trained, fed, ran, built, new Edge(CODE, OTHER, "trained")));
      link(db, lineage, List.of(trained));

      assertThat(lineage.up(MODEL)).containsExactly(trained, ran, fed, built);
      assertThat(lineage.down(DATA)).containsExactly(built, fed, trained);
      assertThat(lineage.down(MODEL)).isEmpty();
      assertThat(lineage.up(new Node("model", "unknown"))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_circle_ends(Databases database) {
    try (Db db = database.fresh()) {
      Lineage lineage = new Lineage(db);
      Edge there = new Edge(DATA, MODEL, "trained");
      Edge back = new Edge(MODEL, DATA, "labelled");
      link(db, lineage, List.of(there, back));
      assertThat(lineage.up(MODEL)).containsExactly(there, back);
      assertThat(lineage.down(MODEL)).containsExactly(back, there);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ring_by_ring_and_all_at_once_reach_the_same_also_over_edges_of_definitions(
      Databases database) {
    try (Db db = database.fresh()) {
      Lineage lineage = new Lineage(db);
      link(
          db,
          lineage,
          List.of(
              new Edge(FEATURES, RUN, "fed"),
              new Edge(RUN, MODEL, "trained"),
              new Edge(MODEL, RUN, "seeded"),
              new Edge(CODE, OTHER, "trained")));
      List<Edge> defined =
          List.of(
              new Edge(DATA, FEATURES, "is read by"), new Edge(MODEL, CODE, "wrote, for a test"));
      Lineage.Impact rings = lineage.impact(DATA, 10, defined);
      assertThat(rings.nodes()).containsExactly(FEATURES, RUN, MODEL, CODE, OTHER);
      assertThat(rings.edges()).isEqualTo(6);
      assertThat(lineage.impact(DATA, 100, defined)).isEqualTo(rings);
      assertThat(lineage.impact(DATA, 2, defined).nodes()).containsExactly(FEATURES, RUN);
    }
  }

  private static void link(Db db, Lineage lineage, List<Edge> edges) {
    db.write(tx -> {
      edges.forEach(e -> lineage.link(tx, e.from(), e.to(), e.relation()));
      return edges.size();
    });
  }
}
