package dev.orrery.blob;

import dev.orrery.base.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of blobs whose digest was checked: the state their file had, and the checksums of
/// its pieces. A file in another state is not known any more. Bounded; the least used are
/// forgotten.
final class Proofs {
  /// 16 MB of checksums: a terabyte of blobs.
  private static final long PIECES_MAX = 4L << 20;

  /// What a file system says of a file; any write changes it.
  record State(Object inode, long size, FileTime modified, FileTime changed) {
    static State of(Path file) throws IOException {
      Map<String, Object> now = Files.readAttributes(file, "unix:ino,size,lastModifiedTime,ctime");
      return new State(
          at(now, "ino"),
          (Long) at(now, "size"),
          (FileTime) at(now, "lastModifiedTime"),
          (FileTime) at(now, "ctime"));
    }

    private static Object at(Map<String, Object> all, String name) {
      Object value = all.get(name);
      if (value == null) throw new IllegalStateException("a file without " + name);
      return value;
    }
  }

  /// @param sums of the pieces, in order
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Proof(State state, int[] sums) {}

  private final Map<Digest, Proof> known = new LinkedHashMap<>(64, 0.75f, true);
  private long pieces;

  synchronized void put(Digest digest, Proof proof) {
    drop(digest);
    known.put(digest, proof);
    pieces += proof.sums().length + 1L;
    for (Iterator<Proof> eldest = known.values().iterator(); pieces > PIECES_MAX; ) {
      pieces -= eldest.next().sums().length + 1L;
      eldest.remove();
    }
  }

  synchronized @Nullable Proof of(Digest digest, State state) {
    Proof proof = known.get(digest);
    return proof != null && proof.state().equals(state) ? proof : null;
  }

  synchronized void drop(Digest digest) {
    Proof dropped = known.remove(digest);
    if (dropped != null) pieces -= dropped.sums().length + 1L;
  }
}
