package dev.orrery;

import dev.orrery.access.Audit;
import dev.orrery.artifact.ArtifactRoutes;
import dev.orrery.artifact.ArtifactWire;
import dev.orrery.artifact.Artifacts;
import dev.orrery.artifact.FileReport.Look;
import dev.orrery.artifact.Locations;
import dev.orrery.artifact.StorageRoutes;
import dev.orrery.artifact.UploadRoutes;
import dev.orrery.artifact.Uploads;
import dev.orrery.base.DiskReserve;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.data.Datasets;
import dev.orrery.mlflow.Wire;
import dev.orrery.pipeline.Pipelines;
import dev.orrery.registry.Models;
import dev.orrery.registry.Registry;
import dev.orrery.sql.Db;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.Removal;
import dev.orrery.tracking.Runs;
import dev.orrery.web.Routes;
import java.time.InstantSource;
import java.util.SequencedMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Bytes and what names them, put together: artifacts, uploads, and the collector, which must know
/// of every part that names blobs.
final class Storage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);
  private static final int SWEEP_SECONDS = 30;
  private static final int RESERVE_SECONDS = 5;

  private final Uploads uploads;
  private final Gc gc;
  private final DiskReserve reserve;
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("orrery-uploads").factory());

  private Storage(Uploads uploads, Gc gc, DiskReserve reserve) {
    this.uploads = uploads;
    this.gc = gc;
    this.reserve = reserve;
  }

  /// @param looks through what other parts keep
  /// @param real the clock of the file system and of uploads, never a virtual one
  static Storage open(
      Routes routes,
      Wire wire,
      Db db,
      Blobs blobs,
      Artifacts artifacts,
      LoggedModels models,
      Models registered,
      Removal removal,
      Audit audit,
      DiskReserve reserve,
      SequencedMap<String, Look> looks,
      InstantSource real) {
    Uploads uploads = new Uploads(db, blobs, artifacts, real);
    Gc gc = new Gc(db, blobs, real);
    artifacts.markFor(gc);
    Datasets.markFor(gc);
    Pipelines.markFor(gc);
    Registry.markFor(gc);
    removal.dropsFor(gc);
    ArtifactWire.add(routes, wire, artifacts, new Where(db, models, registered));
    ArtifactRoutes.add(routes, artifacts);
    UploadRoutes.add(routes, uploads);
    UploadRoutes.multipart(routes, uploads);
    StorageRoutes.add(routes, db, gc, blobs, artifacts, audit, looks, real);
    return new Storage(uploads, gc, reserve);
  }

  /// What removes blobs that nothing names.
  Gc gc() {
    return gc;
  }

  /// Drops, now and from time to time, what uploads have left.
  Storage sweeping() {
    var _ = sweeper.scheduleWithFixedDelay(this::sweep, 0, SWEEP_SECONDS, TimeUnit.SECONDS);
    // Not at the start, which has other things to write.
    var _ =
        sweeper.scheduleWithFixedDelay(
            reserve::restore, RESERVE_SECONDS, RESERVE_SECONDS, TimeUnit.SECONDS);
    return this;
  }

  private void sweep() {
    try {
      uploads.sweep();
    } catch (RuntimeException e) {
      LOG.warn("uploads could not be swept; they are in the next round", e);
    }
  }

  @Override
  public void close() {
    sweeper.shutdownNow();
  }

  /// Where files lie, from the parts that know.
  private record Where(Db db, LoggedModels models, Models registered) implements Locations {
    @Override
    public String run(String id) {
      return db.read(tx -> Runs.get(tx, id).artifactUri());
    }

    @Override
    public String model(String id) {
      return db.read(tx -> models.get(tx, id).artifactUri());
    }

    @Override
    public String version(String model, String version) {
      if (!version.matches("\\d{1,18}")) {
        throw Problem.notFound(
            "model version", Texts.shown(version), "Give a version's number, such as 1");
      }
      long number = Long.parseLong(version);
      return db.read(tx -> registered.version(tx, model, number).storage());
    }
  }
}
