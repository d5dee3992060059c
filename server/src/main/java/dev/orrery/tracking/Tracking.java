package dev.orrery.tracking;

import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.Blobs;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/// Start a run, say what happened to it, find it again.
///
/// What a call writes is checked first and then written in one transaction. Safe for use by many
/// threads and processes.
public final class Tracking {
  /// The tag that is the run's name.
  public static final String NAME_TAG = "mlflow.runName";

  /// The tag that names the run this one belongs to.
  public static final String PARENT_TAG = "mlflow.parentRunId";

  private static final int BATCH_MAX = 1_000;
  private static final int LIST_MAX = 1_000;
  private static final int POINTS_MAX = 25_000;

  private final Db db;
  private final Artifacts artifacts;
  private final InstantSource clock;

  public Tracking(Db db, Blobs blobs, InstantSource clock) {
    this.db = db;
    this.artifacts = new Artifacts(db, blobs, clock, Tracking::requireOwner);
    this.clock = clock;
  }

  /// The experiment of this name; it is made if there is none.
  public Experiment experiment(String name) {
    Words.checkName("an experiment", name);
    Instant now = clock.instant();
    return db.write(tx -> experiment(tx, name, now));
  }

  /// The newest experiments, newest first.
  public List<Experiment> experiments(int limit) {
    return db.read(tx -> ExperimentStore.newest(tx, Math.clamp(limit, 1, LIST_MAX)));
  }

  /// Starts a run in an experiment, which is made if there is none of this name.
  public Run start(String experiment, String name, Map<String, String> tags) {
    Words.checkName("an experiment", experiment);
    Words.checkName("a run", name);
    checkTags(tags);
    Instant now = clock.instant();
    String id = Ids.at(now).toString().replace("-", "");
    return db.write(tx -> {
      Experiment in = experiment(tx, experiment, now);
      return Runs.start(tx, in, id, name, "", now, tags);
    });
  }

  /// Notes parameters. The same value again is fine.
  ///
  /// @throws Problem PARAM_CHANGED if one has another value already; none is noted then
  public void logParams(String run, Map<String, String> params) {
    checkBatch(params.size());
    params.forEach((key, value) -> {
      Words.checkKey("parameter", key);
      Words.checkValue("parameter", key, value, Words.PARAM_MAX);
    });
    within(
        run,
        (tx, found) -> {
          SortedMap<String, String> before = RunStore.params(tx, run);
          params.forEach((key, value) -> {
            String noted = before.getOrDefault(key, value);
            if (!noted.equals(value)) throw changed(run, key, noted, value);
          });
          RunStore.putParams(tx, found, params);
        });
  }

  /// Notes points of metrics; a point that is noted already is kept once.
  public void logMetrics(String run, List<Metric> metrics) {
    checkBatch(metrics.size());
    for (Metric metric : metrics) {
      Words.checkKey("metric", metric.key());
      if (metric.at().isBefore(Instant.EPOCH)) {
        throw new Problem(
            Fault.BAD_KEY,
            "a point of '%s' is timed before 1970".formatted(metric.key()),
            "Give the time in milliseconds since 1970");
      }
    }
    within(run, (tx, found) -> MetricStore.put(tx, found, metrics));
  }

  /// Notes a point of each metric, all at this moment and step 0.
  public void logMetrics(String run, Map<String, Double> values) {
    Instant now = clock.instant();
    logMetrics(
        run,
        values.entrySet().stream()
            .map(value -> new Metric(value.getKey(), value.getValue(), 0, now))
            .toList());
  }

  /// Sets tags; [#NAME_TAG] renames the run.
  public void tag(String run, Map<String, String> tags) {
    checkTags(tags);
    within(
        run,
        (tx, found) -> {
          RunStore.putTags(tx, found, tags);
          String name = tags.get(NAME_TAG);
          if (name != null) RunStore.rename(tx, run, name);
        });
  }

  /// Stores a file of a run; one at the same path is replaced.
  ///
  /// @throws Problem BAD_ARTIFACT_PATH if the path could mean anything but a name within the run
  public Artifact putArtifact(String run, String path, byte[] bytes) {
    return Artifact.of(artifacts.put(owner(run), path, bytes));
  }

  public Artifact putArtifact(String run, String path, InputStream bytes) {
    return Artifact.of(artifacts.put(owner(run), path, bytes));
  }

  /// The bytes of a file of a run, checked.
  ///
  /// @throws Problem NOT_FOUND if the run has no such file
  public byte[] readArtifact(String run, String path) {
    return artifacts.read(artifacts.get(owner(run), path));
  }

  /// @throws Problem NOT_FOUND if the run has no such file
  public Artifact artifact(String run, String path) {
    return Artifact.of(artifacts.get(owner(run), path));
  }

  private static String owner(String run) {
    return "run/" + run;
  }

  /// Says that a run or a logged model is there, to those who store files.
  ///
  /// @param owner `run/<id>` or `model/<id>`; another is none of ours
  /// @throws Problem NOT_FOUND if it is not
  public static void requireOwner(Tx tx, String owner) {
    if (owner.startsWith("model/")) LoggedModels.require(tx, owner.substring("model/".length()));
    if (!owner.startsWith("run/")) return;
    String run = owner.substring("run/".length());
    if (RunStore.run(tx, run).isEmpty()) throw unknown(run);
  }

  /// Ends a run. A run ends once; ending it alike again changes nothing.
  ///
  /// @param state any but RUNNING
  /// @throws Problem RUN_ENDED if it has ended otherwise
  public Run finish(String run, Run.State state) {
    if (state == Run.State.RUNNING) throw new IllegalArgumentException("RUNNING is no end");
    Instant now = clock.instant();
    return db.write(tx -> {
      boolean ended = RunStore.end(tx, run, state, now);
      Run found = RunStore.run(tx, run).orElseThrow(() -> unknown(run));
      if (!ended && found.state() != state) {
        throw new Problem(
            Fault.RUN_ENDED,
            "run %s has already ended as %s".formatted(run, found.state()),
            "Start a new run; a run ends only once");
      }
      return found;
    });
  }

  public Optional<Run> find(String run) {
    return db.read(tx -> RunStore.run(tx, run));
  }

  /// @throws Problem NOT_FOUND if there is none
  public Run get(String run) {
    return find(run).orElseThrow(() -> unknown(run));
  }

  /// A run with all that was said of it.
  ///
  /// @throws Problem NOT_FOUND if there is none
  public RunData data(String run) {
    return db.read(tx ->
        new RunData(
            RunStore.run(tx, run).orElseThrow(() -> unknown(run)),
            RunStore.params(tx, run),
            MetricStore.latest(tx, run),
            RunStore.tags(tx, run),
            artifacts.all(tx, owner(run)).stream().map(Artifact::of).toList()));
  }

  /// The points of a metric in order of time, the first 25,000 at most.
  public List<Metric> history(String run, String key, int limit) {
    return db.read(tx -> MetricStore.history(tx, run, key, Math.clamp(limit, 1, POINTS_MAX), 0));
  }

  /// The newest runs of an experiment, newest first.
  public List<Run> newest(String experiment, int limit) {
    return db.read(tx -> RunStore.newest(tx, experiment, Math.clamp(limit, 1, LIST_MAX)));
  }

  /// The newest runs with this tag, newest first.
  public List<Run> tagged(String key, String value, int limit) {
    return db.read(tx -> RunStore.tagged(tx, key, value, Math.clamp(limit, 1, LIST_MAX)));
  }

  private static Experiment experiment(Tx tx, String name, Instant now) {
    return ExperimentStore.byName(tx, name)
        .orElseGet(() -> ExperimentStore.insert(tx, name, "", now));
  }

  private void within(String run, BiConsumer<Tx, Run> write) {
    db.write(tx -> {
      write.accept(tx, RunStore.run(tx, run).orElseThrow(() -> unknown(run)));
      return run;
    });
  }

  static void checkTags(Map<String, String> tags) {
    checkBatch(tags.size());
    tags.forEach((key, value) -> {
      Words.checkKey("tag", key);
      Words.checkValue("tag", key, value, Words.TAG_MAX);
      if (key.equals(NAME_TAG)) Words.checkName("a run", value);
    });
  }

  private static void checkBatch(int size) {
    if (size > BATCH_MAX) {
      throw new Problem(
          Fault.BATCH_TOO_LARGE,
          "a batch has %,d entries".formatted(size),
          "Send at most %,d at once".formatted(BATCH_MAX));
    }
  }

  private static Problem changed(String run, String key, String noted, String value) {
    return new Problem(
        Fault.PARAM_CHANGED,
        "the parameter '%s' of run %s is '%s' and cannot become '%s'"
            .formatted(key, run, Texts.shown(noted), Texts.shown(value)),
        "Start a new run for other parameters");
  }

  private static Problem unknown(String run) {
    return Problem.notFound("run", Texts.shown(run), "List the runs of the experiment");
  }
}
