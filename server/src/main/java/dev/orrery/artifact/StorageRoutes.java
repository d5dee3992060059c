package dev.orrery.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Audit;
import dev.orrery.access.Permission;
import dev.orrery.artifact.FileReport.Look;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.sql.Db;
import dev.orrery.sql.PageReport;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `/api/v1/gc` and `/api/v1/verify`: what an administrator does about the bytes of a store.
public final class StorageRoutes {
  private static final RouteOptions LONG =
      RouteOptions.in(Lane.ADMIN).withDeadline(Duration.ofHours(1));
  private static final Duration GRACE_MAX = Duration.ofDays(365);

  private final Db db;
  private final Gc gc;
  private final Blobs blobs;
  private final Artifacts artifacts;
  private final Audit audit;
  private final SequencedMap<String, Look> looks;
  private final InstantSource real;
  private final Map<String, FileReport> files = new ConcurrentHashMap<>();
  private final AtomicBoolean verifying = new AtomicBoolean();
  private volatile Blobs.@Nullable Progress progress;
  private volatile @Nullable PageReport pages;
  private volatile @Nullable String failure;

  private StorageRoutes(
      Db db,
      Gc gc,
      Blobs blobs,
      Artifacts artifacts,
      Audit audit,
      SequencedMap<String, Look> looks,
      InstantSource real) {
    this.db = db;
    this.gc = gc;
    this.blobs = blobs;
    this.artifacts = artifacts;
    this.audit = audit;
    this.looks = looks;
    this.real = real;
  }

  /// @param looks through what other parts keep, by the names that they are told by
  /// @param real the clock of the file system, not a virtual one
  public static void add(
      Routes routes,
      Db db,
      Gc gc,
      Blobs blobs,
      Artifacts artifacts,
      Audit audit,
      SequencedMap<String, Look> looks,
      InstantSource real) {
    var faces = new StorageRoutes(db, gc, blobs, artifacts, audit, looks, real);
    routes.post("/api/v1/gc", Permission.ADMIN, LONG, faces::collect);
    routes.post("/api/v1/verify", Permission.ADMIN, faces::begin);
    routes.get("/api/v1/verify", Permission.ADMIN, _ -> Response.json(faces.state()));
  }

  private Response collect(Request request) {
    JsonNode body = request.body().length == 0 ? Json.tree("{}".getBytes()) : request.json();
    boolean dryRun = body.path("dry_run").asBoolean(false);
    Duration grace = seconds(body, "grace_seconds", Gc.GRACE);
    Duration older = seconds(body, "deleted_for_seconds", Duration.ZERO);
    Gc.Report report = gc.run(grace, real.instant().minus(older), dryRun);
    Map<String, Object> face = new LinkedHashMap<>();
    face.put("dry_run", report.dryRun());
    face.put("rows", report.rows());
    face.put("kept", report.kept());
    face.put("kept_bytes", report.keptBytes());
    face.put("young", report.young());
    face.put("removed", report.removed());
    face.put("removed_bytes", report.removedBytes());
    if (!dryRun) {
      db.write(tx ->
          audit.append(tx, request.principal().name(), "gc", "blobs", Json.tree(Json.bytes(face))));
    }
    return Response.json(face);
  }

  private static Duration seconds(JsonNode body, String field, Duration otherwise) {
    JsonNode node = body.path(field);
    if (node.isMissingNode()) return otherwise;
    long seconds = node.canConvertToLong() ? node.longValue() : -1;
    if (seconds < 0 || seconds > GRACE_MAX.toSeconds()) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "'%s' is not a number of seconds".formatted(field),
          "Give 0 to %d".formatted(GRACE_MAX.toSeconds()));
    }
    return Duration.ofSeconds(seconds);
  }

  /// Begins to read every page of the rows, every blob and what other parts keep, unless that is
  /// under way; [#state()] tells how it goes.
  private Response begin(Request request) {
    if (verifying.compareAndSet(false, true)) {
      progress = new Blobs.Progress(0, 0, 0, List.of());
      pages = null;
      files.clear();
      failure = null;
      Thread.ofVirtual().name("verify").start(this::verify);
    }
    return Response.json(202, state());
  }

  private void verify() {
    try {
      step(() -> db.pages(now -> pages = now), now -> pages = now);
      step(() -> blobs.damaged(now -> progress = now), _ -> {});
      looks.forEach((name, look) ->
          step(() -> look.run(now -> files.put(name, now)), now -> files.put(name, now)));
    } finally {
      verifying.set(false);
    }
  }

  /// What damage ends, ends; the next step is tried all the same.
  private <T> void step(Supplier<T> look, Consumer<T> found) {
    try {
      found.accept(look.get());
    } catch (Problem problem) {
      failure = failure == null ? problem.getMessage() : failure + " " + problem.getMessage();
    }
  }

  private Map<String, Object> state() {
    boolean running = verifying.get();
    Blobs.Progress now = progress;
    Map<String, Object> face = new LinkedHashMap<>();
    face.put("running", running);
    face.put("checked", now == null ? 0 : now.checked());
    face.put("of", now == null ? 0 : now.of());
    face.put("bytes", now == null ? 0 : now.bytes());
    List<Object> damaged = new ArrayList<>();
    if (now != null) now.damaged().forEach(digest -> damaged.add(damaged(digest)));
    face.put("damaged", damaged);
    PageReport looked = pages;
    if (looked != null) face.put("pages", looked);
    for (String name : looks.keySet()) {
      FileReport read = files.get(name);
      if (read != null) face.put(name, read);
    }
    String why = failure;
    if (why != null) face.put("failure", why);
    return face;
  }

  private Map<String, Object> damaged(Digest digest) {
    List<String> names =
        artifacts.named(digest).stream().map(file -> file.owner() + " " + file.path()).toList();
    return Map.of("digest", digest.hex(), "artifacts", names);
  }
}
