package dev.orrery;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// How to start Orrery.
///
/// @param home a project's folder, or an empty one; the store is its `.orrery`
/// @param port 0 for any free one
/// @param virtualClock where a virtual clock begins if the store is new; null for the real clock. A
///   store that has run on a virtual clock goes on with it.
/// @param threads how many cores training and queries may use
/// @param command what started it, for the lock file
public record OrreryOptions(
    Path home, String host, int port, @Nullable Instant virtualClock, int threads, String command) {
  public static OrreryOptions of(Path home, int port) {
    return new OrreryOptions(
        home, "127.0.0.1", port, null, Runtime.getRuntime().availableProcessors(), "orrery up");
  }

  public OrreryOptions withVirtualClock(Instant start) {
    return new OrreryOptions(home, host, port, start, threads, command);
  }
}
