package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A rehearsal of a bad day: for a while the champion fails, or is slow, because somebody asked it
/// to. It ends by itself by the machine's clock, and with the process. Safe for use by many
/// threads.
final class Chaos {
  static final int SECONDS_MAX = 300;
  static final int LATENCY_MILLIS_MAX = 10_000;

  private final AtomicLong struck = new AtomicLong();
  private volatile @Nullable Running running;

  /// @param failing the share of the requests whose champion fails
  /// @param latencyMillis by which each of the champion's answers is late
  record Plan(double failing, int latencyMillis, int seconds) {
    Plan {
      if (!(failing >= 0 && failing <= 1)
          || latencyMillis < 0
          || latencyMillis > LATENCY_MILLIS_MAX
          || seconds < 1
          || seconds > SECONDS_MAX
          || failing == 0 && latencyMillis == 0) {
        throw new Problem(
            Fault.BAD_REHEARSAL,
            "failing %s, latency %d ms, %d s is no rehearsal"
                .formatted(failing, latencyMillis, seconds),
            "Give a share of 0 to 1, or 1 to %d ms, for 1 to %d s"
                .formatted(LATENCY_MILLIS_MAX, SECONDS_MAX));
      }
    }
  }

  private record Running(Plan plan, long untilNanos, SplittableRandom random) {}

  /// @throws Problem of kind INVALID if one runs already
  synchronized void start(Plan plan) {
    if (isRunning()) {
      throw new Problem(
          Fault.BAD_REHEARSAL, "a rehearsal is running", "Wait for its end; it ends by itself");
    }
    struck.set(0);
    running =
        new Running(
            plan,
            System.nanoTime() + plan.seconds() * 1_000_000_000L,
            new SplittableRandom(plan.seconds()));
  }

  void stop() {
    running = null;
  }

  boolean isRunning() {
    Running now = running;
    return now != null && now.untilNanos() - System.nanoTime() > 0;
  }

  Optional<Plan> plan() {
    Running now = running;
    return now != null && isRunning() ? Optional.of(now.plan()) : Optional.empty();
  }

  /// How many of the champion's answers the running or last rehearsal touched.
  long struck() {
    return struck.get();
  }

  /// Called where the champion is about to answer.
  ///
  /// @throws Problem REHEARSED for the share that is to fail
  void strike() {
    Running now = running;
    if (now == null) return;
    if (!isRunning()) {
      running = null;
      return;
    }
    double drawn;
    synchronized (now) {
      drawn = now.random().nextDouble();
    }
    struck.incrementAndGet();
    if (now.plan().latencyMillis() > 0) sleep(now.plan().latencyMillis());
    if (drawn < now.plan().failing()) {
      throw new Problem(
          Fault.REHEARSED,
          "the champion fails, as the running rehearsal asks",
          "Try again; it ends within %d s".formatted(now.plan().seconds()));
    }
  }

  private static void sleep(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
