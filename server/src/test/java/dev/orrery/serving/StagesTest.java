package dev.orrery.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.access.Audit;
import dev.orrery.base.ChildJvm;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.registry.Move;
import dev.orrery.registry.Stage;
import dev.orrery.sql.Databases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// That stages and traffic of a project's model are one, from whichever side they are moved.
@ParameterizedClass
@EnumSource(Databases.class)
class StagesTest extends StagesGround {
  @Test
  void a_deploy_a_canary_and_a_rollback_move_the_stage_and_say_on_which_gates() {
    deploy(1);
    assertThat(stages()).containsExactly("Production", "None", "None", "None");
    deploy(2);
    assertThat(stages()).containsExactly("Production", "Staging", "None", "None");
    releases.step("fine");
    assertThat(stages()).containsExactly("Production", "Staging", "None", "None");
    releases.step("log loss -0.1 against the champion");
    assertThat(stages()).containsExactly("Archived", "Production", "None", "None");
    Move promoted = history().getFirst();
    assertThat(promoted.who()).isEqualTo("orrery");
    assertThat(promoted.why()).isEqualTo("log loss -0.1 against the champion");
    assertThat(String.valueOf(promoted.evidence()))
        .contains("\"move\":\"promoted\"", "\"endpoint\":\"late-arrival\"", "auc_roc", "PASSED");
    deploy(3);
    releases.abort("ann", "odd scores");
    assertThat(stages()).containsExactly("Archived", "Production", "Archived", "None");
    deploy(4);
    releases.rollback("ann", "wrong on Sundays");
    assertThat(stages()).containsExactly("Production", "Archived", "Archived", "Archived");
    assertThat(audit.verify()).isInstanceOf(Audit.Verdict.Sound.class);
    assertThat(
            audit.newest(1_000).stream()
                .filter(entry -> entry.what().equals("model.stage"))
                .filter(entry -> entry.detail().contains("wrong on Sundays")))
        .hasSize(2);
  }

  @Test
  void a_promotion_in_the_registry_deploys_by_the_strategy_and_a_rollback_there_goes_back() {
    assertThat(move(1, Stage.PRODUCTION).stage()).isEqualTo(Stage.PRODUCTION);
    assertThat(champion()).isEqualTo(semver(1));
    assertThat(move(1, Stage.PRODUCTION).stage()).as("again").isEqualTo(Stage.PRODUCTION);
    for (int number = 2; number <= 3; number++) {
      assertThat(move(number, Stage.PRODUCTION).stage()).isEqualTo(Stage.STAGING);
      assertThat(champion()).isEqualTo(semver(number - 1));
      releases.step("fine");
      releases.step("better");
      assertThat(champion()).isEqualTo(semver(number));
    }
    assertThat(releases.moves(100))
        .filteredOn(move -> move.kind() == Deployment.Kind.CANARY_STARTED)
        .allMatch(move -> move.who().equals("ann") && move.why().equals("asked"));
    assertThat(rollback().version()).isEqualTo(2);
    assertThat(champion()).isEqualTo(semver(2));
    releases = releases();
    assertThat(rollback().version()).as("two rollbacks go two versions back").isEqualTo(1);
    assertThat(champion()).isEqualTo(semver(1));
    assertThat(stages()).containsExactly("Production", "Archived", "Archived", "None");
    assertThatThrownBy(this::rollback)
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.fault()).isEqualTo(Fault.NOTHING_TO_ROLL_BACK));
    assertThat(stages()).containsExactly("Production", "Archived", "Archived", "None");
  }

  @Test
  void what_is_served_does_not_leave_its_stage_by_the_registry() {
    release(1);
    deploy(2);
    List<String> before = stages();
    for (Stage stage : List.of(Stage.NONE, Stage.STAGING, Stage.ARCHIVED)) {
      assertRefused(Fault.IN_SERVICE, () -> move(1, stage));
    }
    for (Stage stage : List.of(Stage.NONE, Stage.ARCHIVED)) {
      assertRefused(Fault.IN_SERVICE, () -> move(2, stage));
    }
    assertRefused(
        Fault.IN_SERVICE,
        () ->
            db.write(tx ->
                registry.promotions().move(tx, MODEL, 3, Stage.STAGING, true, "ann", "asked")));
    assertRefused(Fault.CANARY_RUNNING, () -> move(3, Stage.PRODUCTION));
    assertThat(stages()).isEqualTo(before);
    assertThat(move(3, Stage.ARCHIVED).stage()).isEqualTo(Stage.ARCHIVED);
    assertThat(champion()).isEqualTo(semver(1));
  }

  private static void assertRefused(Fault fault, ThrowingCallable asked) {
    assertThatThrownBy(asked)
        .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.fault()).isEqualTo(fault));
  }

  @Test
  void what_was_made_elsewhere_is_promoted_only_for_a_reason_that_is_kept() {
    deploy(1);
    elsewhere.put(semver(2), List.of("java is 25 here, and was 17 when it was trained"));
    assertThatThrownBy(() -> move(2, Stage.PRODUCTION))
        .isInstanceOfSatisfying(
            Problem.class,
            e -> {
              assertThat(e.fault()).isEqualTo(Fault.MADE_ELSEWHERE);
              assertThat(e.getMessage())
                  .contains(
                      "java is 25 here",
                      "orrery deploy start %s --force --why".formatted(semver(2)));
            });
    assertRefused(Fault.BAD_PARAMETER, () -> move(2, Stage.PRODUCTION, " "));
    assertThat(live().traffic().trial()).isNull();
    move(2, Stage.PRODUCTION, "asked");
    assertThat(live().traffic().trial()).isEqualTo(semver(2));
    String why = "asked [forced although java is 25 here, and was 17 when it was trained]";
    assertThat(releases.moves(1).getFirst().why()).isEqualTo(why);
    assertThat(audit.newest(10)).anySatisfy(entry -> assertThat(entry.toString()).contains(why));
    releases.abort("ann", "enough");
    // Nothing is asked of what serves already, nor of the way back.
    elsewhere.put(semver(1), List.of("java is 25 here, and was 17 when it was trained"));
    move(1, Stage.PRODUCTION);
    release(3);
    rollback();
    assertThat(champion()).isEqualTo(semver(1));
  }

  @Test
  void a_refused_promotion_leaves_traffic_and_stages_as_they_were() {
    registry.register(draft("r5", "FAILED"));
    release(1);
    assertRefused(Fault.PROMOTION_REFUSED, () -> move(5, Stage.PRODUCTION));
    registry = registry(true);
    releases = releases();
    assertRefused(Fault.PROMOTION_REFUSED, () -> move(2, Stage.PRODUCTION));
    assertThat(stages()).containsExactly("Production", "None", "None", "None", "None");
    assertThat(releases.moves(10)).hasSize(1);
    assertThat(champion()).isEqualTo(semver(1));
    db.write(tx -> {
      registry.promotions().approve(tx, MODEL, 2, "bob", "I looked at it");
      return true;
    });
    assertThat(move(2, Stage.PRODUCTION).stage()).isEqualTo(Stage.STAGING);
    releases.step("fine");
    releases.step("better");
    assertThat(String.valueOf(history().getFirst().evidence())).contains("approvals", "bob");
  }

  @Test
  void a_write_that_fails_after_its_move_moves_nothing() {
    release(1);
    assertThatThrownBy(() ->
            registry
                .promotions()
                .moving(
                    MODEL,
                    () -> Optional.of(made(2)),
                    () ->
                        db.write(tx -> {
                          registry
                              .promotions()
                              .move(tx, MODEL, 2, Stage.PRODUCTION, false, "ann", "asked");
                          throw new IllegalStateException("the end of the world");
                        })))
        .hasMessage("the end of the world");
    assertThat(stages()).containsExactly("Production", "None", "None", "None");
    assertThat(live().canary()).isNull();
    assertThat(champion()).isEqualTo(semver(1));
  }

  @Test
  void stages_that_an_older_program_left_elsewhere_are_brought_to_the_traffic_at_the_start() {
    release(1);
    release(2);
    db.update("update registered_version set stage = 'None' where version = 2");
    db.update("update registered_version set stage = 'Production' where version = 1");
    releases = releases();
    assertThat(stages()).containsExactly("Archived", "Production", "None", "None");
    assertThat(history().getFirst().why()).isEqualTo("what the endpoint serves");
    int moves = history().size();
    releases = releases();
    assertThat(history()).as("once").hasSize(moves);
  }

  @Test
  void however_both_sides_move_at_once_the_champion_stands_in_production() throws Exception {
    release(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<java.util.concurrent.Future<?>>();
      for (int t = 0; t < 4; t++) {
        var random = new Random(t);
        all.add(
            threads.submit(() -> {
              for (int i = 0; i < 40; i++) tryOne(random);
            }));
      }
      for (var one : all) one.get();
    }
    assertThat(releases.stored()).contains(live().traffic());
    assertOne();
    assertThat(releases.moves(1_000).size()).isGreaterThan(10);
    assertThat(audit.verify()).isInstanceOf(Audit.Verdict.Sound.class);
  }

  /// That the stages are where the stored traffic is.
  private void assertOne() {
    Traffic traffic = new TrafficStore(db).load(MODEL).orElseThrow();
    Map<String, String> expected = new TreeMap<>();
    expected.put(traffic.champion().toString(), "Production");
    if (traffic.canary() != null) {
      expected.put(traffic.canary().version().toString(), "Staging");
    }
    Map<String, String> standing = new TreeMap<>();
    db.read(tx -> registry.models().versions(tx, MODEL)).stream()
        .filter(version -> version.stage().isActive())
        .forEach(version -> standing.put(version.semver().toString(), version.stage().word()));
    assertThat(standing).isEqualTo(expected);
  }

  /// Moves from both sides until it is killed.
  static final class Mover {
    private Mover() {}

    public static void main(String[] args) {
      var test = new StagesTest();
      test.folder = Path.of(args[2]);
      test.define();
      test.open(Databases.valueOf(args[0]).open(args[1]));
      test.releases = test.releases();
      var random = new Random(Long.parseLong(args[3]));
      for (int i = 0; i < 1_000_000; i++) {
        test.tryOne(random);
        System.out.println(i);
      }
    }
  }

  @Test
  void killed_at_any_moment_both_have_moved_or_neither() throws Exception {
    release(1);
    db.close();
    var random = new Random(13);
    for (int round = 0; round < 3; round++) {
      try (ChildJvm child = ChildJvm.start(Mover.class, database, address, folder, round)) {
        int lines = 5 + random.nextInt(40);
        for (int i = 0; i < lines; i++) assertThat(child.line()).isNotNull();
        child.kill();
      }
      // Before a start brings anything together.
      open(database.open(address));
      assertOne();
      assertThat(audit.verify()).isInstanceOf(Audit.Verdict.Sound.class);
      db.close();
    }
    open(database.open(address));
  }

  private void tryOne(Random random) {
    try {
      switch (random.nextInt(5)) {
        case 0 -> move(1 + random.nextInt(VERSIONS), Stage.PRODUCTION);
        case 1 -> rollback();
        case 2 -> releases.rollback("bob", "a test");
        case 3 -> releases.abort("bob", "a test");
        default -> {
          synchronized (releases) {
            if (live().canary() != null) releases.step("fine");
          }
        }
      }
    } catch (Problem e) {
      assertThat(e.kind())
          .isIn(Problem.Kind.CONFLICT, Problem.Kind.INVALID, Problem.Kind.UNAVAILABLE);
    }
  }
}
