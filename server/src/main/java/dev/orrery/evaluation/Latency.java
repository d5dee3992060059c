package dev.orrery.evaluation;

import dev.orrery.engine.Table;
import dev.orrery.model.ModelPackage;
import java.util.Arrays;

/// How long a model takes to encode and score one row, in nanoseconds; the smallest figure is the
/// model's own cost, the largest shows the machine.
///
/// @param rows how many were timed, after as many to warm up
public record Latency(int rows, long p50, long p99, long max) {
  private static final int WARM_UP = 2_000;

  /// Times single rows, one after the other, in the calling thread.
  ///
  /// @param features rows to score, used over and over if they are fewer; at least one
  /// @param count how many to time, such as 10,000
  public static Latency ofSingleRows(ModelPackage model, Table features, int count) {
    model.signature().check(features);
    if (features.rows() == 0) throw new IllegalArgumentException("no rows to time");
    double[] row = new double[model.preprocessor().width()];
    double sum = 0;
    for (int i = 0; i < WARM_UP; i++) sum += one(model, features, i, row);
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      sum += one(model, features, i, row);
      nanos[i] = System.nanoTime() - start;
    }
    if (Double.isNaN(sum)) throw new IllegalStateException("a model scored NaN");
    Arrays.sort(nanos);
    return new Latency(count, at(nanos, 0.5), at(nanos, 0.99), nanos[count - 1]);
  }

  public double p99Millis() {
    return p99 / 1e6;
  }

  private static double one(ModelPackage model, Table features, int i, double[] row) {
    model.preprocessor().encodeRow(features, i % features.rows(), row);
    return model.score(row);
  }

  /// The smallest time that at least this share of the rows kept.
  private static long at(long[] sorted, double share) {
    return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
  }
}
