package dev.orrery.inference;

import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// What has been counted of one version of a model since the process began, under the names of the
/// statistics extension of the Open Inference Protocol.
public final class Statistics {
  /// Beyond so many different batch sizes, no more are told apart.
  private static final int BATCH_SIZES_MAX = 64;

  private static final int RECENT_WEIGHT = 16;

  /// How often, and nanoseconds in all.
  public record Duration(long count, long ns) {}

  /// A count with the time it took.
  static final class Timed {
    private final LongAdder count = new LongAdder();
    private final LongAdder nanos = new LongAdder();

    void add(long took) {
      count.increment();
      nanos.add(Math.max(0, took));
    }

    Duration read() {
      return new Duration(count.sum(), nanos.sum());
    }
  }

  /// Counts of the executions of one size.
  static final class Batch {
    final Timed input = new Timed();
    final Timed infer = new Timed();
    final Timed output = new Timed();
  }

  final Timed success = new Timed();
  final Timed fail = new Timed();
  final Timed queue = new Timed();
  final Timed input = new Timed();
  final Timed infer = new Timed();
  final Timed output = new Timed();
  final Timed cacheHit = new Timed();
  final Timed cacheMiss = new Timed();
  private final LongAdder inferences = new LongAdder();
  private final LongAdder executions = new LongAdder();
  private final Map<Long, Batch> batches = new ConcurrentHashMap<>();
  private final InstantSource clock;
  private volatile long lastMillis;

  /// A running mean of nanoseconds per row; torn or lost updates do no harm.
  private volatile double recentNanosPerRow = Double.POSITIVE_INFINITY;

  public Statistics(InstantSource clock) {
    this.clock = clock;
  }

  /// Rows were answered, by this very request or out of a batch.
  void answered(long rows, long queued, long inferred) {
    inferences.add(Math.max(1, rows));
    queue.add(queued);
    infer.add(inferred);
    success.add(queued + inferred);
    lastMillis = clock.millis();
  }

  /// The model itself ran, over so many rows.
  void executed(long rows, long nanos) {
    executions.increment();
    double perRow = nanos / (double) Math.max(1, rows);
    double before = recentNanosPerRow;
    recentNanosPerRow =
        before == Double.POSITIVE_INFINITY ? perRow : before + (perRow - before) / RECENT_WEIGHT;
    Batch batch = batches.get(rows);
    if (batch == null && batches.size() < BATCH_SIZES_MAX) {
      batch = batches.computeIfAbsent(rows, _ -> new Batch());
    }
    if (batch != null) batch.infer.add(nanos);
  }

  /// A request was answered by a run of its own, with nothing kept of how.
  public void ran(long rows, long nanos) {
    executed(rows, nanos);
    answered(rows, 0, nanos);
  }

  /// What a row is expected to cost, before any has been asked about.
  void expect(double nanosPerRow) {
    recentNanosPerRow = nanosPerRow;
  }

  /// What a row costs of late; infinite before the first.
  double nanosPerRow() {
    return recentNanosPerRow;
  }

  long inferenceCount() {
    return inferences.sum();
  }

  long executionCount() {
    return executions.sum();
  }

  /// Milliseconds since 1970; 0 if there was none.
  long lastMillis() {
    return lastMillis;
  }

  /// By size, the smallest first.
  Map<Long, Batch> batches() {
    return new TreeMap<>(batches);
  }
}
