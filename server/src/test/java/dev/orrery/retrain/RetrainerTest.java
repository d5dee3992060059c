package dev.orrery.retrain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.monitor.Check;
import dev.orrery.monitor.FeatureDrift;
import dev.orrery.retrain.Decided.Verdict;
import dev.orrery.retrain.Retrain.State;
import dev.orrery.retrain.Trainings.Training;
import dev.orrery.serving.Deployment;
import dev.orrery.serving.Deployment.Kind;
import dev.orrery.serving.Traffic;
import dev.orrery.sql.Databases;
import dev.orrery.sql.Db;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Databases.class)
class RetrainerTest {
  private static final Instant START = Instant.parse("2001-03-01T00:00:00Z");
  private static final Semver V1 = Semver.FIRST;
  private static final Semver V2 = new Semver(1, 0, 1);

  @Parameter Databases databases = Databases.SQLITE;
  private final World world = new World();
  private Db db;
  private Retrainer retrainer;

  @BeforeEach
  void open() {
    db = databases.fresh();
    world.moves.add(move(Kind.DEPLOYED, V1, START));
    retrainer = reopened();
  }

  @AfterEach
  void close() {
    db.close();
  }

  /// An endpoint, a monitor and a pipeline, all by hand.
  private static final class World implements Service, Trainings {
    final List<Deployment> moves = new ArrayList<>();
    final List<Training> all = new ArrayList<>();
    final List<Semver> aborted = new ArrayList<>();
    boolean waits;
    Traffic.@Nullable Canary canary;
    Semver champion = V1;
    long newRows;
    @Nullable Check check;
    @Nullable Problem refusal;
    Instant now = START;

    @Override
    public String endpoint() {
      return "late";
    }

    @Override
    public Optional<Traffic> traffic() {
      return Optional.of(new Traffic(List.of(champion), canary, V1, "flights@1.0.0", 1));
    }

    @Override
    public List<Deployment> moves(int limit) {
      return moves.reversed();
    }

    @Override
    public long newRows(Instant after, Instant until) {
      return newRows;
    }

    @Override
    public Training start(List<String> reasons) {
      if (refusal != null) throw refusal;
      var training = new Training("t" + all.size(), now, Training.State.RUNNING, null, "");
      all.add(training);
      return training;
    }

    @Override
    public Optional<Training> newest() {
      return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    @Override
    public Training get(String id) {
      return all.stream().filter(t -> t.id().equals(id)).findFirst().orElseThrow();
    }

    @Override
    public Optional<Instant> knownUntil(Semver version) {
      return Optional.empty();
    }

    @Override
    public boolean waits(Semver candidate) {
      return waits;
    }

    @Override
    public void aborted(Semver candidate, String why) {
      aborted.add(candidate);
    }

    void ends(Training.State state, @Nullable Semver candidate, String why) {
      Training last = all.removeLast();
      all.add(new Training(last.id(), last.startedAt(), state, candidate, why));
    }
  }

  private static Deployment move(Kind kind, Semver version, Instant at) {
    return new Deployment(kind, version, null, 100, "test", "because " + kind, at);
  }

  private Retrainer reopened() {
    var min = new LinkedHashMap<>(Map.of("auc_roc", 0.7));
    var max = new LinkedHashMap<>(Map.of("psi", 0.25));
    var policy = new RetrainPolicy(min, new LinkedHashMap<>(), max, 30.0, 100L);
    return new Retrainer(
        db,
        world,
        () -> Optional.ofNullable(world.check),
        new RetrainBlock(policy, Duration.ofDays(14)),
        world);
  }

  private static Instant day(int day) {
    return START.plus(Duration.ofDays(day));
  }

  private Optional<Decided> consider(int day, Map<String, Double> figures) {
    world.now = day(day);
    world.check =
        new Check(
            day(day - 1),
            day(day),
            world.champion,
            Check.State.SERVED,
            5_600,
            1.0,
            2.0,
            FeatureDrift.State.JUDGED,
            30_000,
            new TreeMap<>(figures));
    return retrainer.consider(day(day));
  }

  private static final Map<String, Double> FINE = Map.of("auc_roc", 0.75, "psi", 0.1);
  private static final Map<String, Double> DRIFTED = Map.of("auc_roc", 0.75, "psi", 0.4);

  private Retrain newest() {
    return retrainer.retrains(1).getFirst();
  }

  @Test
  void a_drifted_model_is_trained_released_and_promoted() {
    assertThat(consider(14, FINE).orElseThrow().verdict()).isEqualTo(Verdict.NO);
    Decided decided = consider(15, DRIFTED).orElseThrow();
    assertThat(decided.verdict()).isEqualTo(Verdict.STARTED);
    assertThat(decided.decision().reasons()).containsExactly("data_drift");
    assertThat(newest().state()).isEqualTo(State.TRAINING);
    assertThat(newest().promoted()).isNull();

    world.ends(Training.State.RELEASED, V2, "");
    world.canary = new Traffic.Canary(V2, 0, 10, day(15), day(15));
    retrainer.follow(day(15));
    assertThat(newest().state()).isEqualTo(State.CANARY);
    assertThat(newest().to()).isEqualTo(V2);

    world.canary = null;
    world.champion = V2;
    world.moves.add(move(Kind.PROMOTED, V2, day(16)));
    retrainer.follow(day(16));
    assertThat(newest().state()).isEqualTo(State.PROMOTED);
    assertThat(newest().promoted()).isTrue();
    assertThat(newest().from()).isEqualTo(V1);
    assertThat(newest().why()).isEqualTo("because PROMOTED");
    assertThat(world.aborted).isEmpty();
  }

  @Test
  void an_attempt_is_told_as_the_contract_says() {
    consider(15, DRIFTED);
    JsonNode told = Json.MAPPER.valueToTree(newest());
    assertThat(told.get("at").asText()).isEqualTo("2001-03-16T00:00:00Z");
    assertThat(told.get("reasons").get(0).asText()).isEqualTo("data_drift");
    assertThat(told.get("from").asText()).isEqualTo("1.0.0");
    assertThat(told.get("to").isNull()).isTrue();
    assertThat(told.get("promoted").isNull()).isTrue();
    assertThat(told.get("state").asText()).isEqualTo("training");
    assertThat(told.get("why").asText()).isEmpty();
  }

  @Test
  void one_decision_is_made_for_each_check_and_survives_a_restart() {
    assertThat(consider(15, FINE)).isPresent();
    assertThat(consider(15, DRIFTED)).isEmpty();
    retrainer = reopened();
    assertThat(consider(15, DRIFTED)).isEmpty();
    assertThat(retrainer.decisions(10)).hasSize(1);
    Decided decided = retrainer.decisions(1).getFirst();
    assertThat(decided.signals().figures()).isEqualTo(new TreeMap<>(FINE));
    assertThat(decided.signals().daysSinceTraining()).isEqualTo(15);
    assertThat(decided.signals().newRows()).isZero();
  }

  @Test
  void the_first_deployment_counts_as_a_training_for_the_cooldown() {
    Decided decided = consider(13, DRIFTED).orElseThrow();
    assertThat(decided.verdict()).isEqualTo(Verdict.HELD);
    assertThat(decided.why()).isEqualTo("cooldown until 2001-03-15T00:00:00Z");
    assertThat(consider(14, DRIFTED).orElseThrow().verdict()).isEqualTo(Verdict.STARTED);
  }

  @Test
  void a_rejected_candidate_starts_the_cooldown_too_and_the_champion_stays() {
    consider(14, DRIFTED);
    world.ends(Training.State.REJECTED, null, "auc_roc 0.69, champion 0.71");
    retrainer.follow(day(14));
    assertThat(newest().state()).isEqualTo(State.REJECTED);
    assertThat(newest().promoted()).isFalse();
    assertThat(newest().why()).isEqualTo("auc_roc 0.69, champion 0.71");
    assertThat(consider(15, DRIFTED).orElseThrow().verdict()).isEqualTo(Verdict.HELD);
    assertThat(consider(28, DRIFTED).orElseThrow().verdict()).isEqualTo(Verdict.STARTED);
  }

  @Test
  void a_candidate_that_a_person_must_approve_is_waited_for_and_one_that_nobody_wants_is_not() {
    consider(14, DRIFTED);
    world.waits = true;
    world.ends(Training.State.RELEASED, V2, "");
    retrainer.follow(day(20));
    assertThat(newest().state()).isEqualTo(State.CANARY);
    assertThat(world.aborted).isEmpty();
    world.waits = false;
    retrainer.follow(day(21));
    assertThat(newest().state()).isEqualTo(State.ABORTED);
  }

  @Test
  void a_worse_canary_ends_the_attempt_and_is_told() {
    consider(14, DRIFTED);
    world.ends(Training.State.RELEASED, V2, "");
    world.moves.add(move(Kind.CANARY_STARTED, V2, day(14)));
    world.moves.add(move(Kind.ABORTED, V2, day(15)));
    retrainer.follow(day(15));
    assertThat(newest().state()).isEqualTo(State.ABORTED);
    assertThat(newest().promoted()).isFalse();
    assertThat(world.aborted).containsExactly(V2);
  }

  @Test
  void a_rollback_during_the_canary_ends_the_attempt() {
    consider(14, DRIFTED);
    world.ends(Training.State.RELEASED, V2, "");
    world.moves.add(move(Kind.CANARY_STARTED, V2, day(14)));
    world.moves.add(move(Kind.ROLLED_BACK, V1, day(15)));
    retrainer.follow(day(15));
    assertThat(newest().state()).isEqualTo(State.ABORTED);
  }

  @Test
  void nothing_starts_while_a_training_or_a_canary_is_under_way() {
    consider(14, DRIFTED);
    assertThat(consider(40, DRIFTED).orElseThrow().why()).isEqualTo("a training is under way");
    world.ends(Training.State.RELEASED, V2, "");
    world.canary = new Traffic.Canary(V2, 0, 10, day(41), day(41));
    assertThat(consider(41, DRIFTED).orElseThrow().why()).isEqualTo("the canary 1.0.1 is running");
    assertThat(world.all).hasSize(1);
  }

  @Test
  void a_training_that_someone_else_started_holds_and_counts() {
    world.all.add(new Training("by-hand", day(20), Training.State.RUNNING, null, ""));
    assertThat(consider(21, DRIFTED).orElseThrow().why()).isEqualTo("a training is under way");
    world.ends(Training.State.REJECTED, null, "");
    assertThat(consider(22, DRIFTED).orElseThrow().why()).startsWith("cooldown until 2001-04-04");
  }

  @Test
  void an_attempt_that_was_cut_short_before_its_training_began_goes_on_once() {
    world.refusal = new Problem(Fault.STORE_BUSY, "no", "try");
    consider(14, DRIFTED);
    assertThat(newest().state()).isEqualTo(State.STARTING);

    world.refusal = null;
    retrainer = reopened();
    retrainer.follow(day(14));
    assertThat(newest().state()).isEqualTo(State.TRAINING);
    assertThat(world.all).hasSize(1);
  }

  @Test
  void a_training_that_began_and_was_not_noted_is_taken_up() {
    world.refusal = new Problem(Fault.STORE_BUSY, "no", "try");
    consider(14, DRIFTED);
    world.all.add(new Training("lost", day(14), Training.State.RUNNING, null, ""));
    retrainer = reopened();
    retrainer.follow(day(14));
    assertThat(newest().training()).isEqualTo("lost");
    assertThat(world.all).hasSize(1);
  }

  @Test
  void a_training_that_cannot_be_started_fails_the_attempt_and_says_why() {
    world.refusal = new Problem(Fault.BAD_CANDIDATE, "no such tree", "plant one");
    consider(14, DRIFTED);
    assertThat(newest().state()).isEqualTo(State.FAILED);
    assertThat(newest().why()).contains("no such tree");
  }

  @Test
  void what_is_missing_or_stale_gives_no_reason_and_is_said() {
    Decided decided = consider(20, Map.of("auc_roc", 0.75)).orElseThrow();
    assertThat(decided.verdict()).isEqualTo(Verdict.NO);
    assertThat(decided.why()).isEqualTo("not known: psi");

    world.check =
        new Check(
            day(20),
            day(21),
            V1,
            Check.State.SERVED,
            1,
            null,
            null,
            FeatureDrift.State.JUDGED,
            1,
            new TreeMap<>(DRIFTED));
    Decided late = retrainer.consider(day(25)).orElseThrow();
    assertThat(late.verdict()).isEqualTo(Verdict.NO);
    assertThat(late.decision().missing()).containsExactly("auc_roc", "psi");
  }

  @Test
  void all_four_reasons_can_meet() {
    world.newRows = 101;
    Decided decided = consider(31, Map.of("auc_roc", 0.6, "psi", 0.4)).orElseThrow();
    assertThat(decided.decision().reasons())
        .containsExactly(
            "accuracy_degradation", "data_drift", "scheduled_retrain", "new_data_available");
    assertThat(newest().reasons()).isEqualTo(decided.decision().reasons());
  }
}
