package dev.orrery.serving;

import dev.orrery.base.Semver;
import dev.orrery.feature.LiveFeatures;
import org.jspecify.annotations.Nullable;

/// What an endpoint answers with at one moment: swapped whole, never changed.
///
/// @param features shared by all that follow each other: what became known does not depend on who
///   answers
record Live(
    Traffic traffic,
    Loaded champion,
    @Nullable Loaded canary,
    @Nullable Loaded shadow,
    LiveFeatures features,
    RequestRows rows,
    JoinedRows joined) {

  /// Who answers a request: the canary for its share of the sticky keys, else the champion.
  Loaded arm(String sticky) {
    Traffic.Canary trial = traffic.canary();
    if (canary == null || trial == null) return champion;
    return bucket(trial.version(), sticky) < trial.percent() * 100 ? canary : champion;
  }

  /// A number from 0 to 9,999 that is the same for the same key, on every server, for good, and
  /// another for each canary.
  static int bucket(Semver salt, String sticky) {
    byte[] hash =
        dev.orrery.base.Digest.sha256()
            .digest((salt + "/" + sticky).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    long low = 0;
    for (int i = 0; i < 7; i++) low = low << 8 | (hash[i] & 0xFF);
    return (int) (low % 10_000);
  }
}
