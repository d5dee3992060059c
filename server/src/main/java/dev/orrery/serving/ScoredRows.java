package dev.orrery.serving;

import dev.orrery.engine.Table;
import java.time.Instant;
import java.util.Map;

/// Logged predictions of some span of event times, joined with the outcomes known so far.
///
/// @param features what the models were given
/// @param eventMicros each row's event time
/// @param actual each row's target; NaN where it is not known yet
/// @param served what was answered
/// @param predictions what was decided, 0 or 1
/// @param version per row the version that answered
/// @param shadow what the shadow scored, by its version; NaN where it has not yet
/// @param answeredAt per row the server's clock when it was answered
public record ScoredRows(
    Table features,
    long[] eventMicros,
    double[] actual,
    double[] served,
    byte[] predictions,
    String[] version,
    Map<String, double[]> shadow,
    Instant[] answeredAt,
    int[] latencyMicros) {
  public int rows() {
    return served.length;
  }

  /// How many rows have an outcome.
  public int known() {
    int known = 0;
    for (double target : actual) if (!Double.isNaN(target)) known++;
    return known;
  }
}
