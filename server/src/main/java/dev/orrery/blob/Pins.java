package dev.orrery.blob;

import dev.orrery.base.Digest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which blobs may not be collected at the moment, whatever the rows say: those that someone holds,
/// and those that were held at any time since the round of collection began.
///
/// The second matters: a row may be written after the collector has read the rows, and its blob let
/// go before the collector comes by.
final class Pins {
  interface Removal {
    void run() throws IOException;
  }

  private final Map<Digest, Integer> held = new HashMap<>();
  private @Nullable Set<Digest> touched;

  synchronized void pin(Digest digest) {
    held.merge(digest, 1, Integer::sum);
    Set<Digest> round = touched;
    if (round != null) round.add(digest);
  }

  synchronized void release(Digest digest) {
    held.computeIfPresent(digest, (_, count) -> count == 1 ? null : count - 1);
  }

  /// Begins a round; before the rows are read.
  synchronized void begin() {
    if (touched != null) throw new IllegalStateException("a round of collection is under way");
    touched = new HashSet<>(held.keySet());
  }

  synchronized void end() {
    touched = null;
  }

  /// Removes while nobody can begin to hold it.
  synchronized boolean unlessPinned(Digest digest, Removal removal) throws IOException {
    Set<Digest> round = touched;
    if (round == null) throw new IllegalStateException("no round of collection is under way");
    if (held.containsKey(digest) || round.contains(digest)) return false;
    try {
      removal.run();
      return true;
    } catch (NoSuchFileException _) {
      return false;
    }
  }
}
