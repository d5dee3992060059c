package dev.orrery.sql;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/// The checksums of pages on disk: `orrery.db.sums`, to which each checkpoint appends what it has
/// changed, and which is written anew when most of it is old.
///
/// A head, then records: kind, count, and as many times page and checksum; each ends with a CRC-32C
/// of itself, and numbers are big-endian. A record of the kind *logged* says that SQLite's log has
/// been begun and holds what these checksums do not know.
final class SumsLog {
  private static final byte[] MAGIC = "orrysum1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD_BYTES = 8 + Integer.BYTES + Integer.BYTES;
  private static final int RECORD_BYTES = 3 * Integer.BYTES;
  private static final int ENTRY_BYTES = Integer.BYTES + Long.BYTES;
  private static final int ENTRIES_MAX = 100_000_000;
  private static final int ENTRIES_A_RECORD = 65_536;
  private static final int SLACK_BYTES = 1_000_000;
  private static final int SUMS = 1;
  private static final int LOGGED = 2;

  /// @param isDamaged a record before the last is broken, or the head
  /// @param isTorn the last record is broken, as a stop in the middle of writing leaves it
  /// @param isLogged the last record says so
  record State(boolean isDamaged, boolean isTorn, boolean isLogged) {}

  private final Path path;

  /// Not a channel, which an interrupt would close.
  private RandomAccessFile file;

  /// Opens or makes the file.
  SumsLog(Path path) throws IOException {
    this.path = path;
    this.file = new RandomAccessFile(path.toFile(), "rw");
  }

  /// Reads all into a table, cuts off a torn end, and stands at the end.
  synchronized State open(int pageSize, SumTable table) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(path));
    if (!all.hasRemaining()) {
      rewrite(pageSize, table);
      return new State(false, false, false);
    }
    if (all.remaining() < HEAD_BYTES || !all.slice(0, HEAD_BYTES).equals(head(pageSize))) {
      return new State(true, false, false);
    }
    all.position(HEAD_BYTES);
    boolean isLogged = false;
    while (all.remaining() >= RECORD_BYTES) {
      int start = all.position();
      int kind = all.getInt(start);
      int count = all.getInt(start + Integer.BYTES);
      long size = RECORD_BYTES + (long) count * ENTRY_BYTES;
      if (count < 0 || count > ENTRIES_MAX || size > all.remaining()) break;
      int crcAt = start + (int) size - Integer.BYTES;
      if (crc(all, start, crcAt) != all.getInt(crcAt)) {
        if (size < all.remaining()) return new State(true, false, false);
        break;
      }
      isLogged = kind == LOGGED;
      all.position(start + 2 * Integer.BYTES);
      for (int i = 0; i < count; i++) table.set(all.getInt(), all.getLong());
      all.position(crcAt + Integer.BYTES);
    }
    file.setLength(all.position());
    file.seek(all.position());
    return new State(false, all.hasRemaining(), isLogged);
  }

  /// Adds checksums; they are on disk when this returns. One that fails adds none.
  synchronized void append(Map<Integer, Long> sums) throws IOException {
    write(record(SUMS, sums));
    file.getFD().sync();
  }

  /// Says that SQLite's log is begun; known to whoever looks after a kill, not after power loss.
  synchronized void logged() throws IOException {
    write(record(LOGGED, Map.of()));
  }

  private void write(ByteBuffer record) throws IOException {
    long start = file.getFilePointer();
    try {
      file.write(record.array(), 0, record.limit());
    } catch (IOException e) {
      file.setLength(start);
      file.seek(start);
      throw e;
    }
  }

  synchronized boolean isLong(int pages) throws IOException {
    return file.getFilePointer() > SLACK_BYTES + 4L * pages * ENTRY_BYTES;
  }

  /// Replaces all by these.
  synchronized void rewrite(int pageSize, SumTable table) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    RandomAccessFile old = file;
    file = new RandomAccessFile(fresh.toFile(), "rw");
    try {
      write(head(pageSize));
      Map<Integer, Long> some = new LinkedHashMap<>();
      for (int page = 0; page < table.size(); page++) {
        long sum = table.get(page);
        if (sum != SumTable.UNKNOWN) some.put(page, sum);
        if (some.size() == ENTRIES_A_RECORD || page == table.size() - 1) {
          if (!some.isEmpty()) write(record(SUMS, some));
          some.clear();
        }
      }
      file.getFD().sync();
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      file.close();
      file = old;
      Files.deleteIfExists(fresh);
      throw e;
    }
    old.close();
    try (FileChannel folder = FileChannel.open(path.toAbsolutePath().getParent())) {
      folder.force(true);
    }
  }

  private static ByteBuffer head(int pageSize) {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES).put(MAGIC).putInt(pageSize);
    return head.putInt(crc(head, 0, head.position())).flip();
  }

  private static ByteBuffer record(int kind, Map<Integer, Long> sums) {
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES + sums.size() * ENTRY_BYTES);
    record.putInt(kind).putInt(sums.size());
    sums.forEach((page, sum) -> record.putInt(page).putLong(sum));
    return record.putInt(crc(record, 0, record.position())).flip();
  }

  private static int crc(ByteBuffer bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), bytes.arrayOffset() + from, to - from);
    return (int) crc.getValue();
  }

  synchronized void close() throws IOException {
    file.close();
  }
}
