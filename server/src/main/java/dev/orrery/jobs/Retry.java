package dev.orrery.jobs;

import java.time.Duration;

/// How often, and after how long, a job that failed is tried again.
///
/// @param failuresMax the failure with this number is the last, at least 1
/// @param pause after the first failure; it doubles with each further one, up to an hour
public record Retry(int failuresMax, Duration pause) {
  public static final Retry USUAL = new Retry(4, Duration.ofSeconds(1));
  private static final Duration PAUSE_MAX = Duration.ofHours(1);

  /// @param failures so far, at least 1
  Duration pauseAfter(long failures) {
    Duration doubled = pause.multipliedBy(1L << Math.min(failures - 1, 20));
    return doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }
}
