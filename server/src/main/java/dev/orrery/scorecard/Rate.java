package dev.orrery.scorecard;

import org.jspecify.annotations.Nullable;

/// How fast a count rises, between the looks at it.
final class Rate {
  private static final double SECONDS_MIN = 0.5;

  private long count = -1;
  private long nanos;
  private @Nullable Double perSecond;

  /// The rate since an earlier look, in counts a second; null at the first.
  synchronized @Nullable Double of(long now) {
    long time = System.nanoTime();
    double seconds = (time - nanos) / 1e9;
    if (count < 0 || seconds >= SECONDS_MIN) {
      perSecond = count < 0 ? null : (Double) ((now - count) / seconds);
      count = now;
      nanos = time;
    }
    return perSecond;
  }
}
