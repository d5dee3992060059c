package dev.orrery.sql;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The checksums of one SQLite file: of every page of the file, kept beside it in a [SumsLog], and
/// of every frame of its log, kept in memory only, because a log is emptied when a store is opened.
///
/// Pages are numbered from 1, frames from 0. Told by [PageVfs] of everything that SQLite reads and
/// writes; the file is written by checkpoints alone, which the one writer of the store orders, and
/// the log is not begun anew before the checksums of a checkpoint are on disk. So at every moment a
/// page whose checksum on disk is old stands in the log, from which it is written again.
final class PageSums {
  /// https://www.sqlite.org/fileformat.html: a log begins with 32 bytes, a frame with 24.
  private static final int LOG_HEADER = 32;

  private static final int FRAME_HEADER = 24;
  private static final int PAGE_SIZE = 4_096;
  private static final int HEADER_BYTES = 100;

  /// The page that holds SQLite's locks, at 1 GiB: never written.
  private static final long LOCKS_OFFSET = 1L << 30;

  /// A page, or a frame of the log, that is not what was written.
  record Damage(PageSums sums, int number, boolean isLog) {}

  private static final ThreadLocal<@Nullable Damage> LAST = new ThreadLocal<>();

  private final Path file;
  private final SumsLog log;
  private final SumTable pages = new SumTable();
  private final SumTable frames = new SumTable();
  private final int pageSize;
  private Map<Integer, Long> unsaved = new LinkedHashMap<>();
  private volatile int frameCount;
  private volatile boolean isLogBegun;
  private volatile boolean isWatched;
  private final @Nullable String doubt;

  private PageSums(Path file, int pageSize, SumsLog log, boolean isLogged) throws IOException {
    this.file = file;
    this.pageSize = pageSize;
    this.log = log;
    this.doubt = doubt(log.open(pageSize, pages), isLogged);
    if (doubt != null) {
      pages.clear();
      log.rewrite(pageSize, pages);
    }
  }

  /// @param isLogged whether the file's log holds anything
  static PageSums open(Path named, boolean isLogged) throws IOException {
    Path file = real(named);
    SumsLog log = new SumsLog(file.resolveSibling(file.getFileName() + ".sums"));
    return new PageSums(file, pageSize(file), log, isLogged);
  }

  /// As SQLite names it: behind all links.
  private static Path real(Path file) throws IOException {
    Path absolute = file.toAbsolutePath();
    if (Files.exists(absolute)) return absolute.toRealPath();
    return absolute.resolveSibling("").toRealPath().resolve(absolute.getFileName());
  }

  private static @Nullable String doubt(SumsLog.State state, boolean isLogged) {
    if (state.isDamaged()) return "they are damaged";
    if (isLogged) return null;
    if (state.isTorn()) return "their end is damaged";
    return state.isLogged() ? "another program has emptied the store's log" : null;
  }

  private static int pageSize(Path file) throws IOException {
    if (!Files.exists(file) || Files.size(file) < HEADER_BYTES) return PAGE_SIZE;
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    try (FileChannel channel = FileChannel.open(file)) {
      channel.read(header, 0);
    }
    int size = header.getShort(16) & 0xFFFF;
    return size == 1 ? 65_536 : size;
  }

  /// Why the checksums on disk could not be used, and are made anew of the pages as they are; null
  /// if they were.
  @Nullable String doubt() {
    return doubt;
  }

  /// Whether SQLite has opened the file by [PageVfs]; without it nothing is known.
  boolean isWatched() {
    return isWatched;
  }

  // --- told by PageVfs -----------------------------------------------------------------------

  void watched() {
    isWatched = true;
  }

  /// Whether bytes that were read are those that were written, as far as is known.
  boolean isRead(boolean isLog, ByteBuffer bytes, long offset) {
    int number = number(isLog, bytes.remaining(), offset);
    if (number < 0) return true;
    long known = (isLog ? frames : pages).get(number);
    if (known == SumTable.UNKNOWN || known == SumTable.of(bytes)) return true;
    LAST.set(new Damage(this, number, isLog));
    return false;
  }

  void written(boolean isLog, ByteBuffer bytes, long offset) {
    int number = number(isLog, bytes.remaining(), offset);
    if (number < 0) return;
    long sum = SumTable.of(bytes);
    if (isLog) {
      frames.set(number, sum);
      frameCount = number + 1;
      if (!isLogBegun) isLogBegun = isNoted();
    } else {
      keep(number, sum);
    }
  }

  /// A full disk may keep it from being noted; the next frame tries again.
  private boolean isNoted() {
    try {
      log.logged();
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// The number of a whole page or frame; negative for anything else that is read or written.
  private int number(boolean isLog, int size, long offset) {
    if (size != pageSize) return -1;
    if (!isLog) return offset % pageSize == 0 ? (int) (offset / pageSize) + 1 : -1;
    long from = offset - LOG_HEADER - FRAME_HEADER;
    int frame = pageSize + FRAME_HEADER;
    return from >= 0 && from % frame == 0 ? (int) (from / frame) : -1;
  }

  private synchronized void keep(int page, long sum) {
    pages.set(page, sum);
    unsaved.put(page, sum);
  }

  /// What the last statement of this thread found damaged, if anything; asked once.
  static @Nullable Damage found() {
    Damage damage = LAST.get();
    LAST.remove();
    return damage;
  }

  // --- the writer's --------------------------------------------------------------------------

  /// How many frames the log holds that was begun last.
  int frames() {
    return frameCount;
  }

  /// Puts what has changed on disk. After a checkpoint, and before the next write. What cannot be
  /// written is tried again by the next call.
  ///
  /// @param isLogEmpty whether the checkpoint has brought all of the log into the file
  void save(boolean isLogEmpty) throws IOException {
    Map<Integer, Long> changed;
    synchronized (this) {
      changed = unsaved;
      unsaved = new LinkedHashMap<>();
    }
    try {
      if (!changed.isEmpty() || isLogBegun) log.append(changed);
      if (isLogEmpty) isLogBegun = false;
      else if (isLogBegun) isLogBegun = isNoted();
    } catch (IOException e) {
      synchronized (this) {
        changed.forEach(unsaved::putIfAbsent);
      }
      throw e;
    }
    if (log.isLong(pages.size())) shorten(isLogEmpty);
  }

  private void shorten(boolean isLogEmpty) {
    try {
      log.rewrite(pageSize, pages);
      if (!isLogEmpty) isLogBegun = isNoted();
    } catch (IOException _) {
      // The long one holds, and is tried again.
    }
  }

  // --- looking at all of them ----------------------------------------------------------------

  /// How many pages the file has.
  int count() throws IOException {
    return (int) (Files.size(file) / pageSize);
  }

  int pageSize() {
    return pageSize;
  }

  boolean hasUnknown() throws IOException {
    int count = count();
    for (int page = 1; page <= count; page++) {
      if (!isLocks(page) && pages.get(page) == SumTable.UNKNOWN) return true;
    }
    return false;
  }

  /// Reads pages from the file, past SQLite, and gives those that are not what was written. One
  /// whose checksum is not known is taken as it is. No checkpoint may be under way.
  ///
  /// @param from the first page
  List<Integer> damaged(int from, int count) throws IOException {
    List<Integer> damaged = new ArrayList<>();
    ByteBuffer buffer = ByteBuffer.allocateDirect(pageSize * count);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long offset = (from - 1L) * pageSize;
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {
        // To the end of the file, or of what was asked for.
      }
    }
    int read = buffer.position() / pageSize;
    for (int i = 0; i < read; i++) {
      int page = from + i;
      if (isLocks(page)) continue;
      long sum = SumTable.of(buffer.slice(i * pageSize, pageSize));
      long known = pages.get(page);
      if (known == SumTable.UNKNOWN) keep(page, sum);
      else if (known != sum) damaged.add(page);
    }
    return damaged;
  }

  private boolean isLocks(int page) {
    return (page - 1L) * pageSize == LOCKS_OFFSET;
  }

  Path file() {
    return file;
  }

  /// The page that a frame of the log holds.
  int pageOf(int frame) throws IOException {
    ByteBuffer number = ByteBuffer.allocate(Integer.BYTES);
    Path logFile = file.resolveSibling(file.getFileName() + "-wal");
    try (FileChannel channel = FileChannel.open(logFile)) {
      channel.read(number, LOG_HEADER + (long) frame * (FRAME_HEADER + pageSize));
    }
    return number.getInt(0);
  }

  void close() throws IOException {
    log.close();
  }
}
