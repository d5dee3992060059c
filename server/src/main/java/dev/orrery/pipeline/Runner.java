package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.jobs.Job;
import dev.orrery.jobs.Lease;
import dev.orrery.pipeline.PipelineEvent.Progressed;
import dev.orrery.pipeline.PipelineEvent.RunEnded;
import dev.orrery.pipeline.PipelineEvent.StageBegan;
import dev.orrery.pipeline.PipelineEvent.StageEnded;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes one run through its stages, in one attempt of its job. Every write is fenced by the lease:
/// a worker that has lost the job changes nothing.
final class Runner {
  private static final Logger LOG = LoggerFactory.getLogger(Runner.class);

  private final Parts parts;
  private final List<PipelineListener> listeners;
  private final PipelineRun run;
  private final Job job;
  private final Lease lease;
  private @Nullable Stages stages;

  /// What a stage does: its work, and then, in the transaction that ends the stage, its output.
  interface Body<T> {
    Ending<T> work();
  }

  /// Makes a stage's output in the transaction that ends the stage; it may be called again.
  interface Ending<T> {
    T in(Tx tx);
  }

  Runner(Parts parts, List<PipelineListener> listeners, PipelineRun run, Job job, Lease lease) {
    this.parts = parts;
    this.listeners = listeners;
    this.run = run;
    this.job = job;
    this.lease = lease;
  }

  void run() {
    if (run.state().isEnd()) return;
    try {
      begin();
      Recipe recipe = RecipeReader.read(parts.project().get());
      stages = new Stages(parts, recipe, run, this);
      walk(stages);
    } catch (Problem e) {
      if (lease.stopping() || isCutShort(e) || mayMend(e)) throw e;
      end(PipelineRun.State.FAILED, null, List.of(), Failure.of(e));
    } catch (Error e) {
      // As if the process had ended here; but not again and again.
      if (job.failures() + 1 >= Pipelines.RETRY.failuresMax()) {
        end(PipelineRun.State.FAILED, null, List.of(), Failure.of(bug(e)));
      }
      throw e;
    }
  }

  private void walk(Stages all) {
    Outputs.Data data = stage(Stage.DATA, Outputs.Data.class, all::data);
    all.killLeftovers(data.record());
    var features = stage(Stage.FEATURES, Outputs.Features.class, () -> all.features(data));
    var train = stage(Stage.TRAIN, Outputs.Train.class, () -> all.train(data, features));
    var gate = stage(Stage.GATE, Outputs.Gate.class, () -> all.gate(data, train));
    all.forgetRows();
    if (!gate.rejections().isEmpty()) {
      end(PipelineRun.State.REJECTED, null, gate.rejections(), null);
      return;
    }
    var version =
        stage(Stage.REGISTER, Outputs.Register.class, () -> all.register(data, features, gate));
    stage(Stage.DEPLOY, Outputs.Deploy.class, () -> all.deploy(version));
    end(PipelineRun.State.SUCCEEDED, version.version(), List.of(), null);
  }

  private void begin() {
    Instant now = parts.clock().instant();
    parts
        .db()
        .write(tx -> {
          lease.fence(tx);
          PipelineStore.loseRunning(tx, run.id(), now);
          PipelineStore.running(tx, run.id());
          return run;
        });
  }

  /// The output of a stage: what it made when it finished, by the same definitions, or what it
  /// makes now.
  private <T> T stage(Stage stage, Class<T> type, Body<T> body) {
    lease.check();
    Digest definitions = definitions();
    List<StageRun> attempts = parts.db().read(tx -> PipelineStore.attempts(tx, run.id(), stage));
    Optional<StageRun> finished =
        attempts.stream()
            .filter(a -> a.state() == StageRun.State.FINISHED)
            .filter(a -> a.definitions().equals(definitions))
            .findFirst();
    if (finished.isPresent() && finished.get().output() != null) {
      return Json.read(Json.text(finished.get().output()), type);
    }
    long attempt = attempts.isEmpty() ? 1 : attempts.getFirst().attempt() + 1;
    var begun =
        new StageRun(
            run.id(),
            stage,
            attempt,
            definitions,
            StageRun.State.RUNNING,
            parts.clock().instant(),
            null,
            null,
            null,
            null);
    fenced(tx -> PipelineStore.begin(tx, begun));
    tell(new StageBegan(run.id(), stage, attempt));
    long start = System.nanoTime();
    try {
      Ending<T> ending = body.work();
      return finish(begun, ending, start);
    } catch (Problem e) {
      if (!lease.stopping() && !isCutShort(e)) fail(begun, e, start);
      throw e;
    } catch (RuntimeException e) {
      if (lease.stopping()) throw e;
      Problem bug = bug(e);
      fail(begun, bug, start);
      throw bug;
    }
  }

  private <T> T finish(StageRun begun, Ending<T> ending, long start) {
    record Done<T>(T output, StageRun stage) {}
    Done<T> done =
        parts
            .db()
            .write(tx -> {
              lease.fence(tx);
              T output = ending.in(tx);
              StageRun ended = ended(begun, StageRun.State.FINISHED, start, output, null);
              PipelineStore.end(tx, ended);
              return new Done<>(output, ended);
            });
    tell(new StageEnded(run.id(), done.stage()));
    return done.output();
  }

  private void fail(StageRun begun, Problem e, long start) {
    LOG.warn("Stage {} of pipeline run {} failed: {}", begun.stage(), run.id(), e.getMessage());
    StageRun ended = ended(begun, StageRun.State.FAILED, start, null, Failure.of(e));
    fenced(tx -> PipelineStore.end(tx, ended));
    tell(new StageEnded(run.id(), ended));
  }

  private StageRun ended(
      StageRun begun,
      StageRun.State state,
      long start,
      @Nullable Object output,
      @Nullable Failure failure) {
    return new StageRun(
        begun.run(),
        begun.stage(),
        begun.attempt(),
        begun.definitions(),
        state,
        begun.startedAt(),
        parts.clock().instant(),
        (System.nanoTime() - start) / 1_000_000,
        output == null ? null : Json.MAPPER.valueToTree(output),
        failure);
  }

  private void end(
      PipelineRun.State state,
      @Nullable String version,
      List<String> rejections,
      @Nullable Failure failure) {
    Stages all = stages;
    if (all != null) all.endRecord(state);
    else Stages.killLeftovers(parts.tracking(), run, "");
    var ended =
        new PipelineRun(
            run.id(),
            run.project(),
            run.model(),
            run.renews(),
            run.reasons(),
            run.knownUntil(),
            state,
            version,
            rejections,
            failure,
            run.createdAt(),
            parts.clock().instant());
    parts
        .db()
        .write(tx -> {
          lease.finish(tx);
          PipelineStore.end(tx, ended);
          return ended;
        });
    tell(new RunEnded(run.id(), ended));
  }

  /// Says how far a stage is, and ends it if it should end.
  void progress(Stage stage, String what, double share) {
    lease.check();
    tell(new Progressed(run.id(), stage, what, Math.clamp(share, 0, 1)));
  }

  private void tell(PipelineEvent event) {
    for (PipelineListener listener : listeners) {
      try {
        listener.on(event);
      } catch (RuntimeException e) {
        LOG.warn("A listener failed at {}", event, e);
      }
    }
  }

  private void fenced(java.util.function.Consumer<Tx> write) {
    parts
        .db()
        .write(tx -> {
          lease.fence(tx);
          write.accept(tx);
          return run;
        });
  }

  private Digest definitions() {
    return java.util.Objects.requireNonNull(stages).definitions();
  }

  /// Whether the attempt ended from outside, so that there is nothing to note.
  private static boolean isCutShort(Problem e) {
    return e.fault() == Fault.INTERRUPTED || e.fault() == Fault.LEASE_LOST;
  }

  /// Whether the job should try again: the world may have changed, and it was not tried too often.
  private boolean mayMend(Problem e) {
    boolean passing =
        switch (e.kind()) {
          case LIMITED, UNAVAILABLE, STORAGE_FULL -> true;
          case INVALID,
              DENIED,
              NOT_FOUND,
              CONFLICT,
              GATE_NOT_MET,
              TOO_LARGE,
              UNSUPPORTED,
              DATA_LOSS,
              INTERNAL ->
              false;
        };
    return passing && job.failures() + 1 < Pipelines.RETRY.failuresMax();
  }

  private static Problem bug(Throwable e) {
    LOG.error("A bug in a stage", e);
    return new Problem(
            Fault.STAGE_FAILED,
            "the stage failed: " + e,
            "Report this with the log; it is a fault of Orrery, not of the project")
        .because(e);
  }
}
