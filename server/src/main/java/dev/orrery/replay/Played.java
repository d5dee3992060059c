package dev.orrery.replay;

import java.util.Arrays;
import java.util.List;

/// What a replay came to, all its sessions together.
///
/// @param seconds of real time that it took
/// @param p50Ms of the prediction requests, as their client saw it; NaN if there were none
/// @param requests how many prediction requests there were
public record Played(
    long predictions, long outcomes, double seconds, double p50Ms, double p99Ms, int requests) {
  static Played of(long outcomes, double seconds, Ledger ledger) {
    int[] micros =
        ledger.acknowledged().stream()
            .map(Ledger.Batch::micros)
            .flatMap(List::stream)
            .mapToInt(m -> m)
            .sorted()
            .toArray();
    return new Played(
        ledger.rows(), outcomes, seconds, at(micros, 0.5), at(micros, 0.99), micros.length);
  }

  /// The shortest time that at least this share of the requests kept, in milliseconds.
  private static double at(int[] sorted, double share) {
    if (sorted.length == 0) return Double.NaN;
    return Arrays.stream(sorted)
            .skip(Math.max(0, (long) Math.ceil(share * sorted.length) - 1))
            .findFirst()
            .orElseThrow()
        / 1_000.0;
  }
}
