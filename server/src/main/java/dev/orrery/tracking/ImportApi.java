package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `/api/v1/import`: runs of another tracker, with the ids, names and times that they have there.
///
/// Every call may be sent again: what is there is not written twice.
public final class ImportApi {
  /// The tag that says what a run was like when it came over whole.
  static final String DIGEST_TAG = "orrery.import.digest";

  /// The tag that says where a run came from.
  static final String SOURCE_TAG = "orrery.import.source";

  /// The tag with the id that a run has there, where it could not be kept.
  static final String ID_TAG = "orrery.import.run_id";

  private static final int POINTS_MAX = 10_000;
  private static final int BODY_MAX = 32 << 20;
  private static final RouteOptions LARGE = RouteOptions.body(BODY_MAX);

  record AnExperiment(
      @Nullable String name, @Nullable String lifecycle, @Nullable Map<String, String> tags) {}

  record AnInput(
      @Nullable String name,
      @Nullable String digest,
      @Nullable String sourceType,
      @Nullable String source,
      @Nullable String schema,
      @Nullable String profile,
      @Nullable Map<String, String> tags) {}

  record ARun(
      @Nullable String id,
      @Nullable String experiment,
      @Nullable String name,
      @Nullable String user,
      @Nullable String status,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String lifecycle,
      @Nullable Map<String, String> params,
      @Nullable Map<String, String> tags,
      @Nullable List<AnInput> inputs,
      @Nullable String digest) {}

  /// @param points each a value, a time in milliseconds and a step
  record SomePoints(
      @Nullable String run, @Nullable String key, @Nullable List<List<Double>> points) {}

  record Done(@Nullable String digest, @Nullable String source) {}

  private record Begun(String id, boolean complete) {}

  private final Db db;
  private final Artifacts artifacts;
  private final InstantSource clock;

  private ImportApi(Db db, Artifacts artifacts, InstantSource clock) {
    this.db = db;
    this.artifacts = artifacts;
    this.clock = clock;
  }

  public static void add(Routes routes, Db db, Artifacts artifacts, InstantSource clock) {
    var api = new ImportApi(db, artifacts, clock);
    routes.post("/api/v1/import/experiments", Permission.EDIT, api::experiment);
    routes.post("/api/v1/import/runs", Permission.EDIT, LARGE, api::run);
    routes.post("/api/v1/import/metrics", Permission.EDIT, api::points);
    routes.post("/api/v1/import/runs/{id}/done", Permission.EDIT, api::done);
    routes.get("/api/v1/import/runs/{id}/files", Permission.VIEW, api::files);
  }

  private Response experiment(Request request) {
    AnExperiment asked = request.json(AnExperiment.class);
    String name = required("name", asked.name());
    return db.write(tx -> {
      Optional<Experiment> there = ExperimentStore.byName(tx, name);
      if (there.isPresent()) return Response.json(Map.of("id", there.get().id()));
      Map<String, String> tags = asked.tags() == null ? Map.of() : asked.tags();
      Experiment made = Experiments.create(tx, name, "", tags, clock.instant());
      if ("deleted".equals(asked.lifecycle())) Experiments.delete(tx, made.id(), clock.instant());
      return Response.json(Map.of("id", made.id()));
    });
  }

  private Response run(Request request) {
    ARun asked = request.json(ARun.class);
    String id = id(required("id", asked.id()));
    return db.write(tx -> Response.json(begin(tx, asked, id)));
  }

  private Begun begin(Tx tx, ARun asked, String id) {
    Optional<Run> there = RunStore.run(tx, id);
    String digest = asked.digest() == null ? "" : asked.digest();
    if (there.isPresent()) {
      String whole = RunStore.tag(tx, id, DIGEST_TAG).orElse("");
      if (!digest.isEmpty() && whole.equals(digest)) return new Begun(id, true);
    }
    Run run = there.orElseGet(() -> insert(tx, asked, id));
    Map<String, String> params = new TreeMap<>(orEmpty(asked.params()));
    RunStore.params(tx, id).forEach((key, noted) -> params.remove(key));
    params.forEach((key, value) -> {
      Words.checkKey("parameter", key);
      Words.checkValue("parameter", key, value, Words.PARAM_MAX);
    });
    RunStore.putParams(tx, run, params);
    Map<String, String> tags = new LinkedHashMap<>();
    orEmpty(asked.tags())
        .forEach((key, value) -> {
          boolean fits = value.length() <= Words.TAG_MAX;
          tags.put(key, fits ? value : value.substring(0, Words.TAG_MAX));
        });
    if (!id.equals(asked.id())) tags.put(ID_TAG, required("id", asked.id()));
    Tracking.checkTags(tags);
    RunStore.putTags(tx, run, tags);
    for (AnInput input : asked.inputs() == null ? List.<AnInput>of() : asked.inputs()) {
      InputStore.putDataset(tx, id, run.experiment(), dataset(input));
    }
    RunStore.update(tx, id, state(asked.status()), asked.endedAt());
    boolean isDeleted = "deleted".equals(asked.lifecycle());
    RunStore.setLifecycle(
        tx,
        id,
        isDeleted ? Lifecycle.DELETED : Lifecycle.ACTIVE,
        isDeleted ? clock.instant() : null);
    return new Begun(id, false);
  }

  private Run insert(Tx tx, ARun asked, String id) {
    Experiment in = Experiments.get(tx, required("experiment", asked.experiment()));
    String name = asked.name() == null || asked.name().isEmpty() ? id : asked.name();
    Words.checkName("a run", name);
    Instant started = asked.startedAt() == null ? Instant.EPOCH : asked.startedAt();
    var run =
        new Run(
            id,
            in.id(),
            name,
            state(asked.status()),
            started,
            asked.endedAt(),
            Lifecycle.ACTIVE,
            asked.user() == null ? "" : asked.user(),
            "");
    RunStore.insert(tx, run, "");
    RunStore.putTags(tx, run, Map.of(Tracking.NAME_TAG, name));
    return run;
  }

  private static DatasetInput dataset(AnInput input) {
    return new DatasetInput(
        required("name", input.name()),
        required("digest", input.digest()),
        input.sourceType() == null ? "" : input.sourceType(),
        input.source() == null ? "" : input.source(),
        input.schema(),
        input.profile(),
        new TreeMap<>(orEmpty(input.tags())));
  }

  private Response points(Request request) {
    SomePoints asked = request.json(SomePoints.class);
    String run = id(required("run", asked.run()));
    String key = required("key", asked.key());
    Words.checkKey("metric", key);
    List<List<Double>> points = asked.points() == null ? List.of() : asked.points();
    if (points.size() > POINTS_MAX) {
      throw new Problem(
          Fault.BATCH_TOO_LARGE,
          "a call brings %,d points".formatted(points.size()),
          "Send at most %,d at once".formatted(POINTS_MAX));
    }
    List<Metric> metrics = new ArrayList<>(points.size());
    for (List<Double> point : points) {
      if (point.size() != 3) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "a point has %d numbers".formatted(point.size()),
            "Give each a value, a time in milliseconds and a step");
      }
      long at = Math.max(0, point.get(1).longValue());
      metrics.add(
          new Metric(key, point.get(0), point.get(2).longValue(), Instant.ofEpochMilli(at)));
    }
    return db.write(tx -> {
      MetricStore.put(tx, Runs.get(tx, run), metrics);
      return Response.json(Map.of("points", metrics.size()));
    });
  }

  private Response done(Request request) {
    Done asked = request.json(Done.class);
    String id = request.path("id");
    Map<String, String> tags = new TreeMap<>();
    if (asked.digest() != null && !asked.digest().isEmpty()) tags.put(DIGEST_TAG, asked.digest());
    if (asked.source() != null) tags.put(SOURCE_TAG, asked.source());
    Tracking.checkTags(tags);
    return db.write(tx -> {
      RunStore.putTags(tx, Runs.get(tx, id), tags);
      return Response.json(Map.of("id", id));
    });
  }

  private record Listed(String path, long size, String digest) {}

  private Response files(Request request) {
    List<Listed> files =
        artifacts.all("run/" + request.path("id")).stream()
            .map(file -> new Listed(file.path(), file.size(), file.digest().hex()))
            .toList();
    return Response.json(Map.of("files", files));
  }

  /// The id that a run has here: its own, or one made of it where that would not do.
  private static String id(String there) {
    return there.matches("[0-9a-f]{32}") ? there : Digest.of(there).hex().substring(0, 32);
  }

  private static Run.State state(@Nullable String status) {
    if (status == null || status.isEmpty()) return Run.State.FINISHED;
    for (Run.State state : Run.State.values()) {
      if (state.name().equals(status)) return state;
    }
    throw new Problem(
        Fault.BAD_PARAMETER,
        "the status '%s' is not known".formatted(Texts.shown(status)),
        "Use RUNNING, SCHEDULED, FINISHED, FAILED or KILLED");
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private static String required(String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) return value;
    throw new Problem(Fault.BAD_PARAMETER, "%s is missing".formatted(name), "Send it as a text");
  }
}
