package dev.orrery.artifact;

import dev.orrery.base.Digest;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A file that comes in several requests.
///
/// @param secret the SHA-256 of what the requests of its parts must show
/// @param size how many bytes it will have; null if that was not told
/// @param received how many bytes have come, of a stream; behind them the next part goes on
/// @param digest of the blob, once it is done
record Upload(
    UUID id,
    Kind kind,
    String owner,
    SafePath path,
    Digest secret,
    String who,
    @Nullable Long size,
    long received,
    State state,
    @Nullable Digest digest,
    Instant expiresAt) {
  enum Kind {
    /// One file that grows.
    STREAM,
    /// Numbered parts in any order, joined at the end.
    PARTS
  }

  enum State {
    OPEN,
    DONE
  }

  /// A numbered part that has come.
  record Part(long number, UUID draft, long size, Digest digest) {}
}
