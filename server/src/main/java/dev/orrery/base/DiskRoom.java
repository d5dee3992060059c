package dev.orrery.base;

import java.io.File;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/// How much of a disk may be filled: what is below the floor is kept for others.
public final class DiskRoom {
  private final LongSupplier free;
  private final long floorBytes;

  private DiskRoom(LongSupplier free, long floorBytes) {
    this.free = free;
    this.floorBytes = floorBytes;
  }

  /// The disk of a folder, of which this much is left alone.
  public static DiskRoom above(Path folder, long floorBytes) {
    File file = folder.toFile();
    return new DiskRoom(file::getUsableSpace, floorBytes);
  }

  /// Bytes that may still be written.
  public long left() {
    return free.getAsLong() - floorBytes;
  }

  public boolean has(long bytes) {
    return left() >= bytes;
  }

  public long floorBytes() {
    return floorBytes;
  }
}
