package dev.orrery.replay;

import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// What a replay came to, all its sessions together.
///
/// @param seconds of real time that it took
/// @param p50Ms of the prediction requests, as their client saw it; NaN if there were none
/// @param requests how many prediction requests there were
/// @param last the id of the last prediction, to try things with
public record Played(
    long predictions,
    long outcomes,
    double seconds,
    double p50Ms,
    double p99Ms,
    int requests,
    UUID last) {
  static Played of(long outcomes, double seconds, Ledger ledger) {
    int[] micros =
        ledger.acknowledged().stream()
            .map(Ledger.Batch::micros)
            .flatMap(List::stream)
            .mapToInt(m -> m)
            .sorted()
            .toArray();
    int last = (int) (2 * Math.max(0, ledger.rows() - 1));
    return new Played(
        ledger.rows(),
        outcomes,
        seconds,
        at(micros, 0.5),
        at(micros, 0.99),
        micros.length,
        new UUID(ledger.ids()[last], ledger.ids()[last + 1]));
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
