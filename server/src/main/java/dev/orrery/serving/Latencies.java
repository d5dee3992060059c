package dev.orrery.serving;

import java.util.concurrent.atomic.AtomicLongArray;

/// How long answers took: counts in buckets that widen by 2 %, from 1 us to about 10 minutes. Safe
/// for use by many threads.
public final class Latencies {
  private static final double GROWTH = Math.log(1.02);
  private static final int BUCKETS = 1_024;

  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

  public void add(double micros) {
    int bucket = micros <= 1 ? 0 : (int) Math.min(BUCKETS - 1, Math.log(micros) / GROWTH);
    counts.incrementAndGet(bucket);
  }

  /// The latency that a share of the answers did not exceed, in milliseconds, 2 % too large at
  /// most; NaN if nothing was counted.
  public double quantileMillis(double share) {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) total += counts.get(i);
    if (total == 0) return Double.NaN;
    long wanted = (long) Math.ceil(share * total);
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += counts.get(i);
      if (seen >= wanted) return Math.exp((i + 1) * GROWTH) / 1_000;
    }
    return Double.NaN;
  }
}
