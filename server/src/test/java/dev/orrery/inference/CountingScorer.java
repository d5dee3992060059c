package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Scorer;
import dev.orrery.model.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Sums the values of each row, times a factor; counts its runs, and whether it was closed while it
/// ran.
final class CountingScorer implements Scorer {
  final AtomicInteger runs = new AtomicInteger();
  final AtomicInteger running = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  volatile boolean closedWhileRunning;
  private final double factor;
  private final long pauseMillis;

  CountingScorer(double factor, long pauseMillis) {
    this.factor = factor;
    this.pauseMillis = pauseMillis;
  }

  @Override
  public String platform() {
    return "test_sum";
  }

  @Override
  public List<Port> inputs() {
    return List.of(Port.of("input", Datatype.FP64, -1, 2));
  }

  @Override
  public List<Port> outputs() {
    return List.of(Port.of("score", Datatype.FP64, -1));
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    running.incrementAndGet();
    try {
      runs.incrementAndGet();
      if (pauseMillis > 0) Thread.sleep(pauseMillis);
      double[] values = inputs.firstEntry().getValue().doubles();
      double[] sums = new double[values.length / 2];
      for (int i = 0; i < sums.length; i++) {
        if (values[2 * i] < 0) throw new Problem(Fault.BAD_TENSOR, "it is negative", "Send others");
        sums[i] = factor * (values[2 * i] + values[2 * i + 1]);
      }
      if (closed.get() > 0) closedWhileRunning = true;
      var outputs = new LinkedHashMap<String, Tensor>();
      outputs.put("score", Tensor.of(sums, sums.length));
      return outputs;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } finally {
      running.decrementAndGet();
    }
  }

  @Override
  public void close() {
    closed.incrementAndGet();
    if (running.get() > 0) closedWhileRunning = true;
  }

  /// One row of two values.
  static SequencedMap<String, Tensor> row(double a, double b) {
    var row = new LinkedHashMap<String, Tensor>();
    row.put("input", Tensor.of(new double[] {a, b}, 1, 2));
    return row;
  }
}
