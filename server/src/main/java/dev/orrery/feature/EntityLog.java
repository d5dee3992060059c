package dev.orrery.feature;

import java.util.Arrays;

/// What became known of one entity, in order of the moment it did, with running sums.
///
/// Entry i holds the sums over the entries 0 to i, so that any window is two look-ups and a
/// subtraction. Not safe for use by several threads.
final class EntityLog {
  private final int aggregates;
  private long[] known = new long[8];

  /// `[entry][aggregate]`, flat: running sums in millionths.
  private long[] sums;

  /// `[entry][aggregate]`, flat: how many values were not missing so far.
  private int[] counts;

  private int size;

  EntityLog(int aggregates) {
    this.aggregates = aggregates;
    this.sums = new long[8 * aggregates];
    this.counts = new int[8 * aggregates];
  }

  /// Adds what became known at one moment; [Long#MIN_VALUE] is a missing value.
  void add(long knownAt, long[] values) {
    if (size == known.length) grow();
    int at = size == 0 || known[size - 1] <= knownAt ? size : upTo(knownAt);
    int base = at * aggregates;
    if (at < size) {
      System.arraycopy(known, at, known, at + 1, size - at);
      int width = (size - at) * aggregates;
      System.arraycopy(sums, base, sums, base + aggregates, width);
      System.arraycopy(counts, base, counts, base + aggregates, width);
    }
    known[at] = knownAt;
    for (int a = 0; a < aggregates; a++) {
      sums[base + a] = at == 0 ? 0 : sums[base - aggregates + a];
      counts[base + a] = at == 0 ? 0 : counts[base - aggregates + a];
    }
    size++;
    for (int a = 0; a < aggregates; a++) {
      if (values[a] == Long.MIN_VALUE) continue;
      for (int i = at; i < size; i++) {
        sums[i * aggregates + a] += values[a];
        counts[i * aggregates + a]++;
      }
    }
  }

  /// How many entries became known at this moment or before.
  int upTo(long moment) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (known[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /// The sum of an aggregate over the entries from (inclusive) to end (exclusive).
  long sum(int aggregate, int from, int end) {
    return running(sums, aggregate, end) - running(sums, aggregate, from);
  }

  /// How many values of an aggregate were not missing among these entries.
  int count(int aggregate, int from, int end) {
    int last = end == 0 ? 0 : counts[(end - 1) * aggregates + aggregate];
    return last - (from == 0 ? 0 : counts[(from - 1) * aggregates + aggregate]);
  }

  /// Forgets what became known at this moment or before, once that is a good part of the whole:
  /// moving the rest costs more than keeping a little too much.
  void forget(long moment) {
    int gone = upTo(moment);
    if (gone == 0 || gone < size && gone < Math.max(64, size / 4)) return;
    long[] lostSums = Arrays.copyOfRange(sums, (gone - 1) * aggregates, gone * aggregates);
    int[] lostCounts = Arrays.copyOfRange(counts, (gone - 1) * aggregates, gone * aggregates);
    int kept = size - gone;
    int capacity = Math.max(8, kept + kept / 2);
    known = Arrays.copyOf(Arrays.copyOfRange(known, gone, size), capacity);
    sums =
        Arrays.copyOf(
            Arrays.copyOfRange(sums, gone * aggregates, size * aggregates), capacity * aggregates);
    counts =
        Arrays.copyOf(
            Arrays.copyOfRange(counts, gone * aggregates, size * aggregates),
            capacity * aggregates);
    size = kept;
    for (int i = 0; i < size * aggregates; i++) {
      sums[i] -= lostSums[i % aggregates];
      counts[i] -= lostCounts[i % aggregates];
    }
  }

  int size() {
    return size;
  }

  private static long running(long[] sums, int aggregates, int aggregate, int end) {
    return end == 0 ? 0 : sums[(end - 1) * aggregates + aggregate];
  }

  private long running(long[] sums, int aggregate, int end) {
    return running(sums, aggregates, aggregate, end);
  }

  private void grow() {
    int capacity = known.length + known.length / 2;
    known = Arrays.copyOf(known, capacity);
    sums = Arrays.copyOf(sums, capacity * aggregates);
    counts = Arrays.copyOf(counts, capacity * aggregates);
  }
}
