package dev.orrery.sql;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/// Checksums by number, from 0; 0 where none is known. One thread sets what others read.
final class SumTable {
  static final long UNKNOWN = 0;
  private static final int CHUNK = 4_096;

  private volatile AtomicLongArray[] chunks = {};

  /// Two checksums of 32 bits in one of 64: of any 1 to 3 flipped bits and any burst of 32 both
  /// speak; each takes some 0.1 microseconds a KB or less.
  static long of(ByteBuffer page) {
    CRC32C first = new CRC32C();
    CRC32 second = new CRC32();
    first.update(page.duplicate());
    second.update(page.duplicate());
    long sum = first.getValue() << Integer.SIZE | second.getValue();
    return sum == UNKNOWN ? 1 : sum;
  }

  long get(int number) {
    AtomicLongArray[] now = chunks;
    int chunk = number / CHUNK;
    return chunk < now.length ? now[chunk].getAcquire(number % CHUNK) : UNKNOWN;
  }

  void set(int number, long sum) {
    int chunk = number / CHUNK;
    if (chunk >= chunks.length) grow(chunk + 1);
    chunks[chunk].setRelease(number % CHUNK, sum);
  }

  /// One more than the highest number that a sum may be known of.
  int size() {
    return chunks.length * CHUNK;
  }

  void clear() {
    chunks = new AtomicLongArray[0];
  }

  private synchronized void grow(int count) {
    AtomicLongArray[] now = chunks;
    if (count <= now.length) return;
    AtomicLongArray[] more = Arrays.copyOf(now, count);
    for (int i = now.length; i < count; i++) more[i] = new AtomicLongArray(CHUNK);
    chunks = more;
  }
}
