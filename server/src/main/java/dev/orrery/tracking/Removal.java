package dev.orrery.tracking;

import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.Gc;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Removes runs, logged models and experiments for good: their rows and the names of their files;
/// the bytes go when blobs are collected.
///
/// What something was made of is never removed: a run with a registered version, or with children
/// that have one, or that the lineage leads on from.
public final class Removal {
  /// Tells what a run or a logged model is used for by parts that know more.
  @FunctionalInterface
  public interface Uses {
    /// @param id of a run or a logged model
    /// @return such as `version 3 of churn`; empty if it is not used
    Optional<String> of(Tx tx, String id);
  }

  private static final int POINTS_AT_ONCE = 50_000;
  private static final int ROUND = 500;

  private final Db db;
  private final Artifacts artifacts;
  private final Lineage lineage;
  private final Uses uses;

  public Removal(Db db, Artifacts artifacts, Lineage lineage, Uses uses) {
    this.db = db;
    this.artifacts = artifacts;
    this.lineage = lineage;
    this.uses = uses;
  }

  /// Lets the collector drop what was deleted softly, before it collects blobs.
  public void dropsFor(Gc gc) {
    gc.drops("runs", this::dropRuns);
    gc.drops("logged_models", this::dropModels);
    gc.drops("experiments", this::dropExperiments);
  }

  /// Removes a run.
  ///
  /// @throws Problem NOT_FOUND if there is none, RUN_IN_USE if something was made of it
  public void run(String id) {
    db.read(tx -> {
      Runs.get(tx, id);
      require(tx, id);
      return id;
    });
    removePoints(id);
    db.write(tx -> {
      Runs.get(tx, id);
      require(tx, id);
      remove(tx, id);
      return id;
    });
  }

  private void require(Tx tx, String id) {
    inUse(tx, id)
        .ifPresent(by -> {
          throw new Problem(
              Fault.RUN_IN_USE,
              "run %s is in use: %s".formatted(Texts.shown(id), by),
              "Delete that first, or only hide the run");
        });
  }

  private Optional<String> inUse(Tx tx, String id) {
    Optional<String> own = uses.of(tx, id);
    if (own.isPresent()) return own;
    var onward = lineage.down(new Node("run", id));
    if (!onward.isEmpty()) {
      return Optional.of("%s was made of it".formatted(onward.getFirst().to()));
    }
    List<String> children =
        tx.query(
            "select run from run_tag where name = ? and substr(value, 1, 100) = ? limit 1000",
            row -> row.text("run"),
            Tracking.PARENT_TAG,
            id);
    for (String child : children) {
      Optional<String> use = uses.of(tx, child);
      if (use.isPresent()) return Optional.of("its child %s is %s".formatted(child, use.get()));
    }
    return Optional.empty();
  }

  /// In pieces, so that a long history keeps no other writer waiting.
  private void removePoints(String run) {
    List<Long> series =
        db.query(
            "select id from metric_series where run = ? order by id", row -> row.whole("id"), run);
    for (long id : series) {
      boolean isMore = true;
      while (isMore) {
        isMore = db.write(tx -> removePoints(tx, id)) > 0;
      }
    }
  }

  private static int removePoints(Tx tx, long series) {
    return tx.update(
        """
        delete from metric_point
        where series = ? and at <= (
          select max(at) from (
            select at from metric_point where series = ? order by at limit ?
          ) oldest
        )
        """,
        series,
        series,
        POINTS_AT_ONCE);
  }

  private void remove(Tx tx, String id) {
    tx.update(
        "delete from metric_point where series in (select id from metric_series where run = ?)",
        id);
    tx.update("delete from metric_series where run = ?", id);
    tx.update("delete from run_param where run = ?", id);
    tx.update("delete from run_tag where run = ?", id);
    tx.update("delete from logged_model_metric where run = ?", id);
    InputStore.forget(tx, id);
    artifacts.deleteAll(tx, "run/" + id);
    TextIndex.forget(tx, id);
    tx.update("delete from run where id = ?", id);
  }

  private long dropRuns(Instant before, boolean dryRun) {
    List<String> gone = deleted("select id from run where lifecycle = 'deleted'", before);
    long dropped = 0;
    for (String id : gone) {
      if (db.read(tx -> inUse(tx, id)).isPresent()) continue;
      dropped++;
      if (!dryRun) run(id);
    }
    if (!dryRun) db.write(InputStore::sweep);
    return dropped;
  }

  private long dropModels(Instant before, boolean dryRun) {
    List<String> gone = deleted("select id from logged_model where 1 = 1", before);
    long dropped = 0;
    for (String id : gone) {
      if (db.read(tx -> uses.of(tx, id)).isPresent()) continue;
      dropped++;
      if (dryRun) continue;
      db.write(tx -> {
        tx.update("delete from logged_model_metric where model = ?", id);
        tx.update("delete from logged_model_param where model = ?", id);
        tx.update("delete from logged_model_tag where model = ?", id);
        artifacts.deleteAll(tx, "model/" + id);
        return tx.update("delete from logged_model where id = ?", id);
      });
    }
    return dropped;
  }

  /// Those that have nothing left.
  private long dropExperiments(Instant before, boolean dryRun) {
    List<Long> gone =
        db.query(
            """
            select e.id from experiment e
            where e.lifecycle = 'deleted' and e.updated_at < ? and e.id <> 0
              and not exists (select 1 from run r where r.experiment = e.id)
              and not exists (select 1 from logged_model m where m.experiment = e.id)
              and not exists (select 1 from logged_dataset d where d.experiment = e.id)
            order by e.id
            """,
            row -> row.whole("id"),
            before);
    if (dryRun) return gone.size();
    for (long id : gone) {
      db.write(tx -> {
        tx.update("delete from experiment_tag where experiment = ?", id);
        return tx.update("delete from experiment where id = ?", id);
      });
    }
    return gone.size();
  }

  /// All that were deleted before a moment, by pages of their ids.
  private List<String> deleted(String select, Instant before) {
    List<String> all = new ArrayList<>();
    String last = "";
    while (true) {
      List<String> page =
          db.query(
              select + " and deleted_at < ? and id > ? order by id limit ?",
              row -> row.text("id"),
              before,
              last,
              ROUND);
      all.addAll(page);
      if (page.size() < ROUND) return all;
      last = page.getLast();
    }
  }
}
