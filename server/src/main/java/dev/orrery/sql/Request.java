package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A work on its way through the writer: asked for by one thread, run by another.
final class Request<T extends @Nullable Object> {
  private final Work<T> work;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private final CountDownLatch settled = new CountDownLatch(1);
  private @Nullable T result;
  private @Nullable Throwable failure;

  Request(Work<T> work) {
    this.work = work;
  }

  /// Whether the caller of this method is the one that settles the request: the writer, to run it,
  /// or the thread that asked, to take it back.
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  /// That a work has changed rows and then failed, so that the transaction it ran in must be undone
  /// to undo the work.
  static final class Undone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Undone(Throwable cause) {
      super(null, cause, false, false);
    }
  }

  /// Runs the work. Throws only what ends the transaction around it.
  ///
  /// @param isCareful in a savepoint, so that its failure undoes nothing but itself
  /// @throws Undone if it failed, was not run carefully, and may have changed rows
  void run(Session session, boolean isCareful) {
    failure = null;
    if (isCareful) session.run("savepoint work");
    long before = session.changes();
    try {
      result = work.in(session);
    } catch (RuntimeException | Error e) {
      if (SqlFaults.endsTransaction(e)) throw e;
      if (isCareful) {
        session.run("rollback to savepoint work");
      } else if (session.changes() != before || SqlFaults.isOfDatabase(e)) {
        throw new Undone(e);
      }
      failure = e;
    }
    if (isCareful) session.run("release savepoint work");
  }

  void settle() {
    settled.countDown();
  }

  /// Settles the request as not done; a failure of its own comes before the group's.
  void fail(Throwable why) {
    if (failure == null) failure = why;
    settle();
  }

  /// The result, once it is durable. A work that has begun is waited for even if this thread is
  /// interrupted, because its outcome is on its way.
  @SuppressWarnings("NullAway") // the result is set, or T is nullable, where there is no failure
  T await() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          settled.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true;
          if (claim()) throw takenBack(e);
        }
      }
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError("a work throws no checked exception", failure);
    }
    return result;
  }

  private static Problem takenBack(InterruptedException e) {
    return new Problem(Fault.INTERRUPTED, "a write was interrupted before it began", "Try it again")
        .because(e);
  }
}
