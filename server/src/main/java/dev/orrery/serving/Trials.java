package dev.orrery.serving;

import dev.orrery.journal.Journal.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What versions under trial have shown, and what becomes of them when it is due.
final class Trials implements AutoCloseable {
  /// A report is made anew only so long after the last one, for it reads the trial's whole log.
  private static final Duration FRESH = Duration.ofSeconds(3);

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final Releases releases;
  private final LogScan scan;
  private final Shadow forGood;
  private final Shadow tried;
  private @Nullable ShadowFollower follower;
  private final Fresh<SequencedMap<String, ArmTally>> tallies = new Fresh<>();
  private final Fresh<Optional<ShadowReport>> shadows = new Fresh<>();
  private final Fresh<List<CanaryJudge.Finding>> findings = new Fresh<>();

  Trials(PredictionLog log, Outcomes outcomes, Releases releases, String time) {
    this.log = log;
    this.outcomes = outcomes;
    this.releases = releases;
    this.scan = new LogScan(log, outcomes, time);
    this.forGood = new Shadow(log);
    this.tried = new Shadow(log);
  }

  /// What was computed last, for a while.
  private static final class Fresh<T> {
    private @Nullable T value;
    private long epoch = -1;
    private long nanos;

    synchronized T get(long at, java.util.function.Supplier<T> make) {
      T last = value;
      if (last != null && epoch == at && System.nanoTime() - nanos < FRESH.toNanos()) return last;
      T made = make.get();
      value = made;
      epoch = at;
      nanos = System.nanoTime();
      return made;
    }
  }

  /// Does what is due by the clock: the canary's next step or its end, the end of an A/B test.
  Optional<Deployment> tick(Live now, Instant instant) {
    if (now.traffic().canary() != null) return canary(now, now.traffic().canary(), instant);
    if (now.traffic().experiment() != null) {
      return experiment(now.traffic().experiment(), instant);
    }
    return Optional.empty();
  }

  private Optional<Deployment> canary(Live now, Traffic.Canary canary, Instant instant) {
    Loaded young = now.canary();
    if (young == null) return Optional.empty();
    if (instant.isBefore(canary.stepSince().plus(now.terms().trial().hold())))
      return Optional.empty();
    return switch (CanaryJudge.judge(
        rows(canary, instant),
        now.champion().model(),
        young,
        now.terms().trial().abortOn(),
        isLast(now, canary))) {
      case CanaryJudge.Verdict.TooFewRows _ -> Optional.empty();
      case CanaryJudge.Verdict.Worse(String why) -> Optional.of(releases.abort("orrery", why));
      case CanaryJudge.Verdict.Fine(double difference, int n) ->
          Optional.of(
              releases.step(
                  "log loss %+.5f against the champion over %d rows".formatted(difference, n)));
    };
  }

  private ScoredRows rows(Traffic.Canary canary, Instant instant) {
    return scan.rows(RequestRows.micros(canary.since()), RequestRows.micros(instant), instant);
  }

  private static boolean isLast(Live now, Traffic.Canary canary) {
    return canary.step() == now.terms().trial().steps().size() - 1;
  }

  private Optional<Deployment> experiment(Traffic.Experiment experiment, Instant instant) {
    if (experiment.verdict() != null) return Optional.empty();
    if (instant.isBefore(experiment.since().plus(experiment.test().duration()))) {
      return Optional.empty();
    }
    SequencedMap<String, ArmTally> arms = tallies(experiment, instant);
    boolean enough =
        arms.values().stream().allMatch(arm -> arm.known() >= experiment.test().minSampleSize());
    if (!enough) return Optional.empty();
    return Optional.of(releases.decided(ExperimentJudge.verdict(experiment.test(), arms, instant)));
  }

  private SequencedMap<String, ArmTally> tallies(Traffic.Experiment experiment, Instant instant) {
    return ExperimentScan.of(log, outcomes, experiment, instant);
  }

  Optional<ExperimentJudge.Progress> progress(Live now, Instant instant) {
    Traffic.Experiment experiment = now.traffic().experiment();
    if (experiment == null) return Optional.empty();
    var arms = tallies.get(now.traffic().epoch(), () -> tallies(experiment, instant));
    return Optional.of(ExperimentJudge.progress(experiment, arms, instant));
  }

  /// What each of the canary's rules finds at the moment.
  List<CanaryJudge.Finding> findings(Live now, Instant instant) {
    Traffic.Canary canary = now.traffic().canary();
    Loaded young = now.canary();
    if (canary == null || young == null) return List.of();
    return findings.get(
        now.traffic().epoch(),
        () ->
            CanaryJudge.findings(
                rows(canary, instant),
                now.champion().model(),
                young,
                now.terms().trial().abortOn(),
                isLast(now, canary)));
  }

  /// How the version that is tried as a shadow differs from what clients get; else the one that
  /// goes on for good.
  Optional<ShadowReport> shadow(Live now) {
    Traffic.Candidate candidate = now.traffic().candidate();
    Loaded loaded = candidate == null ? now.shadow() : now.candidate();
    // Beside itself a version does not differ.
    if (loaded == null || loaded == now.champion()) return Optional.empty();
    Position from =
        candidate == null ? Position.START : new Position(candidate.segment(), candidate.offset());
    return shadows.get(
        now.traffic().epoch(),
        () ->
            Optional.of(
                ShadowReport.of(
                    log,
                    outcomes,
                    loaded,
                    now.champion().version(),
                    recent(from),
                    candidate == null ? null : candidate.since())));
  }

  /// A shadow that goes on for good is reported of over the last segments.
  private Position recent(Position from) {
    int segment = Math.max(from.segment(), log.end().segment() - 50);
    return segment == from.segment() ? from : new Position(segment, Position.START.offset());
  }

  /// Has the shadows score everything that was answered until now.
  void catchUp(@Nullable Live now) {
    forGood.catchUp(now == null ? null : now.shadow());
    tried.catchUp(candidate(now), candidateFrom(now));
  }

  /// Has the shadows follow by themselves from now on.
  synchronized void follow() {
    if (follower != null) return;
    follower = new ShadowFollower(() -> catchUp(releases.live(), ShadowFollower.FRAMES_AT_ONCE));
  }

  /// Has each shadow score at most so many answers; whether that left any.
  private boolean catchUp(@Nullable Live now, int framesMax) {
    boolean left = forGood.catchUp(now == null ? null : now.shadow(), Position.START, framesMax);
    return tried.catchUp(candidate(now), candidateFrom(now), framesMax) || left;
  }

  @Override
  public synchronized void close() {
    if (follower != null) follower.close();
  }

  private static @Nullable Loaded candidate(@Nullable Live now) {
    return now == null || now.traffic().candidate() == null ? null : now.candidate();
  }

  private static Position candidateFrom(@Nullable Live now) {
    Traffic.Candidate candidate = now == null ? null : now.traffic().candidate();
    return candidate == null
        ? Position.START
        : new Position(candidate.segment(), candidate.offset());
  }
}
