package dev.orrery.inference;

import dev.orrery.model.Datatype;
import dev.orrery.model.Port;
import dev.orrery.model.Scorer;
import dev.orrery.model.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;

/// Runs a model before the first request does, on a row of zeros, or of missing values: what is
/// slow the first time is slow here, and what a row costs is known.
final class WarmUp {
  private static final long WITHIN_NANOS = 20_000_000;
  private static final int RUNS_MAX = 2_000;
  private static final long ELEMENTS_MAX = 1 << 20;

  private WarmUp() {}

  /// The quickest run, which is nearest to what a warm one takes; empty where the model does not
  /// take such a row.
  static OptionalDouble nanosPerRow(Scorer scorer) {
    OptionalDouble zeros = nanosPerRow(scorer, false);
    return zeros.isPresent() ? zeros : nanosPerRow(scorer, true);
  }

  private static OptionalDouble nanosPerRow(Scorer scorer, boolean isMissing) {
    Optional<SequencedMap<String, Tensor>> row = row(scorer, isMissing);
    if (row.isEmpty()) return OptionalDouble.empty();
    long began = System.nanoTime();
    long best = Long.MAX_VALUE;
    try {
      for (int run = 0; run < RUNS_MAX; run++) {
        long before = System.nanoTime();
        SequencedMap<String, Tensor> unused = scorer.score(row.get());
        long after = System.nanoTime();
        best = Math.min(best, after - before);
        if (after - began > WITHIN_NANOS) break;
      }
    } catch (RuntimeException e) {
      // A row of zeros may be none that the model knows; requests will tell.
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(best);
  }

  /// One row of zeros and the text `0`; or of what stands for missing values.
  private static Optional<SequencedMap<String, Tensor>> row(Scorer scorer, boolean isMissing) {
    var row = new LinkedHashMap<String, Tensor>();
    for (Port port : scorer.inputs()) {
      long[] shape = port.shape().stream().mapToLong(d -> d == -1 ? 1 : d).toArray();
      long count = 1;
      for (long length : shape) count = Math.min(ELEMENTS_MAX + 1, count * length);
      if (count > ELEMENTS_MAX) return Optional.empty();
      row.put(port.name(), values(port.type(), shape, (int) count, isMissing));
    }
    return Optional.of(row);
  }

  private static Tensor values(Datatype type, long[] shape, int count, boolean isMissing) {
    if (type.isFloating() && type != Datatype.BF16) {
      double[] values = new double[count];
      if (isMissing) java.util.Arrays.fill(values, Double.NaN);
      return TensorJson.ofDoubles(type, shape, values);
    }
    if (type == Datatype.BF16) return new Tensor(type, shape, new short[count]);
    if (type != Datatype.BYTES) return TensorJson.ofLongs(type, shape, new long[count]);
    byte[][] texts = new byte[count][];
    if (!isMissing) java.util.Arrays.fill(texts, "0".getBytes(StandardCharsets.US_ASCII));
    return new Tensor(type, shape, texts);
  }
}
