package dev.orrery.monitor;

import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The values of features in one period, counted over the cells of a version's [Yardstick]s.
///
/// @param cells by feature
record FeatureCounts(Instant from, Semver version, long rows, SortedMap<String, Cells> cells) {
  /// Counts of one feature.
  ///
  /// @param bins rows per bin of the training reference
  /// @param steps for numbers: values between and at the points of the training sample, in turns;
  ///   empty for texts
  record Cells(long[] bins, long[] steps) {
    void add(Cells other) {
      for (int i = 0; i < bins.length; i++) bins[i] += other.bins[i];
      for (int i = 0; i < steps.length; i++) steps[i] += other.steps[i];
    }

    Cells copy() {
      return new Cells(bins.clone(), steps.clone());
    }

    long rows() {
      long rows = 0;
      for (long count : bins) rows += count;
      return rows;
    }
  }

  /// The sum over periods, by feature.
  static SortedMap<String, Cells> sum(Iterable<FeatureCounts> periods) {
    SortedMap<String, Cells> sum = new TreeMap<>();
    for (FeatureCounts period : periods) {
      for (Map.Entry<String, Cells> feature : period.cells().entrySet()) {
        Cells before = sum.get(feature.getKey());
        if (before == null) sum.put(feature.getKey(), feature.getValue().copy());
        else before.add(feature.getValue());
      }
    }
    return sum;
  }
}
