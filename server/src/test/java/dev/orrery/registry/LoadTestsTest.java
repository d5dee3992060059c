package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.blob.Blobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.registry.Make.Field;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class LoadTestsTest {
  private static final Name MODEL = new Name("late-arrival");
  private static final Semver V1 = Semver.FIRST;
  private static final Semver V2 = new Semver(1, 0, 1);
  private static final Instant NOON = Instant.parse("2001-03-01T12:00:00Z");

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private LoadTests loads;

  @BeforeEach
  void open() {
    db = database.fresh();
    Blobs blobs = Blobs.folder(folder.resolve("blobs"));
    Digest blob = blobs.put(new byte[] {1});
    var registry = new Registry(db, blobs, new Lineage(db), InstantSource.fixed(NOON));
    for (String run : List.of("r1", "r2")) {
      registry.register(
          new Draft(
              MODEL,
              null,
              new Make(
                  "lightgbm",
                  new TreeMap<>(),
                  List.of(new Field("x", "number")),
                  List.of(new Field("x", "number")),
                  "1.0.0"),
              blob,
              blob,
              "flights@1.0.0",
              "1.0.0",
              "src-0123456789ab",
              run,
              Json.tree("[{\"name\":\"auc_roc\"}]".getBytes(StandardCharsets.UTF_8)),
              new TreeMap<>(),
              List.of("first")));
    }
    loads = registry.loads();
  }

  @AfterEach
  void close() {
    db.close();
  }

  private static LoadTest test(Map<String, Long> versions, SortedMap<Integer, Long> statuses) {
    return test(versions, statuses, 1_000, 1_000, 0.5, 1.3);
  }

  private static LoadTest test(
      Map<String, Long> versions,
      SortedMap<Integer, Long> statuses,
      int rate,
      double perSecond,
      double lateMs,
      double p99) {
    long answered = statuses.values().stream().mapToLong(Long::longValue).sum();
    long offered = Math.max(answered, 2_000);
    var spread = new LoadTest.Spread(0.4, 0.8, 1, p99, 3, 9, 0.5);
    return new LoadTest(
        "late",
        new LoadTest.Figures(
            new TreeMap<>(versions),
            rate,
            2,
            64,
            offered,
            answered,
            offered - answered,
            statuses,
            perSecond,
            spread,
            lateMs,
            "there"),
        "here",
        "ann",
        NOON);
  }

  private static SortedMap<Integer, Long> good(long count) {
    return new TreeMap<>(Map.of(200, count));
  }

  @Test
  void the_newest_twenty_of_each_version_are_kept() {
    for (int i = 0; i < 25; i++) {
      loads.add(
          MODEL, test(Map.of("1.0.0", 2_000L), good(2_000), 1_000, 1_000, 0.5, 1 + i / 100.0));
      if (i == 3) loads.add(MODEL, test(Map.of("1.0.1", 2_000L), good(2_000)));
    }
    List<LoadTest> kept = loads.of(MODEL, V1);
    assertThat(kept).hasSize(LoadTests.KEPT);
    assertThat(kept.getFirst().figures().latency().p99()).isEqualTo(1.24);
    assertThat(kept.getLast().figures().latency().p99()).isEqualTo(1.05);
    assertThat(loads.of(MODEL, V2)).hasSize(1);
    assertThat(loads.newest(MODEL)).contains(kept.getFirst());
    assertThat(loads.newest(new Name("other"))).isEmpty();
  }

  @Test
  void what_was_answered_by_two_versions_is_no_evidence_of_either() {
    LoadTest mixed = test(Map.of("1.0.0", 1_800L, "1.0.1", 200L), good(2_000));
    assertThat(mixed.version()).isEqualTo(V1);
    assertThat(mixed.against()).containsExactly("answered by 1.0.0, 1.0.1");
    assertThat(test(Map.of("1.0.0", 1_900L), good(2_000)).counts()).isFalse();
    assertThat(test(Map.of("1.0.0", 2_000L), good(2_000)).counts()).isTrue();
  }

  @Test
  void errors_a_late_generator_and_a_rate_that_was_not_kept_are_told() {
    var refused = new TreeMap<>(Map.of(200, 1_990L, 503, 5L));
    assertThat(test(Map.of("1.0.0", 1_990L), refused).against())
        .containsExactly("10 of 2,000 requests were refused or unanswered");
    assertThat(test(Map.of("1.0.0", 2_000L), good(2_000), 1_000, 1_000, 10.1, 1.3).against())
        .containsExactly("the generator was up to 10.1 ms late");
    assertThat(test(Map.of("1.0.0", 2_000L), good(2_000), 1_000, 989, 1, 1.3).against())
        .containsExactly("989.0 good answers a second, where 1000 were asked for");
  }

  @Test
  void a_version_that_is_not_registered_and_figures_that_disagree_are_refused() {
    assertThatThrownBy(() -> loads.add(MODEL, test(Map.of("9.9.9", 2_000L), good(2_000))))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.BAD_LOAD_TEST));
    assertThat(loads.newest(MODEL)).isEmpty();
    assertThatThrownBy(() -> test(Map.of("1.0.0", 2_001L), good(2_000)))
        .hasMessageContaining("more versions answered");
    assertThatThrownBy(() -> test(Map.of(), good(2_000))).hasMessageContaining("names no version");
    assertThatThrownBy(
            () -> test(Map.of("1.0.0", 2_000L), good(2_000), 1_000, 1_000, Double.NaN, 1.3))
        .hasMessageContaining("no number");
    assertThatThrownBy(() -> test(Map.of("1.0.0", 2_000L), good(2_000), 1_000, 1_000, 1, 10))
        .hasMessageContaining("not in order");
  }

  @Test
  void it_is_the_same_after_it_was_stored() {
    LoadTest made = test(Map.of("1.0.0", 2_000L), good(2_000));
    loads.add(MODEL, made);
    assertThat(loads.of(MODEL, V1)).containsExactly(made);
    assertThat(made.told()).isEqualTo("deploy bench at 1000/s for 2 s, p99 1.300 ms");
  }
}
