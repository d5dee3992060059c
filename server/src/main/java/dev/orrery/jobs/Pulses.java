package dev.orrery.jobs;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Watches the beats of other servers' jobs with this server's own stopwatch: clocks that differ,
/// jump or stand still change nothing. For one thread.
final class Pulses {
  private final long stillNanosMax;
  private Map<JobStore.Pulse, Long> seenSince = new HashMap<>();

  Pulses(Duration stillMax) {
    this.stillNanosMax = stillMax.toNanos();
  }

  /// Those of these pulses that have not changed for too long.
  List<JobStore.Pulse> still(List<JobStore.Pulse> pulses) {
    long now = System.nanoTime();
    Map<JobStore.Pulse, Long> seen = new HashMap<>();
    List<JobStore.Pulse> still = new ArrayList<>();
    for (JobStore.Pulse pulse : pulses) {
      long since = seenSince.getOrDefault(pulse, now);
      seen.put(pulse, since);
      if (now - since > stillNanosMax) still.add(pulse);
    }
    seenSince = seen;
    return still;
  }
}
