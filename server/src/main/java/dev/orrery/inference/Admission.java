package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// How many requests of one model run at once, and how many more may wait for their turn.
final class Admission {
  private static final long WAIT_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

  private final String model;
  private final Semaphore running;
  private final int queueMax;
  private final AtomicInteger waiting = new AtomicInteger();

  Admission(String model, int concurrencyMax, int queueMax) {
    this.model = model;
    this.running = new Semaphore(concurrencyMax, true);
    this.queueMax = queueMax;
  }

  /// Waits for a turn, given back by [#leave()].
  ///
  /// @param timeoutNanos how long the caller waits; 0 for as long as its route lets it
  /// @throws Problem of kind LIMITED if the queue is full, UNAVAILABLE if the time is up
  void enter(long timeoutNanos) {
    if (running.tryAcquire()) return;
    // A network thread never waits; others are virtual.
    boolean mayWait = Thread.currentThread().isVirtual();
    if (waiting.incrementAndGet() > queueMax || !mayWait) {
      waiting.decrementAndGet();
      throw new Problem(
          Fault.MODEL_BUSY,
          "'%s' has %d requests waiting, as many as it may".formatted(model, queueMax),
          "Send it again in a second");
    }
    try {
      long within = timeoutNanos == 0 ? WAIT_NANOS_MAX : Math.min(timeoutNanos, WAIT_NANOS_MAX);
      if (!running.tryAcquire(within, TimeUnit.NANOSECONDS)) throw late();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw late().because(e);
    } finally {
      waiting.decrementAndGet();
    }
  }

  void leave() {
    running.release();
  }

  static Problem late() {
    return new Problem(
        Fault.DEADLINE,
        "the request was not answered in time",
        "Send it again, or give it more time");
  }
}
