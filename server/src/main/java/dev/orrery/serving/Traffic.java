package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which versions an endpoint serves: the state that is stored, and that a move turns into another.
///
/// Of canary, candidate and experiment there is one at most: they are the trial.
///
/// @param stack the champions so far, the present one last; a rollback takes it off
/// @param shadow the version that scores what others answered, from the log, for good
/// @param history the data version whose rows came before the first prediction: what the live
///   features start from
/// @param epoch counts the moves
/// @param candidate the version that is tried as a shadow
/// @param experiment the A/B test that runs
/// @param blueprints for each of the stack the digest of what it was deployed with; empty where an
///   older program deployed it
/// @param trialBlueprint that of the trial
public record Traffic(
    List<Semver> stack,
    @Nullable Canary canary,
    @Nullable Semver shadow,
    String history,
    long epoch,
    @Nullable Candidate candidate,
    @Nullable Experiment experiment,
    List<String> blueprints,
    @Nullable String trialBlueprint) {
  /// How many champions a rollback can walk back.
  private static final int STACK_MAX = 100;

  /// A version under trial.
  ///
  /// @param step which of the steps it is at, from 0
  /// @param percent its share of the requests
  /// @param since when the trial began
  /// @param stepSince when this step began
  public record Canary(Semver version, int step, int percent, Instant since, Instant stepSince) {}

  /// A version that is tried as a shadow; the log from `segment` and `offset` on is its trial.
  public record Candidate(Semver version, Instant since, int segment, long offset) {}

  /// An A/B test under way, or at its end but not decided upon.
  ///
  /// @param test as it was when it began; every variant has its version
  /// @param since when it began; the log from `segment` and `offset` on is its trial
  /// @param verdict null until both the time and the sample are reached; then it stands for good
  public record Experiment(
      AbTest test, Instant since, int segment, long offset, @Nullable Verdict verdict) {
    Experiment with(Verdict found) {
      return new Experiment(test, since, segment, offset, found);
    }
  }

  @JsonCreator
  public Traffic(
      List<Semver> stack,
      @Nullable Canary canary,
      @Nullable Semver shadow,
      String history,
      long epoch,
      @Nullable Candidate candidate,
      @Nullable Experiment experiment,
      @Nullable List<String> blueprints,
      @Nullable String trialBlueprint) {
    this.stack = List.copyOf(stack);
    this.canary = canary;
    this.shadow = shadow;
    this.history = history;
    this.epoch = epoch;
    this.candidate = candidate;
    this.experiment = experiment;
    this.blueprints =
        blueprints == null ? Collections.nCopies(stack.size(), "") : List.copyOf(blueprints);
    this.trialBlueprint = trialBlueprint;
  }

  public Traffic(
      List<Semver> stack,
      @Nullable Canary canary,
      @Nullable Semver shadow,
      String history,
      long epoch) {
    this(stack, canary, shadow, history, epoch, null, null, null, null);
  }

  /// One version for all, of which nothing else is known yet.
  static Traffic first(Semver version, boolean shadow, String history, String blueprint) {
    return new Traffic(
        List.of(version),
        null,
        shadow ? version : null,
        history,
        1,
        null,
        null,
        List.of(blueprint),
        null);
  }

  @JsonIgnore
  public Semver champion() {
    return stack.getLast();
  }

  /// The version under trial, in whatever way; of an A/B test the first that is not the control.
  public @Nullable Semver trial() {
    if (canary != null) return canary.version();
    if (candidate != null) return candidate.version();
    return experiment == null ? null : experiment.test().variants().get(1).version();
  }

  /// Every version that is needed to answer, or to score behind.
  List<Semver> needed() {
    var needed = new ArrayList<Semver>();
    needed.add(champion());
    if (canary != null) needed.add(canary.version());
    if (candidate != null) needed.add(candidate.version());
    if (experiment != null) {
      for (AbTest.Variant variant : experiment.test().variants()) {
        if (variant.version() != null) needed.add(variant.version());
      }
    }
    return needed;
  }

  /// The digest of what the champion was deployed with.
  @JsonIgnore
  String blueprint() {
    return blueprints.getLast();
  }

  /// That of the newest deployment of a version, of those that are not ended; empty if there is
  /// none.
  String blueprint(Semver version) {
    if (trialBlueprint != null && version.equals(trial())) return trialBlueprint;
    int at = stack.lastIndexOf(version);
    return at < 0 ? "" : blueprints.get(at);
  }

  /// The digest of what a version that was moved is served by now; null if it is out of traffic.
  @Nullable String blueprintNow(Semver version) {
    if (version.equals(champion())) return blueprint();
    return trial() == null ? null : trialBlueprint;
  }

  Traffic withChampion(Semver version, String by) {
    var longer = new ArrayList<>(stack);
    longer.add(version);
    var longerBy = new ArrayList<>(blueprints);
    longerBy.add(by);
    while (longer.size() > STACK_MAX) {
      longer.removeFirst();
      longerBy.removeFirst();
    }
    return new Traffic(longer, null, shadow, history, epoch + 1, null, null, longerBy, null);
  }

  /// The same state, in which the first version scores as a shadow for good, or none does.
  Traffic shadowing(boolean first) {
    if (first == (shadow != null)) return this;
    return new Traffic(
        stack,
        canary,
        first ? stack.getFirst() : null,
        history,
        epoch,
        candidate,
        experiment,
        blueprints,
        trialBlueprint);
  }

  /// The same state, whose champion was deployed with this all along.
  Traffic withBlueprint(String by) {
    var same = new ArrayList<>(blueprints);
    same.set(same.size() - 1, by);
    return new Traffic(
        stack, canary, shadow, history, epoch, candidate, experiment, same, trialBlueprint);
  }

  Traffic withCanary(Canary other, @Nullable String by) {
    return with(other, null, null, by);
  }

  Traffic withCandidate(Candidate other, @Nullable String by) {
    return with(null, other, null, by);
  }

  Traffic withExperiment(Experiment other, @Nullable String by) {
    return with(null, null, other, by);
  }

  Traffic withoutTrial() {
    return with(null, null, null, null);
  }

  private Traffic with(
      @Nullable Canary aCanary,
      @Nullable Candidate aCandidate,
      @Nullable Experiment anExperiment,
      @Nullable String by) {
    return new Traffic(
        stack, aCanary, shadow, history, epoch + 1, aCandidate, anExperiment, blueprints, by);
  }

  /// The state after one rollback; a trial, if any, ends too.
  Traffic rolledBack() {
    int left = stack.size() - 1;
    return new Traffic(
        stack.subList(0, left),
        null,
        shadow,
        history,
        epoch + 1,
        null,
        null,
        blueprints.subList(0, left),
        null);
  }
}
