package dev.orrery.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file that keeps room on a disk for rows. When the disk is full it is given up, so that what is
/// small and matters most can still be written; what is large is refused before, and until the disk
/// has room for the file again. Safe for use by many threads.
public final class DiskReserve {
  /// Unless told otherwise.
  public static final long BYTES = 64L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

  /// A disk with less than so many times its size is not worth a reserve.
  private static final int AMPLE = 4;

  private static final int PIECE_BYTES = 1 << 20;

  private final Path folder;
  private final Path file;
  private final long bytes;

  private enum State {
    /// Not made: the disk is too small, or it was not asked for yet.
    NONE,
    WHOLE,
    GIVEN_UP
  }

  private State state = State.NONE;

  /// @param folder where the file `reserve` stands
  /// @param bytes 0 for none
  public DiskReserve(Path folder, long bytes) {
    this.folder = folder;
    this.file = folder.resolve("reserve");
    this.bytes = bytes;
    if (bytes > 0 && file.toFile().length() == bytes) state = State.WHOLE;
  }

  /// How much free room large things have to leave alone: some for rows, and what the reserve will
  /// need to stand again.
  public synchronized long floorBytes() {
    long margin = bytes / 4;
    return state == State.GIVEN_UP ? bytes + margin : margin;
  }

  /// Gives the file up.
  ///
  /// @return whether there is more room now
  public synchronized boolean release() {
    if (state != State.WHOLE) return false;
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("the reserve {} could not be given up", file, e);
      return false;
    }
    state = State.GIVEN_UP;
    LOG.warn("the disk of {} is full: its reserve of {} bytes was given up for rows", file, bytes);
    return true;
  }

  /// Makes the file, or makes it again, if the disk has ample room.
  public synchronized void restore() {
    if (bytes == 0 || state == State.WHOLE) return;
    long free = folder.toFile().getUsableSpace();
    if (free < (state == State.NONE ? bytes * AMPLE : bytes * 2)) return;
    try {
      fill();
      state = State.WHOLE;
    } catch (IOException e) {
      LOG.warn("the reserve {} could not be made", file, e);
      var _ = file.toFile().delete();
    }
  }

  /// With bytes that no file system leaves out or packs.
  private void fill() throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    new Random(1).nextBytes(piece);
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      for (long left = bytes; left > 0; ) {
        ByteBuffer some = ByteBuffer.wrap(piece, 0, (int) Math.min(left, piece.length));
        left -= some.remaining();
        while (some.hasRemaining()) channel.write(some);
      }
      channel.force(false);
    }
  }
}
