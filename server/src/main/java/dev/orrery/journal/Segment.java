package dev.orrery.journal;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The format of one file of a journal, and a reader of it for one thread.
///
/// Files are read through [RandomAccessFile] because an interrupt of the reading thread closes a
/// channel, and does not close that.
final class Segment implements AutoCloseable {
  static final int HEADER_BYTES = 16;
  static final int FRAME_HEADER_BYTES = 12;
  static final int PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;

  private static final long MAGIC =
      ByteBuffer.wrap("ORRYJNL1".getBytes(StandardCharsets.US_ASCII)).getLong();
  private static final int MARK = 0x4F525246; // "ORRF"
  static final int WINDOW_BYTES = 1024 * 1024;

  /// Enough for a usual frame; a larger one is read whole all the same.
  static final int SMALL_WINDOW_BYTES = 4 * 1024;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path path;
  private final RandomAccessFile file;
  private final long length;
  private final long salt;
  private final int windowBytes;

  /// The part of the file that is in memory, from `windowAt` on.
  private byte[] window = new byte[0];

  private long windowAt;

  private Segment(Path path, RandomAccessFile file, long length, long salt, int windowBytes) {
    this.path = path;
    this.file = file;
    this.length = length;
    this.salt = salt;
    this.windowBytes = windowBytes;
  }

  /// Opens a segment to read its first `length` bytes; null if it does not begin as a segment.
  static @Nullable Segment open(Path path, long length) throws IOException {
    return open(path, length, WINDOW_BYTES);
  }

  /// @param windowBytes how much is read at once
  static @Nullable Segment open(Path path, long length, int windowBytes) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    boolean sound = false;
    try {
      sound = file.length() >= HEADER_BYTES && file.readLong() == MAGIC;
      return sound ? new Segment(path, file, length, file.readLong(), windowBytes) : null;
    } finally {
      if (!sound) file.close();
    }
  }

  /// The first bytes of a new segment.
  static byte[] header(long salt) {
    return ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC).putLong(salt).array();
  }

  static long freshSalt() {
    return RANDOM.nextLong();
  }

  /// Completes a frame, whose payload stands behind its head.
  static void frame(long salt, byte[] framed, int length) {
    int size = length - FRAME_HEADER_BYTES;
    ByteBuffer.wrap(framed)
        .putInt(MARK)
        .putInt(size)
        .putInt(crc(salt, framed, FRAME_HEADER_BYTES, size));
  }

  private static int crc(long salt, byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(12).putLong(salt).putInt(length).flip());
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  static Problem damaged(Path path, long offset, String how) {
    return new Problem(
        Fault.JOURNAL_DAMAGED,
        "%s is damaged at byte %d: %s".formatted(path, offset, how),
        "Restore this file from a backup; the frames before and behind can still be read");
  }

  long salt() {
    return salt;
  }

  /// The payload of the frame at this offset, or null if no sound frame begins there.
  byte @Nullable [] payload(long offset) throws IOException {
    if (offset + FRAME_HEADER_BYTES > length) return null;
    int header = fill(offset, FRAME_HEADER_BYTES);
    ByteBuffer fields = ByteBuffer.wrap(window, header, FRAME_HEADER_BYTES);
    int mark = fields.getInt();
    int size = fields.getInt();
    int crc = fields.getInt();
    if (mark != MARK || size < 0 || size > PAYLOAD_BYTES_MAX) return null;
    if (offset + FRAME_HEADER_BYTES + size > length) return null;
    int from = fill(offset + FRAME_HEADER_BYTES, size);
    if (crc(salt, window, from, size) != crc) return null;
    byte[] payload = new byte[size];
    System.arraycopy(window, from, payload, 0, size);
    return payload;
  }

  /// The offset of the first sound frame behind an unsound one, or -1 if there is none.
  long soundAfter(long offset) throws IOException {
    for (long at = offset + 1; at + FRAME_HEADER_BYTES <= length; at++) {
      int from = fill(at, FRAME_HEADER_BYTES);
      if (window[from] == (byte) (MARK >>> 24) && payload(at) != null) return at;
    }
    return -1;
  }

  /// Whether nothing but zeros stands from this offset on.
  boolean isZeroFrom(long offset) throws IOException {
    for (long at = offset; at < length; ) {
      int size = (int) Math.min(WINDOW_BYTES, length - at);
      int from = fill(at, size);
      for (int i = from; i < from + size; i++) if (window[i] != 0) return false;
      at += size;
    }
    return true;
  }

  Problem damagedAt(long offset) {
    return damaged(path, offset, "no sound frame begins there");
  }

  /// Brings bytes of the file into the window.
  ///
  /// @return where in the window they begin
  private int fill(long offset, int size) throws IOException {
    if (offset < windowAt || offset + size > windowAt + window.length) {
      long available = Math.max(size, Math.min(windowBytes, length - offset));
      byte[] fresh = new byte[(int) available];
      file.seek(offset);
      file.readFully(fresh);
      window = fresh;
      windowAt = offset;
    }
    return (int) (offset - windowAt);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
