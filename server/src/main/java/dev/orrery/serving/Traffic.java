package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.ArrayList;
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
public record Traffic(
    List<Semver> stack,
    @Nullable Canary canary,
    @Nullable Semver shadow,
    String history,
    long epoch,
    @Nullable Candidate candidate,
    @Nullable Experiment experiment) {
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
  public Traffic {
    stack = List.copyOf(stack);
  }

  public Traffic(
      List<Semver> stack,
      @Nullable Canary canary,
      @Nullable Semver shadow,
      String history,
      long epoch) {
    this(stack, canary, shadow, history, epoch, null, null);
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

  Traffic withChampion(Semver version) {
    var longer = new ArrayList<>(stack);
    longer.add(version);
    while (longer.size() > STACK_MAX) longer.removeFirst();
    return new Traffic(longer, null, shadow, history, epoch + 1);
  }

  Traffic withCanary(Canary other) {
    return new Traffic(stack, other, shadow, history, epoch + 1);
  }

  Traffic withCandidate(Candidate other) {
    return new Traffic(stack, null, shadow, history, epoch + 1, other, null);
  }

  Traffic withExperiment(Experiment other) {
    return new Traffic(stack, null, shadow, history, epoch + 1, null, other);
  }

  Traffic withoutTrial() {
    return new Traffic(stack, null, shadow, history, epoch + 1);
  }

  /// The state after one rollback; a trial, if any, ends too.
  Traffic rolledBack() {
    return new Traffic(stack.subList(0, stack.size() - 1), null, shadow, history, epoch + 1);
  }
}
