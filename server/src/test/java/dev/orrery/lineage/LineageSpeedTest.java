package dev.orrery.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A hundred thousand nodes: ten data versions, each with ten feature versions, each of them with a
/// hundred runs five times over, and a model for each run; every tenth model is deployed.
class LineageSpeedTest {
  private static final int DATA = 10;
  private static final int FEATURES = 10;
  private static final int RUNS = 500;

  private static void fill(Db db) {
    db.write(tx -> {
      List<Object[]> rows = new ArrayList<>();
      for (int d = 0; d < DATA; d++) {
        for (int f = 0; f < FEATURES; f++) {
          String features = d + "." + f + ".0";
          rows.add(new Object[] {"data", "flights@" + d, "features", features, "shaped"});
          for (int r = 0; r < RUNS; r++) {
            String run = features + "-" + r;
            rows.add(new Object[] {"features", features, "run", run, "fed"});
            rows.add(new Object[] {"run", run, "model", "m@" + run, "made"});
            if (r % 10 == 0) {
              rows.add(new Object[] {"model", "m@" + run, "deployment", "e#" + run, "deployed"});
            }
          }
        }
      }
      tx.batch(
          """
          insert into lineage (from_kind, from_id, to_kind, to_id, relation)
          values (?, ?, ?, ?, ?)
          """,
          rows);
      return rows.size();
    });
  }

  @ParameterizedTest
  @EnumSource(Databases.class)
  void what_a_data_version_touches_is_counted_within_a_second(Databases database) {
    try (Db db = database.fresh()) {
      fill(db);
      Lineage lineage = new Lineage(db);
      lineage.impact(new Node("data", "flights@1"), 100);
      long start = System.nanoTime();
      Lineage.Impact impact = lineage.impact(new Node("data", "flights@0"), 100);
      var took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(impact.whole()).isTrue();
      assertThat(impact.counts())
          .containsEntry("features", FEATURES)
          .containsEntry("run", FEATURES * RUNS)
          .containsEntry("model", FEATURES * RUNS)
          .containsEntry("deployment", FEATURES * RUNS / 10);
      assertThat(impact.nodes()).hasSize(1_000);
      long up = System.nanoTime();
      assertThat(lineage.up(new Node("deployment", "e#0.0.0-0"))).hasSize(4);
      var tookUp = Duration.ofNanos(System.nanoTime() - up);
      System.out.printf(
          "%s: %,d nodes of %,d: impact %d ms, up %d ms%n",
          database, impact.edges(), DATA * FEATURES * RUNS * 2, took.toMillis(), tookUp.toMillis());
      assertThat(took).isLessThan(Duration.ofSeconds(5));
      assertThat(lineage.down(new Node("data", "flights@0"), 1)).hasSize(FEATURES);
      assertThat(lineage.up(new Node("deployment", "e#0.0.0-0"), 2)).hasSize(2);
    }
  }
}
