package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Audit;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.registry.Make.Field;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.Tracking;
import dev.orrery.web.Outbound;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class PromotionsTest {
  private static final String MODEL = "plain";
  private static final String OWN = "late-arrival";
  private static final int PROMOTERS = 50;

  @Parameter Databases database = Databases.SQLITE;
  @TempDir Path folder;
  private Db db;
  private Blobs blobs;
  private Audit audit;
  private Registry registry;

  @BeforeEach
  void open() {
    db = database.fresh();
    blobs = Blobs.folder(folder.resolve("blobs"));
    audit = new Audit(db, InstantSource.system());
    registry = registry(Rules.NONE);
  }

  @AfterEach
  void close() {
    db.close();
  }

  private Registry registry(Rules rules) {
    InstantSource clock = InstantSource.system();
    return Registry.open(
        new Registry.Setup(
            db,
            blobs,
            new Lineage(db),
            audit,
            new Jobs(db, clock),
            new Artifacts(db, blobs, clock, Tracking::requireOwner),
            new LoggedModels(clock),
            folder.resolve("keys"),
            new Outbound(List.of()),
            rules,
            clock,
            clock));
  }

  private void versions(int count) {
    db.write(tx -> registry.models().create(tx, MODEL, null, new TreeMap<>()));
    for (int i = 0; i < count; i++) {
      db.write(tx ->
          registry
              .models()
              .register(
                  tx,
                  new Models.Wish(
                      MODEL,
                      "runs:/r/m",
                      "runs:/r/m",
                      null,
                      null,
                      null,
                      null,
                      new TreeMap<>(),
                      null,
                      null,
                      null),
                  "ann"));
    }
  }

  private RegisteredVersion promote(String model, long version, String who) {
    return db.write(tx ->
        registry.promotions().move(tx, model, version, Stage.PRODUCTION, false, who, "a test"));
  }

  private List<Long> production(String model) {
    return db.read(tx -> ModelStore.inStage(tx, model, Stage.PRODUCTION, -1));
  }

  private RegisteredVersion rollback(String model) {
    return db.write(tx -> registry.promotions().rollback(tx, model, "ann", "it failed"));
  }

  @Test
  void of_fifty_promotions_at_once_one_version_stands_in_production_and_each_is_told()
      throws Exception {
    versions(PROMOTERS);
    var start = new CountDownLatch(1);
    List<Future<RegisteredVersion>> moves = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 1; i <= PROMOTERS; i++) {
        long version = i;
        moves.add(
            threads.submit(() -> {
              start.await();
              return insist(() -> promote(MODEL, version, "promoter-" + version));
            }));
      }
      start.countDown();
      for (var move : moves) assertThat(move.get().stage()).isEqualTo(Stage.PRODUCTION);
    }
    List<Long> standing = production(MODEL);
    assertThat(standing).hasSize(1);
    List<Move> history = db.read(tx -> registry.promotions().history(tx, MODEL, 10_000));
    List<Move> came =
        history.reversed().stream().filter(move -> move.to().equals("Production")).toList();
    assertThat(came).hasSize(PROMOTERS).extracting(Move::version).doesNotHaveDuplicates();
    assertThat(came.getLast().version()).isEqualTo(standing.getFirst());
    // What came goes, in that order: each is archived by the next.
    assertThat(history.reversed().stream().filter(move -> move.to().equals("Archived")))
        .extracting(Move::version)
        .containsExactlyElementsOf(came.stream().limit(PROMOTERS - 1).map(Move::version).toList());
    assertThat(audit.verify()).isInstanceOf(Audit.Verdict.Sound.class);
    assertThat(
            audit.newest(1_000).stream()
                .filter(entry -> entry.what().equals("model.stage"))
                .filter(entry -> entry.detail().contains("\"to\":\"Production\"")))
        .hasSize(PROMOTERS);
  }

  /// A write that lost too many races is refused whole and may be sent again.
  private static RegisteredVersion insist(java.util.function.Supplier<RegisteredVersion> write) {
    for (int tried = 1; ; tried++) {
      try {
        return write.get();
      } catch (Problem e) {
        if (e.kind() != Problem.Kind.UNAVAILABLE || tried > 20) throw e;
      }
    }
  }

  @Test
  void two_rollbacks_go_two_versions_back() {
    versions(3);
    for (long version = 1; version <= 3; version++) promote(MODEL, version, "ann");
    assertThat(rollback(MODEL).version()).isEqualTo(2);
    assertThat(rollback(MODEL).version()).isEqualTo(1);
    assertThat(production(MODEL)).containsExactly(1L);
    assertThatThrownBy(() -> rollback(MODEL))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.NO_EARLIER_PRODUCTION));
    assertThat(production(MODEL)).containsExactly(1L);
    promote(MODEL, 3, "ann");
    assertThat(rollback(MODEL).version()).isEqualTo(1);
  }

  @Test
  void the_founding_way_of_archiving_first_can_be_rolled_back_too() {
    versions(2);
    promote(MODEL, 1, "ann");
    db.write(
        tx -> registry.promotions().move(tx, MODEL, 1, Stage.ARCHIVED, false, "ann", "replaced"));
    promote(MODEL, 2, "ann");
    db.write(
        tx -> registry.promotions().move(tx, MODEL, 2, Stage.ARCHIVED, false, "ann", "broken"));
    assertThat(rollback(MODEL).version()).as("what stood there last").isEqualTo(2);
    assertThat(rollback(MODEL).version()).isEqualTo(1);
  }

  @Test
  void a_deleted_version_is_not_rolled_back_to() {
    versions(3);
    for (long version = 1; version <= 3; version++) promote(MODEL, version, "ann");
    db.write(tx -> {
      registry.models().delete(tx, MODEL, 2, "ann");
      return true;
    });
    assertThat(rollback(MODEL).version()).isEqualTo(1);
  }

  private Draft draft(String run, String gate, @Nullable String code) {
    Digest blob = blobs.put(new byte[] {1});
    JsonNode gates =
        Json.tree(
            "[{\"name\":\"auc_roc\",\"state\":\"%s\",\"demand\":\"MUST_PASS\"}]"
                .formatted(gate)
                .getBytes(StandardCharsets.UTF_8));
    return new Draft(
        new Name(OWN),
        null,
        new Make(
            "lightgbm",
            new TreeMap<>(Map.of("trees", run)),
            List.of(new Field("a", "number")),
            List.of(new Field("a", "number")),
            "1.0.0"),
        blob,
        blob,
        "flights@1.0.0",
        "1.0.0",
        code,
        run,
        gates,
        new TreeMap<>(),
        List.of("first"));
  }

  private static Rules rules(boolean approval) {
    return new Rules(OWN, true, approval, LineageRule.NONE);
  }

  @Test
  void a_projects_version_comes_to_production_by_passed_gates_only() {
    registry = registry(rules(false));
    registry.register(draft("r1", "PASSED", "src-1"));
    registry.register(draft("r2", "FAILED", "src-1"));
    registry.register(draft("r3", "UNKNOWN", "src-1"));
    assertThat(promote(OWN, 1, "ann").stage()).isEqualTo(Stage.PRODUCTION);
    for (long version = 2; version <= 3; version++) {
      long failed = version;
      assertThatThrownBy(() -> promote(OWN, failed, "ann"))
          .isInstanceOfSatisfying(
              Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.PROMOTION_REFUSED))
          .hasMessageContaining("auc_roc");
    }
    assertThat(production(OWN)).containsExactly(1L);
    Move move = db.read(tx -> registry.promotions().history(tx, OWN, 1)).getFirst();
    assertThat(String.valueOf(move.evidence())).contains("auc_roc").contains("PASSED");
  }

  @Test
  void where_the_project_asks_for_it_another_person_must_approve() {
    registry = registry(rules(true));
    registry.register(draft("r1", "PASSED", "src-1"));
    assertThatThrownBy(() -> promote(OWN, 1, "ann")).hasMessageContaining("approve");
    approve("ann");
    assertThatThrownBy(() -> promote(OWN, 1, "ann")).hasMessageContaining("approve");
    approve("bob");
    assertThat(promote(OWN, 1, "ann").stage()).isEqualTo(Stage.PRODUCTION);
  }

  private void approve(String who) {
    db.write(tx -> {
      registry.promotions().approve(tx, OWN, 1, who, "I looked at it");
      return true;
    });
  }

  @Test
  void a_version_that_lacks_lineage_that_the_project_demands_is_refused() {
    var demanded = new LinkedHashSet<>(List.of("data", "code", "features", "image"));
    registry = registry(new Rules(OWN, true, false, new LineageRule(demanded, List.of())));
    assertThatThrownBy(() -> registry.register(draft("r1", "PASSED", "src-1")))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.LINEAGE_DEMANDED))
        .hasMessageContaining("image");
    assertThat(registry.list(new Name(OWN), 10)).isEmpty();
    assertThatThrownBy(() -> registry.register(draft("r1", "PASSED", null)))
        .hasMessageContaining("code version");
  }

  @Test
  void models_of_plain_clients_need_no_evidence() {
    registry = registry(rules(true));
    versions(1);
    assertThat(promote(MODEL, 1, "ann").stage()).isEqualTo(Stage.PRODUCTION);
    assertThat(Collections.max(production(MODEL))).isEqualTo(1L);
  }
}
