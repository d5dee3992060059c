package dev.orrery.jobs;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Tx;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// A worker's right to a job, good for one attempt.
public final class Lease {
  private final Job job;
  private final InstantSource clock;
  private @Nullable Thread worker;
  private volatile boolean stopped;
  private volatile boolean lost;

  Lease(Job job, InstantSource clock) {
    this.job = job;
    this.clock = clock;
  }

  Job job() {
    return job;
  }

  /// Makes a transaction happen only if the lease still holds when it commits. Call it in each
  /// transaction that writes what the job makes.
  ///
  /// @throws Problem LEASE_LOST if another worker has the job
  public void fence(Tx tx) {
    if (!JobStore.beat(tx, job)) throw lost();
  }

  /// Ends the job in this transaction, so that its result and its end are one.
  ///
  /// @throws Problem LEASE_LOST if another worker has the job
  public void finish(Tx tx) {
    if (!JobStore.done(tx, job, clock.instant())) throw lost();
  }

  /// Whether the handler should end soon, by throwing: the server stops, or the lease is lost.
  public boolean stopping() {
    return stopped || lost;
  }

  /// Ends the handler if it should end; for places where it may.
  ///
  /// @throws Problem INTERRUPTED if [#stopping]
  public void check() {
    if (stopping()) {
      throw new Problem(
          Fault.INTERRUPTED,
          "the job %s '%s' was cut short".formatted(job.kind(), job.key()),
          "Nothing is to be done: it runs again");
    }
  }

  boolean isLost() {
    return lost;
  }

  /// From now on, `thread` is interrupted when it should end; null: nobody is.
  synchronized void heldBy(@Nullable Thread thread) {
    worker = thread;
    if (stopping()) interrupt();
  }

  void lose() {
    lost = true;
    interrupt();
  }

  void stop() {
    stopped = true;
    interrupt();
  }

  private synchronized void interrupt() {
    if (worker != null) worker.interrupt();
  }

  private Problem lost() {
    lost = true;
    return new Problem(
        Fault.LEASE_LOST,
        "attempt %d of the job %s '%s' is no longer the valid one"
            .formatted(job.attempt(), job.kind(), job.key()),
        "Nothing is to be done: the job runs again, or has ended");
  }
}
