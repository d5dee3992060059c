package dev.orrery;

import dev.orrery.base.DiskReserve;
import dev.orrery.sql.Database;
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
/// @param database where the rows are; null for a file in the home
/// @param reserveBytes how much of the disk is kept for rows when it is full; 0 for nothing
/// @param accessLog a file that takes a line for each request, or `-`; null for none
public record OrreryOptions(
    Path home,
    String host,
    int port,
    @Nullable Instant virtualClock,
    int threads,
    String command,
    @Nullable Database database,
    long reserveBytes,
    @Nullable String accessLog) {
  /// With the rows in a file of the home.
  public OrreryOptions(
      Path home,
      String host,
      int port,
      @Nullable Instant virtualClock,
      int threads,
      String command) {
    this(home, host, port, virtualClock, threads, command, null, DiskReserve.BYTES, null);
  }

  public static OrreryOptions of(Path home, int port) {
    return new OrreryOptions(
        home, "127.0.0.1", port, null, Runtime.getRuntime().availableProcessors(), "orrery up");
  }

  public OrreryOptions withVirtualClock(Instant start) {
    return new OrreryOptions(
        home, host, port, start, threads, command, database, reserveBytes, accessLog);
  }

  /// The same with the rows in a PostgreSQL database.
  public OrreryOptions withDatabase(@Nullable Database other) {
    return new OrreryOptions(
        home, host, port, virtualClock, threads, command, other, reserveBytes, accessLog);
  }

  /// The same with another reserve on the disk.
  public OrreryOptions withReserve(long bytes) {
    return new OrreryOptions(
        home, host, port, virtualClock, threads, command, database, bytes, accessLog);
  }

  /// The same with a line for each request in a file.
  public OrreryOptions withAccessLog(@Nullable String where) {
    return new OrreryOptions(
        home, host, port, virtualClock, threads, command, database, reserveBytes, where);
  }
}
