package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One thread that writes for everybody, in groups that share one commit.
///
/// While a commit waits for the disk, the next group gathers; so the works of many callers cost one
/// sync, and the work of a lone caller waits for nothing. Where the group before was larger, a
/// group waits for its callers to come back, no longer than a commit lasts: they would otherwise
/// fall into two halves that wait for each other's syncs.
///
/// A group runs without savepoints. Only if a work has changed rows and then fails, the group is
/// rolled back and run again with a savepoint around each work; see docs/decisions/0015.
final class Writer implements AutoCloseable {
  private static final int WAITING_MAX = 10_000;
  private static final int GROUP_MAX = 256;
  private static final long WAIT_SECONDS_MAX = 30;

  /// What differs between the databases.
  interface Rows {
    /// A connection to write on.
    Session session();

    /// How a transaction begins.
    String begin();

    void commit(Session session);

    /// Whether nothing may be written any more; then it throws.
    default void check() {}

    /// What is to be done after a group is committed and its callers are told.
    default void committed(Session session) {}

    /// What is to be done when nothing will be written any more.
    default void end() {}

    /// Looks at what made a group fail, which is rolled back.
    ///
    /// @param tried how often it was tried
    /// @return whether to try once more
    boolean again(Throwable why, int tried);

    /// Whether the session is of no use after this failure.
    boolean isLost(Throwable why);
  }

  private final Rows rows;
  private final long groupNanosMax;
  private final LinkedBlockingQueue<Request<?>> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
  private final Request<@Nullable Object> stop = new Request<>(_ -> null);
  private final Thread thread;
  private volatile boolean closed;

  // Of the writing thread alone.
  private @Nullable Session session;
  private boolean isStopped;
  private int expected = 1;
  private long commitNanos;

  /// @param groupMillisMax how long a group may take works in
  Writer(Rows rows, long groupMillisMax) {
    this.rows = rows;
    this.groupNanosMax = TimeUnit.MILLISECONDS.toNanos(groupMillisMax);
    this.thread = Thread.ofPlatform().daemon().name("orrery-rows").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  <T extends @Nullable Object> T write(Work<T> work) {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException("a write inside a write: use the Tx that is at hand");
    }
    Request<T> request = new Request<>(work);
    submit(request);
    return request.await();
  }

  private void submit(Request<?> request) {
    if (closed) throw Pool.closed();
    try {
      if (!waiting.offer(request, WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new Problem(
            Fault.STORE_BUSY,
            "%,d writes are waiting for the store".formatted(WAITING_MAX),
            "Send less at once, or put the store on a faster disk");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(Fault.INTERRUPTED, "a write was interrupted before it began", "Try again")
          .because(e);
    }
    if (closed && request.claim()) throw Pool.closed();
  }

  private void loop() {
    try {
      while (!isStopped) {
        Request<?> next = waiting.take();
        if (next == stop) break;
        if (next.claim()) group(next);
        Session current = session;
        if (current != null) rows.committed(current);
      }
    } catch (InterruptedException _) {
      // Nobody interrupts the writer but a JVM that goes down.
    } finally {
      closed = true;
      for (Request<?> late = waiting.poll(); late != null; late = waiting.poll()) {
        if (late.claim()) late.fail(Pool.closed());
      }
      rows.end();
      drop();
    }
  }

  /// Runs a work and those that wait behind it in one transaction, and settles them all.
  private void group(Request<?> first) throws InterruptedException {
    List<Request<?>> group = new ArrayList<>();
    group.add(first);
    Throwable failure = Pool.closed();
    try {
      failure = outcome(group);
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      // Whatever comes, nobody waits for ever.
      for (Request<?> request : group) {
        if (failure == null) request.settle();
        else request.fail(failure);
      }
    }
  }

  /// Why a group was not committed after all tries, or null.
  private @Nullable Throwable outcome(List<Request<?>> group) throws InterruptedException {
    boolean isCareful = false;
    boolean isWhole = false;
    for (int tried = 1; ; ) {
      try {
        transaction(group, isCareful, isWhole);
        return null;
      } catch (Request.Undone _) {
        undo(null);
        isCareful = true;
      } catch (RuntimeException | Error e) {
        undo(e);
        if (!rows.again(e, tried++)) return e;
      }
      isWhole = true;
    }
  }

  /// @param isWhole whether no work is added to the group any more
  private void transaction(List<Request<?>> group, boolean isCareful, boolean isWhole)
      throws InterruptedException {
    rows.check();
    Session current = session;
    if (current == null) session = current = rows.session();
    current.run(rows.begin());
    if (isWhole) {
      for (Request<?> request : group) request.run(current, isCareful);
    } else {
      gather(current, group);
    }
    long begun = System.nanoTime();
    rows.commit(current);
    commitNanos = System.nanoTime() - begun;
  }

  /// Runs the first of a group and whatever comes while it does.
  private void gather(Session current, List<Request<?>> group) throws InterruptedException {
    long until = System.nanoTime() + groupNanosMax;
    long patience = commitNanos;
    group.getFirst().run(current, false);
    while (group.size() < GROUP_MAX && !isStopped) {
      long now = System.nanoTime();
      if (now - until > 0) break;
      Request<?> next = waiting.poll();
      if (next == null && group.size() < expected && patience > 0) {
        next = waiting.poll(patience, TimeUnit.NANOSECONDS);
        patience -= System.nanoTime() - now;
      }
      if (next == null) break;
      if (next == stop) {
        isStopped = true;
      } else if (next.claim()) {
        group.add(next);
        next.run(current, false);
      }
    }
    expected = group.size();
  }

  /// @param why null if the session is sound
  private void undo(@Nullable Throwable why) {
    Session current = session;
    if (current == null) return;
    if (why != null && rows.isLost(why)) {
      drop();
      return;
    }
    try {
      current.run("rollback");
    } catch (RuntimeException _) {
      // It has rolled back by itself, or there was nothing to roll back; a lost session shows it.
      if (why != null && rows.isLost(why)) drop();
    }
  }

  private void drop() {
    Session current = session;
    session = null;
    if (current != null) current.close();
  }

  @Override
  public void close() {
    if (closed) return;
    closed = true;
    // The queue may be full of works; the writer makes room.
    boolean interrupted = false;
    while (true) {
      try {
        waiting.put(stop);
        thread.join(TimeUnit.SECONDS.toMillis(WAIT_SECONDS_MAX));
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }
}
