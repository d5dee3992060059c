package dev.orrery.base;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/// UUIDs of version 7 (RFC 9562): they sort by the millisecond they were made in.
public final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ids() {}

  /// A new id made at this instant, its other 74 bits random.
  public static UUID at(Instant instant) {
    return of(instant.toEpochMilli(), RANDOM.nextInt(1 << 12), RANDOM.nextLong());
  }

  /// An id from its three fields; of `low`, the lower 62 bits count.
  public static UUID of(long millis, int high, long low) {
    long most = (millis & 0xFFFF_FFFF_FFFFL) << 16 | 0x7000L | (high & 0xFFF);
    long least = 0x8000_0000_0000_0000L | (low & 0x3FFF_FFFF_FFFF_FFFFL);
    return new UUID(most, least);
  }

  /// The moment that stands in an id.
  public static Instant instant(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }
}
