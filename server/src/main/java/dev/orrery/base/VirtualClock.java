package dev.orrery.base;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until it is moved, and moves forward only.
///
/// Schedules, monitors, cooldowns and canary holds read it; leases, timeouts and durability stay on
/// the real clock. Safe for use by many threads.
public final class VirtualClock implements InstantSource {
  private final AtomicReference<Instant> now;

  public VirtualClock(Instant start) {
    this.now = new AtomicReference<>(start);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /// @throws Problem of kind CONFLICT if the instant lies before the one the clock shows
  public void advance(Instant to) {
    Instant from = now.getAndUpdate(shown -> to.isBefore(shown) ? shown : to);
    if (to.isBefore(from)) {
      throw new Problem(
          Fault.CLOCK_BACKWARD,
          "the clock shows %s and cannot go back to %s".formatted(from, to),
          "Move it to %s or later".formatted(from));
    }
  }
}
