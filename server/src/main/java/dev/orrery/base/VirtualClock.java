package dev.orrery.base;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until it is moved, and moves forward only.
///
/// Schedules, monitors, cooldowns and canary holds read it; leases, timeouts and durability stay on
/// the real clock. Safe for use by many threads.
public final class VirtualClock implements InstantSource {
  /// The greatest is far enough from those of the types that count milliseconds and microseconds.
  private static final Instant LEAST = Instant.parse("0001-01-01T00:00:00Z");

  private static final Instant GREATEST = Instant.parse("9999-12-31T00:00:00Z");

  private final AtomicReference<Instant> now;

  /// @throws Problem of kind INVALID if the instant lies outside the years 1 to 9999
  public VirtualClock(Instant start) {
    this.now = new AtomicReference<>(possible(start));
  }

  private static Instant possible(Instant instant) {
    if (!instant.isBefore(LEAST) && !instant.isAfter(GREATEST)) return instant;
    throw new Problem(
        Fault.CLOCK_BEYOND,
        "a clock does not show %s".formatted(instant),
        "Give a moment of the years 1 to 9999");
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /// @throws Problem of kind CONFLICT if the instant lies before the one the clock shows, INVALID
  ///   if it lies outside the years 1 to 9999
  public void advance(Instant to) {
    Instant unused = possible(to);
    Instant from = now.getAndUpdate(shown -> to.isBefore(shown) ? shown : to);
    if (to.isBefore(from)) {
      throw new Problem(
          Fault.CLOCK_BACKWARD,
          "the clock shows %s and cannot go back to %s".formatted(from, to),
          "Move it to %s or later".formatted(from));
    }
  }
}
