package dev.orrery.sql;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;
import org.sqlite.core.NativeDB;

/// A file system of SQLite's (a *VFS*) that holds every page it reads against its checksum, and
/// notes the checksum of every page it writes.
///
/// It stands beside SQLite's own for Unix and does nothing itself but that: every call goes on to
/// the original. The driver hides SQLite's functions, so it is entered into SQLite's list of file
/// systems as `sqlite3_vfs_register` would: behind the first one, which an open connection points
/// at. Layouts: `sqlite3_vfs`, `sqlite3_file` and `sqlite3_io_methods` of
/// [sqlite3.h](https://www.sqlite.org/c3ref/vfs.html), which SQLite keeps stable; that a connection
/// begins with the pointer to its VFS is not promised, so the name found there is looked at first.
/// Where anything is not as it should be, there is no such file system, and stores have no
/// checksums; [PageVfs#missing()] says why.
final class PageVfs {
  private static final Logger LOG = LoggerFactory.getLogger(PageVfs.class);
  private static final String NAME = "orrery";

  /// A page is not what was written: SQLite ends the statement. It is `SQLITE_CORRUPT_INDEX`
  /// because after a plain `SQLITE_CORRUPT` a transaction cannot be committed any more, and after
  /// an I/O error it is rolled back whole, with the works of others that share it.
  private static final int CORRUPT = 11 | 3 << 8;

  private static final int IO_ERROR = 10;
  private static final int SHORT_READ = 522;
  private static final int MAIN_DB = 0x100;
  private static final int WAL = 0x80000;

  private static final int VFS_BYTES = 168;
  private static final int VFS_NEXT = 16;
  private static final int VFS_NAME = 24;
  private static final int VFS_OPEN = 40;
  private static final int METHODS_BYTES = 152;
  private static final int METHODS_READ = 16;
  private static final int METHODS_WRITE = 24;
  private static final int VERSION = 3;

  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final FunctionDescriptor MOVE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final FunctionDescriptor OPEN =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG);
  private static final MethodHandle CALL_MOVE = Linker.nativeLinker().downcallHandle(MOVE);
  private static final MethodHandle CALL_OPEN = Linker.nativeLinker().downcallHandle(OPEN);

  private static final @Nullable String MISSING;
  private static long original;
  private static long originalOpen;
  private static long read;
  private static long write;

  /// The methods of a file: the original's, and the same with two replaced. Files of a database and
  /// of its log differ in theirs.
  private record Methods(MemorySegment read, MemorySegment write, long replaced) {}

  /// What an open file is to its store.
  ///
  /// @param sums null once the store is closed: a reader that is late is let read, and nothing is
  ///   written
  private record Opened(@Nullable PageSums sums, boolean isLog, Methods methods) {}

  private static final Map<Long, Methods> METHODS = new ConcurrentHashMap<>();
  private static final Map<String, PageSums> STORES = new ConcurrentHashMap<>();

  /// By the address of SQLite's own record of each file. One that is closed stays until its address
  /// is used again, or its store is forgotten.
  private static final Map<Long, Opened> FILES = new ConcurrentHashMap<>();

  static {
    MISSING = enter();
  }

  private PageVfs() {}

  /// Why there is no such file system here; null if there is one.
  static @Nullable String missing() {
    return MISSING;
  }

  /// The address of a file whose pages are checked, once [#watch] has been called for it.
  static String address(Path file) {
    return "jdbc:sqlite:file:" + file.toAbsolutePath().toUri().getRawPath() + "?vfs=" + NAME;
  }

  /// Called before the file is opened.
  static void watch(PageSums sums) {
    STORES.put(sums.file().toString(), sums);
  }

  /// Called when every connection to the file is closed.
  static void forget(PageSums sums) {
    STORES.remove(sums.file().toString(), sums);
    FILES.replaceAll((_, opened) ->
        opened.sums() == sums ? new Opened(null, opened.isLog(), opened.methods()) : opened);
  }

  private static @Nullable String enter() {
    if (MemorySegment.NULL.address() != 0 || JAVA_LONG.byteSize() != 8) return "not 64 bits";
    try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      Field pointer = NativeDB.class.getDeclaredField("pointer");
      pointer.setAccessible(true);
      var db = (NativeDB) connection.unwrap(SQLiteConnection.class).getDatabase();
      long vfs = MEMORY.get(JAVA_LONG, pointer.getLong(db));
      String name = MEMORY.getString(MEMORY.get(JAVA_LONG, vfs + VFS_NAME));
      if (!name.equals("unix")) return "SQLite's file system is '%s', not 'unix'".formatted(name);
      if (MEMORY.get(JAVA_INT, vfs) != VERSION) return "SQLite's file system has another version";
      original = vfs;
      originalOpen = MEMORY.get(JAVA_LONG, vfs + VFS_OPEN);
      read = stub("read", MOVE);
      write = stub("write", MOVE);
      Arena arena = Arena.global();
      long ours = arena.allocate(VFS_BYTES, Long.BYTES).address();
      MemorySegment.copy(MEMORY, vfs, MEMORY, ours, VFS_BYTES);
      MEMORY.set(JAVA_LONG, ours + VFS_NAME, arena.allocateFrom(NAME).address());
      MEMORY.set(JAVA_LONG, ours + VFS_OPEN, stub("open", OPEN));
      MEMORY.set(JAVA_LONG, vfs + VFS_NEXT, ours);
      return null;
    } catch (Exception | LinkageError e) {
      LOG.debug("pages cannot be checked", e);
      return "SQLite's file system cannot be reached: " + e;
    }
  }

  private static long stub(String method, FunctionDescriptor shape)
      throws ReflectiveOperationException {
    MethodHandle handle =
        MethodHandles.lookup().findStatic(PageVfs.class, method, shape.toMethodType());
    return Linker.nativeLinker().upcallStub(handle, shape, Arena.global()).address();
  }

  /// `xOpen`. Nothing may be thrown into SQLite, here and below.
  private static int open(long vfs, long name, long file, int flags, long flagsOut) {
    try {
      int code =
          (int)
              CALL_OPEN.invokeExact(
                  MemorySegment.ofAddress(originalOpen), original, name, file, flags, flagsOut);
      if (code == 0 && (flags & (MAIN_DB | WAL)) != 0) enrol(name, file, (flags & WAL) != 0);
      return code;
    } catch (Throwable _) {
      return IO_ERROR;
    }
  }

  private static void enrol(long name, long file, boolean isLog) {
    String path = MEMORY.getString(name);
    if (isLog) path = path.substring(0, path.length() - "-wal".length());
    PageSums sums = STORES.get(path);
    if (sums == null) return;
    Methods methods = METHODS.computeIfAbsent(MEMORY.get(JAVA_LONG, file), PageVfs::replace);
    sums.watched();
    FILES.put(file, new Opened(sums, isLog, methods));
    MEMORY.set(JAVA_LONG, file, methods.replaced());
  }

  private static Methods replace(long methods) {
    long copy = Arena.global().allocate(METHODS_BYTES, Long.BYTES).address();
    MemorySegment.copy(MEMORY, methods, MEMORY, copy, METHODS_BYTES);
    MEMORY.set(JAVA_LONG, copy + METHODS_READ, read);
    MEMORY.set(JAVA_LONG, copy + METHODS_WRITE, write);
    return new Methods(
        MemorySegment.ofAddress(MEMORY.get(JAVA_LONG, methods + METHODS_READ)),
        MemorySegment.ofAddress(MEMORY.get(JAVA_LONG, methods + METHODS_WRITE)),
        copy);
  }

  /// `xRead`.
  private static int read(long file, long buffer, int size, long offset) {
    try {
      Opened opened = FILES.get(file);
      if (opened == null) return IO_ERROR;
      int code = (int) CALL_MOVE.invokeExact(opened.methods().read(), file, buffer, size, offset);
      if (code != 0 && code != SHORT_READ) return code;
      PageSums sums = opened.sums();
      if (code == SHORT_READ || sums == null) return code;
      return sums.isRead(opened.isLog(), bytes(buffer, size), offset) ? code : CORRUPT;
    } catch (Throwable _) {
      return IO_ERROR;
    }
  }

  /// `xWrite`.
  private static int write(long file, long buffer, int size, long offset) {
    try {
      Opened opened = FILES.get(file);
      PageSums sums = opened == null ? null : opened.sums();
      if (opened == null || sums == null) return IO_ERROR;
      int code = (int) CALL_MOVE.invokeExact(opened.methods().write(), file, buffer, size, offset);
      if (code == 0) sums.written(opened.isLog(), bytes(buffer, size), offset);
      return code;
    } catch (Throwable _) {
      return IO_ERROR;
    }
  }

  private static ByteBuffer bytes(long address, int size) {
    return MEMORY.asSlice(address, size).asByteBuffer();
  }
}
