package dev.orrery.serving;

import java.util.concurrent.atomic.AtomicLongArray;

/// How many requests a second came lately: counts of the last minute's seconds. Safe for use by
/// many threads; a count may be lost where a second begins.
final class Rate {
  private static final int SECONDS = 64;
  private static final int SPAN = 60;

  /// In turns the second that a cell counts, and its count.
  private final AtomicLongArray cells = new AtomicLongArray(2 * SECONDS);

  void one() {
    long second = now();
    int cell = 2 * (int) Math.floorMod(second, (long) SECONDS);
    if (cells.get(cell) != second) {
      cells.set(cell, second);
      cells.set(cell + 1, 0);
    }
    cells.incrementAndGet(cell + 1);
  }

  /// Requests a second over the last minute of the machine's clock, the running second left out.
  double perSecond() {
    long second = now();
    long sum = 0;
    for (int i = 0; i < SECONDS; i++) {
      long age = second - cells.get(2 * i);
      if (age >= 1 && age <= SPAN) sum += cells.get(2 * i + 1);
    }
    return (double) sum / SPAN;
  }

  private static long now() {
    return System.nanoTime() / 1_000_000_000L;
  }
}
