package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sessions that are lent to one thread at a time; the one returned last is lent first.
final class Pool implements AutoCloseable {
  private static final long WAIT_SECONDS_MAX = 30;

  private final Supplier<Session> opener;
  private final Semaphore free;
  private final ConcurrentLinkedDeque<Session> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  Pool(int sessionsMax, Supplier<Session> opener) {
    this.opener = opener;
    this.free = new Semaphore(sessionsMax, true);
  }

  /// Lends a session. One that was in use when something failed is closed, never lent again.
  <T extends @Nullable Object> T with(Work<T> use) {
    await();
    try {
      Session session = take();
      T result;
      try {
        result = use.in(session);
      } catch (RuntimeException | Error e) {
        session.close();
        throw e;
      }
      giveBack(session);
      return result;
    } finally {
      free.release();
    }
  }

  /// Forgets the idle sessions: their server has gone.
  void drop() {
    for (Session session = idle.poll(); session != null; session = idle.poll()) session.close();
  }

  private Session take() {
    Session session = idle.pollFirst();
    return session != null ? session : opener.get();
  }

  private void giveBack(Session session) {
    idle.addFirst(session);
    if (closed) drop();
  }

  private void await() {
    if (closed) throw closed();
    try {
      if (free.tryAcquire(WAIT_SECONDS_MAX, TimeUnit.SECONDS)) return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(Fault.INTERRUPTED, "a read was interrupted", "Try again").because(e);
    }
    throw new Problem(
        Fault.STORE_BUSY,
        "no connection to the store came free in %d s".formatted(WAIT_SECONDS_MAX),
        "Try again when there is less to do");
  }

  static Problem closed() {
    return new Problem(Fault.STORE_BUSY, "the store is closed", "Start Orrery again");
  }

  @Override
  public void close() {
    closed = true;
    drop();
  }
}
