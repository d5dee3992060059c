package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.DiskRoom;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Writes a stream to a file, durably, computing its digest on the way.
///
/// While bytes arrive, those before are sent to the disk by another thread, so that the last sync
/// finds little to do.
final class Filling {
  static final int BUFFER_BYTES = 256 * 1024;

  private static final long SYNC_EVERY_BYTES = 32L << 20;
  private static final long ROOM_EVERY_BYTES = 1L << 20;
  private static final Executor SYNCS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("orrery-blob-sync-", 0).factory());

  /// A disk on which no more may be written.
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;

    Full(long floor) {
      super("no space left on the disk but the %,d bytes kept for rows".formatted(floor));
    }
  }

  /// @param sums the checksums of its pieces
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Filled(Digest digest, long size, int[] sums) {}

  /// The sums of a file that grows.
  static final class Running {
    private final MessageDigest sha256 = Digest.sha256();
    private final Pieces pieces = new Pieces();
    private long size;

    static Running of(Path file) throws IOException {
      Running sums = new Running();
      byte[] buffer = new byte[BUFFER_BYTES];
      try (InputStream in = Files.newInputStream(file)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) sums.add(buffer, n);
      }
      return sums;
    }

    void add(byte[] bytes, int length) {
      sha256.update(bytes, 0, length);
      pieces.add(bytes, 0, length);
      size += length;
    }

    long size() {
      return size;
    }

    Filled finish() {
      return new Filled(Digest.finish(sha256), size, pieces.finish());
    }
  }

  private Filling() {}

  /// Writes a new file.
  static Filled write(InputStream bytes, Path file, DiskRoom room) throws IOException {
    return write(bytes, file, false, Long.MAX_VALUE, room, null);
  }

  /// Writes on at the end of a file.
  ///
  /// @param max after how many bytes it ends, at the latest
  /// @param whole the sums of the whole file, if they are known up to here
  /// @return of what was appended
  static Filled append(
      InputStream bytes, Path file, long max, DiskRoom room, @Nullable Running whole)
      throws IOException {
    return write(bytes, file, true, max, room, whole);
  }

  private static Filled write(
      InputStream bytes,
      Path file,
      boolean append,
      long max,
      DiskRoom room,
      @Nullable Running whole)
      throws IOException {
    Running sums = new Running();
    byte[] buffer = new byte[BUFFER_BYTES];
    long size = 0;
    long synced = 0;
    long asked = -1;
    FutureTask<@Nullable Void> sync = null;
    try (FileOutputStream out = new FileOutputStream(file.toFile(), append)) {
      try {
        while (size < max) {
          int n = bytes.readNBytes(buffer, 0, (int) Math.min(buffer.length, max - size));
          if (n == 0) break;
          if (asked < 0 || size - asked >= ROOM_EVERY_BYTES) {
            if (!room.has(n)) throw new Full(room.floorBytes());
            asked = size;
          }
          sums.add(buffer, n);
          if (whole != null) whole.add(buffer, n);
          out.write(buffer, 0, n);
          size += n;
          if (size - synced >= SYNC_EVERY_BYTES && (sync == null || sync.isDone())) {
            if (sync != null) await(sync);
            synced = size;
            sync =
                new FutureTask<>(() -> {
                  out.getFD().sync();
                  return null;
                });
            SYNCS.execute(sync);
          }
        }
      } finally {
        // Before the file is closed.
        if (sync != null) await(sync);
      }
      out.getFD().sync();
    }
    return sums.finish();
  }

  private static void await(FutureTask<@Nullable Void> sync) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          sync.get();
          return;
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IOException("the disk did not take what was written", e.getCause());
        }
      }
    } finally {
      if (interrupted) Thread.currentThread().interrupt();
    }
  }
}
