package dev.orrery.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// All SQL of jobs. Every change of a running job names its epoch, so that a worker which has lost
/// the job changes nothing.
final class JobStore {
  /// A running job as other servers see it.
  record Pulse(UUID id, long epoch, long beat) {}

  private static final int READY_MAX = 1_000;

  private final Db db;

  JobStore(Db db) {
    this.db = db;
  }

  /// Inserts a job unless one of its kind and key is unfinished; the id of the one that then is.
  static UUID submit(Tx tx, UUID id, String kind, String key, JsonNode payload, Instant now) {
    tx.update(
        """
        insert into job (id, seq, kind, job_key, payload, state, submitted_at, ready_at)
        select ?, coalesce(max(seq), 0) + 1, ?, ?, ?, 'READY', ?, ?
        from job
        where true
        on conflict (kind, job_key) where state in ('READY', 'RUNNING') do nothing
        """,
        id,
        kind,
        key,
        payload,
        now,
        now);
    return tx.query(
            """
            select id
            from job
            where kind = ? and job_key = ? and state in ('READY', 'RUNNING')
            """,
            row -> row.id("id"),
            kind,
            key)
        .getFirst();
  }

  /// The jobs that may be taken now, in order of submission.
  List<Job> ready(Instant now) {
    return db.query(
        """
        select id, kind, job_key, payload, state, epoch, failures, problem, submitted_at
        from job
        where state = 'READY' and ready_at <= ?
        order by seq
        limit ?
        """,
        JobStore::job,
        now,
        READY_MAX);
  }

  /// Takes a ready job; empty if another worker was faster.
  Optional<Job> take(Job job, String owner, String home) {
    return db.write(tx -> {
      int taken =
          tx.update(
              """
              update job
              set state = 'RUNNING', epoch = epoch + 1, beat = 0, owner = ?, home = ?
              where id = ? and epoch = ? and state = 'READY'
              """,
              owner,
              home,
              job.id(),
              job.attempt());
      return taken == 1 ? get(tx, job.id()) : Optional.<Job>empty();
    });
  }

  /// Raises the beat; false if the lease is lost.
  static boolean beat(Tx tx, Job job) {
    return tx.update(
            "update job set beat = beat + 1 where id = ? and epoch = ? and state = 'RUNNING'",
            job.id(),
            job.attempt())
        == 1;
  }

  boolean beat(Job job) {
    return db.write(tx -> beat(tx, job));
  }

  static boolean done(Tx tx, Job job, Instant now) {
    return tx.update(
            """
            update job
            set state = 'DONE', ended_at = ?, owner = null
            where id = ? and epoch = ? and state = 'RUNNING'
            """,
            now,
            job.id(),
            job.attempt())
        == 1;
  }

  boolean done(Job job, Instant now) {
    return db.write(tx -> done(tx, job, now));
  }

  /// Gives a running job back, to be taken again from `readyAt` on.
  boolean again(Job job, long failures, Instant readyAt, String problem) {
    return db.update(
            """
            update job
            set state = 'READY', owner = null, failures = ?, ready_at = ?, problem = ?
            where id = ? and epoch = ? and state = 'RUNNING'
            """,
            failures,
            readyAt,
            problem,
            job.id(),
            job.attempt())
        == 1;
  }

  /// Gives a running job back as if it had not been taken but for its attempt.
  boolean release(Job job) {
    return db.update(
            """
            update job
            set state = 'READY', owner = null
            where id = ? and epoch = ? and state = 'RUNNING'
            """,
            job.id(),
            job.attempt())
        == 1;
  }

  boolean fail(Job job, long failures, Instant now, String problem) {
    return db.update(
            """
            update job
            set state = 'FAILED', owner = null, failures = ?, ended_at = ?, problem = ?
            where id = ? and epoch = ? and state = 'RUNNING'
            """,
            failures,
            now,
            problem,
            job.id(),
            job.attempt())
        == 1;
  }

  /// Frees every running job: their process is dead.
  int releaseAll() {
    return db.update("update job set state = 'READY', owner = null where state = 'RUNNING'");
  }

  /// Frees the running jobs of this home: their process is dead.
  int releaseOf(String home) {
    return db.update(
        "update job set state = 'READY', owner = null where state = 'RUNNING' and home = ?", home);
  }

  /// Frees a running job whose beat has stood still.
  boolean releaseStill(Pulse pulse) {
    return db.update(
            """
            update job
            set state = 'READY', owner = null
            where id = ? and epoch = ? and beat = ? and state = 'RUNNING'
            """,
            pulse.id(),
            pulse.epoch(),
            pulse.beat())
        == 1;
  }

  /// The running jobs that another worker than this has.
  List<Pulse> pulsesOfOthers(String owner) {
    return db.query(
        "select id, epoch, beat from job where state = 'RUNNING' and owner <> ?",
        row -> new Pulse(row.id("id"), row.whole("epoch"), row.whole("beat")),
        owner);
  }

  boolean isIdle() {
    return db.query(
            "select id from job where state in ('READY', 'RUNNING') limit 1", row -> row.id("id"))
        .isEmpty();
  }

  Optional<Job> get(UUID id) {
    return db.read(tx -> get(tx, id));
  }

  private static Optional<Job> get(Tx tx, UUID id) {
    return tx.first(
        """
        select id, kind, job_key, payload, state, epoch, failures, problem, submitted_at
        from job
        where id = ?
        """,
        JobStore::job,
        id);
  }

  List<Job> newest(int limit) {
    return db.query(
        """
        select id, kind, job_key, payload, state, epoch, failures, problem, submitted_at
        from job
        order by seq desc
        limit ?
        """,
        JobStore::job,
        limit);
  }

  private static Job job(Row row) {
    return new Job(
        row.id("id"),
        row.text("kind"),
        row.text("job_key"),
        Json.tree(row.text("payload").getBytes(StandardCharsets.UTF_8)),
        Job.State.valueOf(row.text("state")),
        row.whole("epoch"),
        row.whole("failures"),
        row.textOrNull("problem"),
        row.instant("submitted_at"));
  }
}
