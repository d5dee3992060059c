package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.Disk;
import dev.orrery.base.DiskRoom;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Files that grow from request to request, until they are whole and become a blob. They are named
/// by ids that the server makes, and outlive the process; rows say which are wanted.
public final class Drafts {
  private final Blobs blobs;
  private final Path folder;
  private final DiskRoom room;

  /// The sums of drafts that this process wrote from their first byte.
  private final Map<UUID, Filling.Running> running = new ConcurrentHashMap<>();

  Drafts(Blobs blobs, Path folder, DiskRoom room) {
    this.blobs = blobs;
    this.folder = folder;
    this.room = room;
    blobs.attempt(() -> Files.createDirectories(folder));
  }

  /// Writes on from an offset; what stood behind it is dropped. Durable when it returns. If the
  /// stream breaks off, what it gave stays in the file, and only the file's [#size] tells.
  ///
  /// @param max how much is read of the stream
  /// @throws Problem BLOB_FULL, BLOB_FAILED
  public Blobs.Stored append(UUID draft, long offset, InputStream bytes, long max) {
    return blobs.attempt(() -> {
      Path file = file(draft);
      boolean isNew = !Files.exists(file);
      if (isNew) {
        if (offset != 0) throw new NoSuchFileException(file.toString());
      } else {
        cut(file, offset);
      }
      Filling.Running sums = offset == 0 ? new Filling.Running() : running.get(draft);
      boolean follows = sums != null && sums.size() == offset;
      // Put back once the bytes are in the file: a write that fails leaves no sums behind.
      running.remove(draft);
      var filled = Filling.append(bytes, file, max, room, follows ? sums : null);
      if (isNew) Disk.syncFolder(folder);
      if (follows) running.put(draft, sums);
      return new Blobs.Stored(filled.digest(), filled.size());
    });
  }

  private static void cut(Path file, long offset) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      if (open.length() < offset) throw new IOException("a draft is shorter than it was");
      open.setLength(offset);
    }
  }

  /// How many bytes it has; 0 if it was never begun.
  public long size(UUID draft) {
    return blobs.attempt(() -> {
      try {
        return Files.size(file(draft));
      } catch (NoSuchFileException _) {
        return 0L;
      }
    });
  }

  /// Drops what stands behind an offset.
  public void cut(UUID draft, long offset) {
    blobs.attempt(() -> {
      if (Files.exists(file(draft))) cut(file(draft), offset);
      return draft;
    });
  }

  /// Makes a blob of a draft that is whole; the draft is gone then.
  ///
  /// @throws Problem UPLOAD_DIGEST if its bytes are not those that were expected
  public Blobs.Stored finish(UUID draft, Digest expected, Hold hold) {
    return blobs.attempt(() -> {
      Path file = file(draft);
      if (!Files.exists(file)) {
        // It became a blob before, and the row that says so was not written.
        hold.keep(expected);
        return new Blobs.Stored(expected, blobs.size(expected));
      }
      Filling.Running sums = running.remove(draft);
      var filled =
          sums != null && sums.size() == Files.size(file)
              ? sums.finish()
              : Filling.Running.of(file).finish();
      if (!filled.digest().equals(expected)) {
        throw new Problem(
            Fault.UPLOAD_DIGEST,
            "what was uploaded has the SHA-256 %s, not %s".formatted(filled.digest(), expected),
            "Delete this upload and send the file again, with its own digest");
      }
      hold.pin(filled.digest());
      blobs.publish(file, filled);
      return new Blobs.Stored(filled.digest(), filled.size());
    });
  }

  /// Makes a blob of drafts put one behind the other; they stay until they are dropped.
  public Blobs.Stored join(List<UUID> drafts, Hold hold) {
    return blobs.attempt(() -> {
      List<InputStream> open = new ArrayList<>();
      try {
        for (UUID draft : drafts) open.add(Files.newInputStream(file(draft)));
        try (InputStream all = new SequenceInputStream(Collections.enumeration(open))) {
          return hold.put(all);
        }
      } finally {
        for (InputStream one : open) one.close();
      }
    });
  }

  public void drop(UUID draft) {
    running.remove(draft);
    blobs.attempt(() -> Files.deleteIfExists(file(draft)));
  }

  /// Removes every draft that is not wanted any more.
  ///
  /// @return how many
  public int sweep(Predicate<UUID> wanted) {
    return blobs.attempt(() -> {
      int removed = 0;
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          UUID id = UUID.fromString(String.valueOf(file.getFileName()));
          if (wanted.test(id)) continue;
          running.remove(id);
          if (Files.deleteIfExists(file)) removed++;
        }
      }
      return removed;
    });
  }

  private Path file(UUID draft) {
    return folder.resolve(draft.toString());
  }
}
