package dev.orrery.inference;

import dev.orrery.model.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Answers of one version by the inputs that they were given for; the least recently asked goes
/// first. Only small requests are kept.
final class AnswerCache {
  private static final long ELEMENTS_MAX = 4_096;

  /// Inputs, compared by their values: two that are equal are answered alike.
  static final class Key {
    private final SequencedMap<String, Tensor> inputs;
    private final int hash;

    private Key(SequencedMap<String, Tensor> inputs) {
      this.inputs = inputs;
      int mixed = 0;
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        mixed = 31 * (31 * mixed + input.getKey().hashCode()) + hash(input.getValue().data());
      }
      this.hash = mixed;
    }

    private static int hash(Object data) {
      return switch (data) {
        case double[] own -> Arrays.hashCode(own);
        case float[] own -> Arrays.hashCode(own);
        case long[] own -> Arrays.hashCode(own);
        case int[] own -> Arrays.hashCode(own);
        case short[] own -> Arrays.hashCode(own);
        case byte[] own -> Arrays.hashCode(own);
        case Object[] own -> Arrays.deepHashCode(own);
        default -> throw new AssertionError(data.getClass());
      };
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (!(other instanceof Key key) || key.hash != hash || key.inputs.size() != inputs.size()) {
        return false;
      }
      for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
        Tensor theirs = key.inputs.get(input.getKey());
        Tensor ours = input.getValue();
        if (theirs == null
            || theirs.type() != ours.type()
            || !Arrays.equals(theirs.shape(), ours.shape())
            || !Arrays.deepEquals(new Object[] {theirs.data()}, new Object[] {ours.data()})) {
          return false;
        }
      }
      return true;
    }
  }

  private final int entriesMax;
  private final LinkedHashMap<Key, SequencedMap<String, Tensor>> answers;

  AnswerCache(int entriesMax) {
    this.entriesMax = entriesMax;
    this.answers = new LinkedHashMap<>(16, 0.75f, true);
  }

  boolean isOff() {
    return entriesMax == 0;
  }

  /// What to look up and keep by; null for a request that is too large to keep.
  static @Nullable Key key(SequencedMap<String, Tensor> inputs) {
    long elements = 0;
    for (Tensor input : inputs.values()) {
      elements += input.count();
      if (input.data() instanceof byte[][] texts) {
        for (byte[] text : texts) elements += text == null ? 0 : text.length / 8;
      }
    }
    return elements > ELEMENTS_MAX ? null : new Key(inputs);
  }

  synchronized @Nullable SequencedMap<String, Tensor> get(Key key) {
    return answers.get(key);
  }

  synchronized void put(Key key, SequencedMap<String, Tensor> outputs) {
    answers.put(key, outputs);
    if (answers.size() > entriesMax) answers.pollFirstEntry();
  }

  synchronized void clear() {
    answers.clear();
  }
}
