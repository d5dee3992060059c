package dev.orrery.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The right of one process to a store, held through an operating system's lock on its file `lock`,
/// which says who holds it. It ends with the process, however that dies.
public final class StoreLock implements AutoCloseable {
  private static final int TEXT_BYTES_MAX = 4_096;

  /// Who holds a store.
  ///
  /// @param port where it serves HTTP, 0 if it does not (yet)
  public record Holder(long pid, Instant started, String command, int port) {
    @Override
    public String toString() {
      return "process %d (%s, since %s%s)"
          .formatted(pid, command, started, port == 0 ? "" : ", on port " + port);
    }
  }

  /// The files locked by this process. An operating system drops all locks of a process on a file
  /// as soon as the process closes any of its handles, so a second one must not even be opened.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final RandomAccessFile file;
  private final FileLock lock;
  private Holder holder;

  private StoreLock(Path path, RandomAccessFile file, FileLock lock, Holder holder) {
    this.path = path;
    this.file = file;
    this.lock = lock;
    this.holder = holder;
  }

  /// Takes the lock on a store folder, making the folder if need be.
  ///
  /// @param folder a project's `.orrery`
  /// @param command what this process does, for others to read: `orrery up`
  /// @throws Problem STORE_HELD naming the holder, STORE_IS_A_FILE, STORE_NOT_WRITABLE, STORE_FULL
  public static StoreLock acquire(Path folder, String command) {
    Path path = prepare(folder).resolve("lock");
    if (!HELD.add(path)) throw held(folder, "this process");
    boolean acquired = false;
    RandomAccessFile file = null;
    try {
      file = new RandomAccessFile(path.toFile(), "rw");
      FileLock lock = file.getChannel().tryLock();
      if (lock == null) {
        Holder other = read(file);
        throw held(folder, other == null ? "another process" : other.toString());
      }
      StoreLock mine = new StoreLock(path, file, lock, self(command));
      mine.write();
      acquired = true;
      return mine;
    } catch (IOException e) {
      throw unusable(folder, e);
    } finally {
      if (!acquired) {
        close(file);
        HELD.remove(path);
      }
    }
  }

  public static StoreLock acquire(Path folder) {
    return acquire(folder, "orrery");
  }

  /// Who holds a store folder at the moment, if anybody of another process does.
  public static Optional<Holder> holder(Path folder) {
    Path path = folder.toAbsolutePath().normalize().resolve("lock");
    if (!Files.isRegularFile(path)) return Optional.empty();
    try {
      path = path.toRealPath();
      if (!HELD.add(path)) return Optional.empty();
      try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
          FileLock lock = file.getChannel().tryLock()) {
        return lock != null ? Optional.empty() : Optional.ofNullable(read(file));
      } finally {
        HELD.remove(path);
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  /// Adds the port to what others read.
  public synchronized void servesOn(int port) {
    holder = new Holder(holder.pid(), holder.started(), holder.command(), port);
    try {
      write();
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static Path prepare(Path folder) {
    for (Path p = folder.toAbsolutePath(); p != null; p = p.getParent()) {
      if (Files.exists(p) && !Files.isDirectory(p)) {
        throw new Problem(
            Fault.STORE_IS_A_FILE,
            "%s is a file, not a folder".formatted(p),
            "Give a folder, new or existing, as the home");
      }
    }
    try {
      return Files.createDirectories(folder).toRealPath();
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }

  private static Holder self(String command) {
    ProcessHandle process = ProcessHandle.current();
    Instant started = process.info().startInstant().orElse(Instant.EPOCH);
    return new Holder(process.pid(), started, command, 0);
  }

  private void write() throws IOException {
    byte[] text = Json.bytes(holder);
    file.seek(0);
    file.write(text);
    file.setLength(text.length);
    file.getFD().sync();
  }

  /// Null while the holder is still writing its name, or if it is of another version.
  private static @Nullable Holder read(RandomAccessFile file) throws IOException {
    byte[] text = new byte[(int) Math.min(file.length(), TEXT_BYTES_MAX)];
    file.seek(0);
    int length = Math.max(0, file.read(text));
    try {
      return Json.MAPPER.readValue(text, 0, length, Holder.class);
    } catch (JsonProcessingException _) {
      return null;
    }
  }

  private static Problem held(Path folder, String holder) {
    return new Problem(
        Fault.STORE_HELD,
        "the store %s is in use by %s".formatted(folder, holder),
        "Use that one, or stop it and try again");
  }

  private static Problem unusable(Path folder, IOException e) {
    if (Disk.isFull(e)) {
      return new Problem(
              Fault.STORE_FULL, "the disk of %s is full".formatted(folder), "Free space on it")
          .because(e);
    }
    return new Problem(
            Fault.STORE_NOT_WRITABLE,
            "%s cannot be written (%s)".formatted(folder, e),
            "Give its owner and permissions to the user who runs Orrery, or choose another home")
        .because(e);
  }

  private static void close(@Nullable RandomAccessFile file) {
    if (file == null) return;
    try {
      file.close();
    } catch (IOException _) {
      // Its lock goes with the process at the latest.
    }
  }

  /// Gives the store free. The file stays, empty; a lock on a removed file would hold nothing.
  @Override
  public synchronized void close() {
    if (!lock.isValid()) return;
    try {
      file.setLength(0);
    } catch (IOException _) {
      // Its text is read only while somebody holds it.
    }
    close(file);
    HELD.remove(path);
  }
}
