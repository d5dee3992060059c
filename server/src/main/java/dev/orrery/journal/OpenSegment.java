package dev.orrery.journal;

import dev.orrery.base.Disk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The segment that frames are appended to. Its space is taken beforehand and mapped into memory if
/// asked for: then a frame costs no call of the system, and a disk that is full is met when a
/// segment begins. Behind the last frame such a segment has zeros, until it is closed.
///
/// Not safe for use by many threads at once, but for [#sync].
final class OpenSegment {
  private static final Logger LOG = LoggerFactory.getLogger(OpenSegment.class);
  private static final byte[] ZEROS = new byte[64 << 10];

  final int number;
  final long salt;

  private final RandomAccessFile file;
  private final Arena arena;

  /// From the beginning of the file; null if frames are written by calls.
  private @Nullable MemorySegment mapped;

  private OpenSegment(int number, long salt, RandomAccessFile file, Path path, long mappedBytes)
      throws IOException {
    this.number = number;
    this.salt = salt;
    this.file = file;
    this.arena = Arena.ofShared();
    this.mapped = mappedBytes == 0 ? null : map(path, mappedBytes, arena);
  }

  /// @param end where the frames of a segment end
  record Found(OpenSegment segment, long end) {}

  /// Makes a segment.
  ///
  /// @param mappedBytes 0, or how much of it is mapped
  static Found begin(Path folder, int number, long mappedBytes) throws IOException {
    Path path = path(folder, number);
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      long salt = Segment.freshSalt();
      if (file.length() > 0) file.setLength(0);
      file.write(Segment.header(salt));
      file.getFD().sync();
      Disk.syncFolder(folder);
      return opened(number, salt, file, path, Segment.HEADER_BYTES, mappedBytes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /// The last segment of a journal that was used, or 0. One that was made beforehand, while the one
  /// before it still had space, is removed.
  ///
  /// @param segments their numbers, in order
  static int last(Path folder, List<Integer> segments) throws IOException {
    if (segments.isEmpty()) return 0;
    int last = segments.getLast();
    if (!segments.contains(last - 1) || !isUnused(path(folder, last))) return last;
    Path before = path(folder, last - 1);
    long length = Files.size(before);
    try (Segment segment = Segment.open(before, length)) {
      // It was trimmed, which is done before the next one is used.
      if (segment == null || soundEnd(segment) == length) return last;
    }
    Files.delete(path(folder, last));
    return last - 1;
  }

  private static boolean isUnused(Path path) throws IOException {
    long length = Files.size(path);
    if (length <= Segment.HEADER_BYTES) return true;
    try (Segment segment = Segment.open(path, length)) {
      return segment != null && segment.isZeroFrom(Segment.HEADER_BYTES);
    }
  }

  /// Goes on with the last segment of a journal, or begins another if it is damaged.
  static Found resume(Path folder, int last, long mappedBytes) throws IOException {
    Path path = path(folder, last);
    long length = Files.size(path);
    // A segment is named before its header is synced, and is used only after.
    if (length < Segment.HEADER_BYTES) return begin(folder, last, mappedBytes);
    long sound;
    long salt;
    try (Segment segment = Segment.open(path, length)) {
      if (segment == null) return begin(folder, last + 1, mappedBytes);
      salt = segment.salt();
      sound = soundEnd(segment);
      if (!segment.isZeroFrom(sound)) {
        if (segment.soundAfter(sound) >= 0) return begin(folder, last + 1, mappedBytes);
        LOG.warn("Cutting a torn frame from byte {} on from the end of {}", sound, path);
      }
    }
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    try {
      file.setLength(sound);
      file.seek(sound);
      file.getFD().sync();
      return opened(last, salt, file, path, sound, mappedBytes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /// Where the unbroken run of frames from the beginning of a segment ends.
  private static long soundEnd(Segment segment) throws IOException {
    long at = Segment.HEADER_BYTES;
    for (byte[] found = segment.payload(at); found != null; found = segment.payload(at)) {
      at += Segment.FRAME_HEADER_BYTES + found.length;
    }
    return at;
  }

  static Path path(Path folder, int number) {
    return folder.resolve("%010d.seg".formatted(number));
  }

  private static Found opened(
      int number, long salt, RandomAccessFile file, Path path, long end, long mappedBytes)
      throws IOException {
    try {
      for (long at = end; at < mappedBytes; at += ZEROS.length) {
        file.write(ZEROS, 0, (int) Math.min(ZEROS.length, mappedBytes - at));
      }
      file.seek(end);
      return new Found(new OpenSegment(number, salt, file, path, mappedBytes), end);
    } catch (IOException e) {
      file.setLength(end);
      throw e;
    }
  }

  /// An interrupt of this thread closes the channel that it maps through: then again.
  private static MemorySegment map(Path path, long bytes, Arena arena) throws IOException {
    boolean wasInterrupted = Thread.interrupted();
    try {
      while (true) {
        try (var channel =
            FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
          return channel.map(MapMode.READ_WRITE, 0, bytes, arena);
        } catch (ClosedByInterruptException _) {
          wasInterrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (wasInterrupted) Thread.currentThread().interrupt();
    }
  }

  /// Writes the first bytes of an array.
  ///
  /// @param at where the last frame ended
  void write(long at, byte[] framed, int length) throws IOException {
    MemorySegment pages = mapped;
    if (pages == null) {
      file.write(framed, 0, length);
    } else if (at + length <= pages.byteSize()) {
      try {
        MemorySegment.copy(framed, 0, pages, ValueLayout.JAVA_BYTE, at, length);
      } catch (InternalError e) {
        throw new IOException("a page of the file cannot be written", e);
      }
    } else {
      file.seek(at);
      file.write(framed, 0, length);
    }
  }

  /// Takes back what a write that failed has left; whether that was possible.
  boolean takenBack(long at) {
    try {
      long keeps = mapped == null ? at : Math.max(at, mapped.byteSize());
      file.setLength(keeps);
      file.seek(at);
      for (long left = keeps - at; left > 0; left -= ZEROS.length) {
        file.write(ZEROS, 0, (int) Math.min(ZEROS.length, left));
      }
      file.seek(at);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// Brings what was written before this call to the disk.
  void sync(long end) throws IOException {
    MemorySegment pages = mapped;
    if (pages != null) {
      try {
        pages.asSlice(0, Math.min(end, pages.byteSize())).force();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
    if (pages == null || end > pages.byteSize()) file.getFD().sync();
  }

  /// Gives the space behind the frames back; what follows, if anything does, is written by calls.
  void trim(long end) throws IOException {
    if (mapped == null) return;
    mapped = null;
    arena.close();
    if (file.length() > end) file.setLength(end);
    file.seek(end);
    file.getFD().sync();
  }

  void close() throws IOException {
    if (mapped != null) arena.close();
    mapped = null;
    file.close();
  }
}
