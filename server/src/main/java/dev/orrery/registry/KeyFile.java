package dev.orrery.registry;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Supplier;

/// A file with a key, made at its first use, which only the server's user may read.
final class KeyFile {
  private KeyFile() {}

  /// The content of the file; it is made if it is not there.
  static byte[] readOrMake(Path folder, String name, Supplier<byte[]> make) {
    Path file = folder.resolve(name);
    try {
      try {
        return Files.readAllBytes(file);
      } catch (NoSuchFileException _) {
        return make(folder, file, make.get());
      }
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage())).because(e);
    }
  }

  private static byte[] make(Path folder, Path file, byte[] content) throws IOException {
    Files.createDirectories(folder);
    boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
    if (posix) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    Path fresh = folder.resolve(file.getFileName() + "." + ProcessHandle.current().pid());
    Files.deleteIfExists(fresh);
    if (posix) {
      Files.createFile(
          fresh,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(fresh);
    }
    Files.write(fresh, content, StandardOpenOption.SYNC, StandardOpenOption.WRITE);
    try {
      if (Files.exists(file)) throw new FileAlreadyExistsException(file.toString());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException _) {
      Files.deleteIfExists(fresh);
      return Files.readAllBytes(file);
    }
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    } catch (IOException _) {
      // Not every system lets a folder be synced.
    }
    return content;
  }

  static Problem unreadable(Path file, String why) {
    return new Problem(
        Fault.BAD_KEY_FILE,
        "the key %s cannot be used: %s".formatted(file, why),
        "Restore it from a backup; without it, what was signed or sealed by it cannot be trusted");
  }
}
