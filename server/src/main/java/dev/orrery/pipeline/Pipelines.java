package dev.orrery.pipeline;

import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.blob.Gc;
import dev.orrery.jobs.Job;
import dev.orrery.jobs.Lease;
import dev.orrery.jobs.Retry;
import dev.orrery.project.Project;
import dev.orrery.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/// Runs of the training pipeline: ask for one, watch it, look at it afterwards.
///
/// A run is durable work: asked for, it comes to its end, whatever happens to the process. Safe for
/// use by many threads.
public final class Pipelines {
  static final String JOB = "pipeline";
  static final Retry RETRY = new Retry(3, Duration.ofSeconds(1));

  private static final int LIST_MAX = 1_000;

  private final Parts parts;
  private final Semaphore reproducing = new Semaphore(1);
  private final List<PipelineListener> listeners = new CopyOnWriteArrayList<>();

  /// Runs that were under way go on once the jobs are started.
  public Pipelines(Parts parts) {
    this.parts = parts;
    parts.jobs().handle(JOB, RETRY, this::run);
    parts
        .db()
        .write(tx -> {
          List<PipelineRun> open = PipelineStore.open(tx);
          // Each has a job; should that have ended without the run, it gets another.
          open.forEach(run -> submit(tx, run));
          return open;
        });
  }

  /// Tells the collector of blobs what stages have made.
  public static void markFor(Gc gc) {
    gc.marks((tx, texts) ->
        tx.query("select output from stage_run where output is not null", row -> row.text("output"))
            .forEach(texts));
  }

  /// Reads the blocks that make a project's recipe: `data`, `features`, `model` and `gates`.
  ///
  /// @throws Problem of kind INVALID with the place of what is wrong or lacking
  public static void check(Project project) {
    RecipeReader.read(project);
  }

  /// Asks for a run on the dataset's file, as it is known now, with every candidate.
  ///
  /// @param reasons why, for the record
  /// @throws Problem PIPELINE_BUSY if a run of this model is under way; of kind INVALID, with the
  ///   place, if the project's definitions are wrong
  public PipelineRun train(List<String> reasons) {
    return begin(false, reasons);
  }

  /// Asks for a run that renews the champion on what became known since.
  ///
  /// @throws Problem NOTHING_TO_RETRAIN if there is no champion; else as [#train]
  public PipelineRun retrain(List<String> reasons) {
    return begin(true, reasons);
  }

  /// Trains again what a run trained, and tells whether the same model came of it; one at a time.
  ///
  /// @param run the id of a run of `tracking`
  /// @throws Problem NOT_FOUND if there is none; PIPELINE_BUSY while another is trained again
  Reproduction.Told reproduce(String run) {
    var data = parts.tracking().data(run);
    Recipe recipe = RecipeReader.read(parts.project().get());
    if (!reproducing.tryAcquire()) {
      throw new Problem(
          Fault.PIPELINE_BUSY, "another run is being reproduced", "Wait until it is done");
    }
    try {
      return new Reproduction(parts, recipe).of(data);
    } finally {
      reproducing.release();
    }
  }

  private PipelineRun begin(boolean renews, List<String> reasons) {
    Recipe recipe = RecipeReader.read(parts.project().get());
    if (renews && parts.champions().of(recipe.model()).isEmpty()) {
      throw new Problem(
          Fault.NOTHING_TO_RETRAIN,
          "no version of '%s' is in service".formatted(recipe.model()),
          "Train and deploy a first version with 'orrery run'");
    }
    Instant now = parts.clock().instant();
    var run =
        new PipelineRun(
            Ids.at(now),
            recipe.project().name().text(),
            recipe.model(),
            renews,
            reasons,
            now,
            PipelineRun.State.WAITING,
            null,
            List.of(),
            null,
            now,
            null);
    return parts
        .db()
        .write(tx -> {
          Optional<PipelineRun> open = PipelineStore.open(tx, run.model());
          if (open.isPresent()) {
            throw new Problem(
                Fault.PIPELINE_BUSY,
                "the run %s of '%s' is under way".formatted(open.get().id(), run.model()),
                "Wait until it has ended");
          }
          PipelineStore.insert(tx, run);
          submit(tx, run);
          return run;
        });
  }

  private void submit(Tx tx, PipelineRun run) {
    parts.jobs().submit(tx, JOB, run.id().toString(), Json.MAPPER.createObjectNode());
  }

  /// @throws Problem NOT_FOUND if there is none
  public PipelineRun get(UUID run) {
    return parts
        .db()
        .read(tx -> PipelineStore.get(tx, run))
        .orElseThrow(() ->
            Problem.notFound(
                "pipeline run", run.toString(), "GET /api/v1/pipeline/runs lists them"));
  }

  /// The newest runs, newest first.
  public List<PipelineRun> newest(int limit) {
    return parts.db().read(tx -> PipelineStore.newest(tx, Math.clamp(limit, 1, LIST_MAX)));
  }

  /// The run that is under way, if one is.
  public Optional<PipelineRun> underWay() {
    return newest(1).stream().filter(run -> !run.state().isEnd()).findFirst();
  }

  /// The attempts at a run's stages, in their order.
  public List<StageRun> stages(UUID run) {
    return parts.db().read(tx -> PipelineStore.stages(tx, run));
  }

  /// Waits for the end of a run.
  ///
  /// @return the run as it then is; not at its end if that was not within this time, or the thread
  ///   was interrupted
  public PipelineRun await(UUID run, Duration atMost) {
    long until = System.nanoTime() + atMost.toNanos();
    while (true) {
      PipelineRun now = get(run);
      if (now.state().isEnd() || System.nanoTime() - until >= 0) return now;
      try {
        Thread.sleep(20);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return now;
      }
    }
  }

  /// Has a listener hear of everything from now on.
  ///
  /// @return ends that
  public Runnable listen(PipelineListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void run(Job job, Lease lease) {
    new Runner(parts, listeners, get(UUID.fromString(job.key())), job, lease).run();
  }
}
