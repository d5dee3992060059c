package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;

/// How many cores a command may use.
final class Threads {
  private static final int MAX = 1_024;

  private Threads() {}

  static int checked(int threads) {
    if (threads >= 1 && threads <= MAX) return threads;
    throw new Problem(
        Fault.BAD_COMMAND,
        "%d is no number of threads".formatted(threads),
        "Give --threads 1 to %d".formatted(MAX));
  }
}
