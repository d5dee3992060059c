package dev.orrery.retrain;

import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.monitor.Check;
import dev.orrery.monitor.Monitor;
import dev.orrery.retrain.Decided.Verdict;
import dev.orrery.retrain.Retrain.State;
import dev.orrery.retrain.Trainings.Training;
import dev.orrery.serving.Deployment;
import dev.orrery.serving.Traffic;
import dev.orrery.sql.Db;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Decides after each check whether to train again, and follows what becomes of it.
///
/// Safe for use by many threads. Nothing is kept but in rows: after a crash it goes on.
public final class Retrainer {
  private static final int MOVES_MAX = 1_000;
  private static final int LIMIT_MAX = 10_000;
  private static final double MILLIS_A_DAY = 86_400_000.0;

  /// A check older than so many of its own periods says nothing of now.
  private static final int STALE_PERIODS = 2;

  private final Db db;
  private final Service service;
  private final Supplier<Optional<Check>> latest;
  private final RetrainBlock block;
  private final Trainings trainings;
  private final RetrainStore store;

  /// The end of the check that was decided on last; only saves a query.
  private @Nullable Instant decidedUpTo;

  public Retrainer(
      Db db, Service service, Monitor monitor, RetrainBlock block, Trainings trainings) {
    this(db, service, monitor::latest, block, trainings);
  }

  Retrainer(
      Db db,
      Service service,
      Supplier<Optional<Check>> latest,
      RetrainBlock block,
      Trainings trainings) {
    this.db = db;
    this.service = service;
    this.latest = latest;
    this.block = block;
    this.trainings = trainings;
    this.store = new RetrainStore(db, service.endpoint());
  }

  /// Follows the attempt under way, and decides on the newest check if nobody did yet. Called
  /// whenever the clock has moved or work has ended; cheap when there is nothing to do.
  ///
  /// @return the decision, if one was made
  public synchronized Optional<Decided> consider(Instant now) {
    follow(now);
    Check check = latest.get().orElse(null);
    Traffic traffic = service.traffic().orElse(null);
    if (check == null || traffic == null || isDecided(check)) return Optional.empty();
    Decided decided = decide(check, traffic, now);
    boolean recorded =
        db.write(tx -> {
          if (!store.record(tx, decided)) return false;
          if (decided.verdict() == Verdict.STARTED) {
            store.begin(
                tx,
                new Retrain(
                    now,
                    decided.decision().reasons(),
                    traffic.champion(),
                    null,
                    null,
                    State.STARTING,
                    "",
                    now));
          }
          return true;
        });
    decidedUpTo = check.to();
    if (!recorded) return Optional.empty();
    if (decided.verdict() == Verdict.STARTED) follow(now);
    return Optional.of(decided);
  }

  private boolean isDecided(Check check) {
    Instant known = decidedUpTo;
    if (known == null) known = store.decidedUpTo().orElse(Instant.MIN);
    decidedUpTo = known;
    return !check.to().isAfter(known);
  }

  private Decided decide(Check check, Traffic traffic, Instant now) {
    List<Deployment> moves = service.moves(MOVES_MAX);
    Optional<Instant> trained = lastTraining(moves);
    Signals signals = signals(check, traffic, moves, trained, now);
    Decision decision = block.policy().decide(signals);
    String hold = hold(traffic, trained, now);
    Verdict verdict;
    if (!decision.shouldRetrain()) verdict = Verdict.NO;
    else verdict = hold.isEmpty() ? Verdict.STARTED : Verdict.HELD;
    String unknown =
        decision.missing().isEmpty() ? "" : "not known: " + String.join(", ", decision.missing());
    String why = verdict == Verdict.HELD ? hold : "";
    if (!why.isEmpty() && !unknown.isEmpty()) why += "; ";
    return new Decided(check.to(), now, signals, decision, verdict, why + unknown);
  }

  private Signals signals(
      Check check,
      Traffic traffic,
      List<Deployment> moves,
      Optional<Instant> trained,
      Instant now) {
    Duration period = Duration.between(check.from(), check.to());
    boolean stale = check.to().plus(period.multipliedBy(STALE_PERIODS)).isBefore(now);
    Double days =
        trained.map(at -> Duration.between(at, now).toMillis() / MILLIS_A_DAY).orElse(null);
    Optional<Instant> known =
        trainings.knownUntil(traffic.champion()).or(() -> firstDeployment(moves));
    Long rows =
        block.policy().newRowsMax() == null
            ? null
            : known.map(at -> service.newRows(at, now)).orElse(null);
    return new Signals(stale ? new TreeMap<>() : check.figures(), days, rows);
  }

  /// What speaks against a training now; empty if nothing does.
  private String hold(Traffic traffic, Optional<Instant> trained, Instant now) {
    if (traffic.canary() != null) {
      return "the canary %s is running".formatted(traffic.canary().version());
    }
    if (traffic.trial() != null) return "the trial of %s is running".formatted(traffic.trial());
    if (open().isPresent() || trainings.newest().filter(Retrainer::isRunning).isPresent()) {
      return "a training is under way";
    }
    Instant until = trained.map(at -> at.plus(block.cooldown())).orElse(Instant.MIN);
    return now.isBefore(until) ? "cooldown until " + until : "";
  }

  private static boolean isRunning(Training training) {
    return training.state() == Training.State.RUNNING;
  }

  /// When a training last began; the first deployment counts as one.
  private Optional<Instant> lastTraining(List<Deployment> moves) {
    Optional<Instant> attempted = store.attempts(1).stream().findFirst().map(Retrain::at);
    Optional<Instant> started = trainings.newest().map(Training::startedAt);
    return later(later(attempted, started), firstDeployment(moves));
  }

  private static Optional<Instant> later(Optional<Instant> a, Optional<Instant> b) {
    if (a.isEmpty()) return b;
    return b.filter(other -> other.isAfter(a.get())).or(() -> a);
  }

  private static Optional<Instant> firstDeployment(List<Deployment> moves) {
    return moves.isEmpty() ? Optional.empty() : Optional.of(moves.getLast().at());
  }

  /// The attempt that has not come to its end.
  private Optional<Retrain> open() {
    return store.attempts(1).stream().findFirst().filter(last -> !last.state().isEnd());
  }

  /// Moves the attempt under way on as far as it goes: starts its training, sees it end, sees its
  /// canary end.
  public synchronized void follow(Instant now) {
    // Starting, training, canary, end: no attempt takes more steps.
    for (int step = 0; step < 4; step++) {
      Optional<Retrain> open = open();
      if (open.isEmpty()) return;
      Retrain next = next(open.get(), now);
      if (next.state() == open.get().state()) return;
      Semver candidate = next.to();
      if (next.state() == State.ABORTED && candidate != null) {
        trainings.aborted(candidate, next.why());
      }
      store.update(open.get().state(), next);
    }
  }

  private Retrain next(Retrain attempt, Instant now) {
    return switch (attempt.state()) {
      case STARTING -> started(attempt, now);
      case TRAINING -> trained(attempt, now);
      case CANARY -> released(attempt, now);
      case PROMOTED, ABORTED, REJECTED, FAILED -> attempt;
    };
  }

  private Retrain started(Retrain attempt, Instant now) {
    // One that began since the attempt did is its own: the process ended before it was noted.
    Optional<Training> begun =
        trainings.newest().filter(training -> !training.startedAt().isBefore(attempt.at()));
    try {
      Training training = begun.isPresent() ? begun.get() : trainings.start(attempt.reasons());
      return attempt.with(training, now);
    } catch (Problem e) {
      return switch (e.kind()) {
        // What mends by itself is tried again in the next round.
        case UNAVAILABLE, CONFLICT, STORAGE_FULL -> attempt;
        case INVALID,
            DENIED,
            NOT_FOUND,
            GATE_NOT_MET,
            TOO_LARGE,
            UNSUPPORTED,
            LIMITED,
            DATA_LOSS,
            INTERNAL ->
            attempt.with(State.FAILED, null, "could not be started: " + e.getMessage(), now);
      };
    }
  }

  private Retrain trained(Retrain attempt, Instant now) {
    Training training = trainings.get(java.util.Objects.requireNonNull(attempt.training()));
    Semver candidate = training.candidate();
    return switch (training.state()) {
      case RUNNING -> attempt;
      case REJECTED -> attempt.with(State.REJECTED, candidate, training.why(), now);
      case FAILED -> attempt.with(State.FAILED, candidate, training.why(), now);
      case RELEASED -> attempt.with(State.CANARY, candidate, training.why(), now);
    };
  }

  private Retrain released(Retrain attempt, Instant now) {
    Semver candidate = attempt.to();
    if (candidate == null) {
      return attempt.with(State.FAILED, null, "the training named no version", now);
    }
    boolean moved = false;
    for (Deployment move : service.moves(MOVES_MAX)) {
      if (move.at().isBefore(attempt.at())) break;
      if (!move.version().equals(candidate)) continue;
      moved = true;
      switch (move.kind()) {
        case PROMOTED, DEPLOYED -> {
          return attempt.with(State.PROMOTED, candidate, move.why(), now);
        }
        case ABORTED -> {
          return attempt.with(State.ABORTED, candidate, move.why(), now);
        }
        case CANARY_STARTED,
            CANARY_STEPPED,
            SHADOW_STARTED,
            EXPERIMENT_STARTED,
            EXPERIMENT_ENDED,
            ROLLED_BACK,
            CONFIGURED -> {}
      }
    }
    boolean running =
        service
            .traffic()
            .map(Traffic::canary)
            .filter(canary -> canary.version().equals(candidate))
            .isPresent();
    // A rollback takes the canary out too, without a move of its own.
    String why =
        moved ? "taken out of service by a rollback" : "it was not deployed: see its pipeline run";
    return running || trainings.waits(candidate)
        ? attempt
        : attempt.with(State.ABORTED, candidate, why, now);
  }

  /// Attempts, newest first.
  public List<Retrain> retrains(int limit) {
    return store.attempts(Math.clamp(limit, 1, LIMIT_MAX));
  }

  /// Decisions, newest first.
  public List<Decided> decisions(int limit) {
    return store.decisions(Math.clamp(limit, 1, LIMIT_MAX));
  }
}
