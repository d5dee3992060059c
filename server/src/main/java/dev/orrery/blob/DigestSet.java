package dev.orrery.blob;

import dev.orrery.base.Digest;
import java.util.Arrays;

/// A set of many digests in little memory: eight bytes of each. It may take a digest for another
/// one's, once in 10^12 for a million; for a collector that errs on the safe side.
final class DigestSet {
  private static final int HEX_LENGTH = 64;

  private long[] heads = new long[1_024];
  private int count;

  /// Adds every digest that stands in a text.
  void addAllIn(String text) {
    int from = 0;
    int length = text.length();
    for (int i = 0; i <= length; i++) {
      if (i < length && isHex(text.charAt(i))) continue;
      if (i - from == HEX_LENGTH) add(Long.parseUnsignedLong(text, from, from + 16, 16));
      from = i + 1;
    }
  }

  private static boolean isHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  private void add(long head) {
    if (count == heads.length) heads = Arrays.copyOf(heads, count * 2);
    heads[count++] = head;
  }

  /// Ends adding.
  DigestSet sealed() {
    Arrays.sort(heads, 0, count);
    return this;
  }

  boolean has(Digest digest) {
    long head = Long.parseUnsignedLong(digest.hex(), 0, 16, 16);
    return Arrays.binarySearch(heads, 0, count, head) >= 0;
  }
}
