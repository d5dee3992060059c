package dev.orrery.base;

import java.io.File;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// How much of a disk may be filled: what is below the floor is kept for others.
public final class DiskRoom {
  private final LongSupplier free;
  private final LongSupplier floor;

  private DiskRoom(LongSupplier free, LongSupplier floor) {
    this.free = free;
    this.floor = floor;
  }

  /// The disk of a folder, of which this much is left alone.
  ///
  /// @param floor in bytes; may change
  public static DiskRoom above(Path folder, LongSupplier floor) {
    File file = folder.toFile();
    return new DiskRoom(file::getUsableSpace, floor);
  }

  /// Bytes that may still be written.
  public long left() {
    return free.getAsLong() - floor.getAsLong();
  }

  public boolean has(long bytes) {
    return left() >= bytes;
  }

  public long floorBytes() {
    return floor.getAsLong();
  }
}
