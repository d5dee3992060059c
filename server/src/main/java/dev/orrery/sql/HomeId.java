package dev.orrery.sql;

import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/// What tells the home of a store from all others: a random id in a file, made once.
public final class HomeId {
  private static final String FILE = "home-id";

  private HomeId() {}

  /// The id of the home with this store folder, which the caller holds.
  public static String of(Path store) {
    Path file = store.resolve(FILE);
    try {
      if (Files.exists(file)) return Files.readString(file).strip();
      String id = UUID.randomUUID().toString();
      Path temporary = Files.writeString(store.resolve(FILE + ".new"), id + "\n");
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      Disk.syncFolder(store);
      return id;
    } catch (IOException e) {
      throw new Problem(
              Fault.STORE_NOT_WRITABLE,
              "%s cannot be read or written (%s)".formatted(file, e),
              "Give its owner and permissions to the user who runs Orrery, or choose another home")
          .because(e);
    }
  }
}
