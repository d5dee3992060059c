package dev.orrery.serving;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the shadows close behind what is answered on the real clock: a few answers at a time, so
/// that no client waits behind many. It takes at most half of one processor's time; a shadow that
/// needs more falls behind, and the log keeps what it owes.
final class ShadowFollower implements AutoCloseable {
  static final int FRAMES_AT_ONCE = 32;

  private static final Logger LOG = LoggerFactory.getLogger(ShadowFollower.class);
  private static final long PAUSE_NANOS = 20_000_000;
  private static final long BETWEEN_NANOS = 1_000_000;
  private static final long AFTER_FAILURE_NANOS = 1_000_000_000;
  private static final Duration CLOSE_MAX = Duration.ofSeconds(3);

  private final BooleanSupplier slice;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /// @param slice scores a few answers, and says whether that left any
  ShadowFollower(BooleanSupplier slice) {
    this.slice = slice;
    this.thread = Thread.ofPlatform().name("orrery-shadow").daemon().start(this::work);
  }

  private void work() {
    try {
      long pause = PAUSE_NANOS;
      while (!closing.await(pause, TimeUnit.NANOSECONDS)) pause = slice();
    } catch (InterruptedException _) {
      // Closing does not wait longer.
    }
  }

  /// Scores a slice; how long to rest then.
  private long slice() {
    long began = System.nanoTime();
    try {
      boolean isBehind = slice.getAsBoolean();
      return isBehind ? Math.max(BETWEEN_NANOS, System.nanoTime() - began) : PAUSE_NANOS;
    } catch (RuntimeException e) {
      if (closing.getCount() > 0) LOG.error("a shadow did not score; it is tried again", e);
      return AFTER_FAILURE_NANOS;
    }
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      if (!thread.join(CLOSE_MAX)) thread.interrupt();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
