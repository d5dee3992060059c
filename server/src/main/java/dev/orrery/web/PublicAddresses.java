package dev.orrery.web;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;

/// The addresses that belong to the public internet (RFC 6890 and its successors): neither this
/// machine nor its networks, and no address that carries another one within it.
final class PublicAddresses {
  /// The first `bits` of an address.
  private record Range(byte[] start, int bits) {
    static Range of(int bits, int... start) {
      byte[] bytes = new byte[start.length];
      for (int i = 0; i < start.length; i++) bytes[i] = (byte) start[i];
      return new Range(bytes, bits);
    }

    boolean contains(byte[] address) {
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        int wanted = bit / 8 < start.length ? start[bit / 8] & mask : 0;
        if ((address[bit / 8] & mask) != wanted) return false;
      }
      return true;
    }
  }

  private static final List<Range> NOT_PUBLIC_4 =
      List.of(
          Range.of(8, 0),
          Range.of(8, 10),
          Range.of(10, 100, 64),
          Range.of(8, 127),
          Range.of(16, 169, 254),
          Range.of(12, 172, 16),
          Range.of(24, 192, 0, 0),
          Range.of(24, 192, 0, 2),
          Range.of(24, 192, 88, 99),
          Range.of(16, 192, 168),
          Range.of(15, 198, 18),
          Range.of(24, 198, 51, 100),
          Range.of(24, 203, 0, 113),
          Range.of(4, 224),
          Range.of(4, 240));

  private static final Range GLOBAL_6 = Range.of(3, 0x20);

  /// Within the global addresses: special purposes, documentation, and those that hold another.
  private static final List<Range> NOT_PUBLIC_6 =
      List.of(
          Range.of(23, 0x20, 0x01),
          Range.of(32, 0x20, 0x01, 0x0d, 0xb8),
          Range.of(16, 0x20, 0x02),
          Range.of(20, 0x3f, 0xff));

  private PublicAddresses() {}

  static boolean contain(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address instanceof Inet4Address) {
      return NOT_PUBLIC_4.stream().noneMatch(range -> range.contains(bytes));
    }
    return GLOBAL_6.contains(bytes)
        && NOT_PUBLIC_6.stream().noneMatch(range -> range.contains(bytes));
  }
}
