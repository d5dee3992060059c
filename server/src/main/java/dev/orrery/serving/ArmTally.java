package dev.orrery.serving;

import dev.orrery.stats.Contrast;
import java.util.HashMap;
import java.util.Map;

/// What one variant of an A/B test has seen: its units with their known metric, its requests and
/// how they fared. Not for use by several threads.
final class ArmTally {
  private final Map<Long, Unit> units = new HashMap<>();
  private final Latencies latencies = new Latencies();
  private long requests;
  private long failed;

  /// The known values of one caller.
  private static final class Unit {
    private int values;
    private double sum;
  }

  void request(long unit, boolean hasFailed, int micros) {
    units.computeIfAbsent(unit, _ -> new Unit());
    requests++;
    if (hasFailed) failed++;
    latencies.add(micros);
  }

  /// One row whose outcome is known; its request was told before.
  void value(long unit, double value) {
    Unit known = units.computeIfAbsent(unit, _ -> new Unit());
    known.values++;
    known.sum += value;
  }

  long units() {
    return units.size();
  }

  long known() {
    long known = 0;
    for (Unit unit : units.values()) if (unit.values > 0) known++;
    return known;
  }

  long requests() {
    return requests;
  }

  long failed() {
    return failed;
  }

  /// The value that a share of the requests did not exceed, in milliseconds; see [Latencies].
  double latencyMillis(double share) {
    return latencies.quantileMillis(Math.clamp(share, 0, 1));
  }

  /// Whether no caller has more than one known value, so that values are as good as drawn.
  boolean isSingle() {
    for (Unit unit : units.values()) if (unit.values > 1) return false;
    return true;
  }

  Contrast.Clusters clusters() {
    long n = 0;
    double sum = 0;
    double squares = 0;
    double values = 0;
    double valueSquares = 0;
    double products = 0;
    for (Unit unit : units.values()) {
      if (unit.values == 0) continue;
      n++;
      sum += unit.sum;
      squares += unit.sum * unit.sum;
      values += unit.values;
      valueSquares += (double) unit.values * unit.values;
      products += unit.sum * unit.values;
    }
    return new Contrast.Clusters(n, sum, squares, values, valueSquares, products);
  }
}
