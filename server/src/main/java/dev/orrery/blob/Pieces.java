package dev.orrery.blob;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// The checksums of a blob's pieces, taken while the whole was read or written and its digest held.
///
/// Taking one costs a thirtieth of a SHA-256, so that every piece can be checked again each time it
/// is given out.
final class Pieces {
  static final int BYTES = 256 * 1024;

  private int[] sums = new int[4];
  private int count;
  private final CRC32C sum = new CRC32C();
  private int filled;

  /// Goes on with the next bytes of the blob.
  void add(byte[] bytes, int from, int length) {
    int at = from;
    int left = length;
    while (left > 0) {
      int taken = Math.min(left, BYTES - filled);
      sum.update(bytes, at, taken);
      filled += taken;
      at += taken;
      left -= taken;
      if (filled == BYTES) close();
    }
  }

  private void close() {
    if (count == sums.length) sums = Arrays.copyOf(sums, count * 2);
    sums[count++] = (int) sum.getValue();
    sum.reset();
    filled = 0;
  }

  int[] finish() {
    if (filled > 0) close();
    return Arrays.copyOf(sums, count);
  }

  static int of(ByteBuffer piece) {
    CRC32C sum = new CRC32C();
    sum.update(piece);
    return (int) sum.getValue();
  }
}
