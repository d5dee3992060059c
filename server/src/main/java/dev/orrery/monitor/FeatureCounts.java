package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The values of features in one period, counted over the cells of a version's [Yardstick]s.
///
/// @param cells by feature
record FeatureCounts(Instant from, Semver version, long rows, SortedMap<String, Cells> cells) {
  /// Counts of one feature.
  ///
  /// @param bins rows per bin of the training reference
  /// @param steps for numbers: values between and at the points of the training sample, in turns;
  ///   empty for texts
  /// @param unseen texts that training had not seen; null for numbers, where that cannot be told,
  ///   and in counts of before it was counted
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Cells(long[] bins, long[] steps, @Nullable UnseenTexts unseen) {
    Cells plus(Cells other) {
      long[] both = bins.clone();
      long[] all = steps.clone();
      for (int i = 0; i < both.length; i++) both[i] += other.bins[i];
      for (int i = 0; i < all.length; i++) all[i] += other.steps[i];
      return new Cells(both, all, UnseenTexts.sum(unseen, other.unseen));
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
        sum.merge(feature.getKey(), feature.getValue(), Cells::plus);
      }
    }
    return sum;
  }
}
