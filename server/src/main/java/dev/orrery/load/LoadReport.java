package dev.orrery.load;

import java.util.SortedMap;

/// What came of a load.
///
/// @param offered requests that were due in the measured span
/// @param answered those with any answer
/// @param failed those without: a broken connection, or none in time
/// @param statuses answers by status
/// @param perSecond answers of status 200 to 299 in a second of the span
/// @param latency from when requests were due, of answers of status 200 to 299
/// @param service from when they were sent
/// @param versions good answers by the version that gave them, where an endpoint tells it
/// @param lateMs how late, at most, the generator itself handed over a request that had a free
///   connection: if this is large, the machine was too busy to measure
public record LoadReport(
    String target,
    int rate,
    double seconds,
    int connections,
    long offered,
    long answered,
    long failed,
    SortedMap<Integer, Long> statuses,
    SortedMap<String, Long> versions,
    double perSecond,
    Spread latency,
    Spread service,
    double lateMs) {
  /// Milliseconds, to three digits.
  public record Spread(
      double p50, double p90, double p95, double p99, double p999, double max, double mean) {}

  /// Whether every request was answered with a status of 200 to 299.
  public boolean isClean() {
    long good =
        statuses.entrySet().stream()
            .filter(e -> e.getKey() / 100 == 2)
            .mapToLong(java.util.Map.Entry::getValue)
            .sum();
    return failed == 0 && good == offered;
  }
}
