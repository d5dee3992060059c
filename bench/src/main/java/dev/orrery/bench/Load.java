package dev.orrery.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/// Requests by several threads, each with a connection of its own.
///
/// @param port of the loopback address
/// @param requests sent in turn
record Load(int port, List<byte[]> requests, int connections) {
  /// What came of it.
  ///
  /// @param micros how long each request took, ascending
  record Result(double seconds, double[] micros) {
    double perSecond() {
      return micros.length / seconds;
    }

    /// @param share from 0 to 1
    double quantile(double share) {
      return micros[(int) Math.min(micros.length - 1L, (long) (share * micros.length))];
    }
  }

  /// One thread's part: sends until `end`, and gives the nanoseconds of each request.
  private interface Sender {
    long[] send(Connection connection, int thread, long end) throws IOException;
  }

  /// As many requests as go: each connection sends its next one when it has its answer.
  Result full(Duration span) throws InterruptedException {
    return run(
        span,
        (connection, thread, end) -> {
          long[] nanos = new long[1 << 12];
          int count = 0;
          int next = thread * 31;
          for (long at = System.nanoTime(); at < end; ) {
            connection.exchange(requests.get(next++ % requests.size()));
            long now = System.nanoTime();
            if (count == nanos.length) nanos = Arrays.copyOf(nanos, 2 * count);
            nanos[count++] = now - at;
            at = now;
          }
          return Arrays.copyOf(nanos, count);
        });
  }

  /// So many requests a second, evenly. Each is counted from when it was due, so that one slow
  /// answer shows in all that had to wait for it.
  Result steady(Duration span, int perSecond) throws InterruptedException {
    long gap = 1_000_000_000L * connections / perSecond;
    return run(
        span,
        (connection, thread, end) -> {
          long[] nanos = new long[(int) (span.toNanos() / gap) + 2];
          int count = 0;
          int next = thread * 31;
          long due = System.nanoTime() + gap * thread / connections;
          for (; due < end && count < nanos.length; due += gap) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
              LockSupport.parkNanos(wait);
            }
            connection.exchange(requests.get(next++ % requests.size()));
            nanos[count++] = System.nanoTime() - due;
          }
          return Arrays.copyOf(nanos, count);
        });
  }

  private Result run(Duration span, Sender sender) throws InterruptedException {
    List<long[]> parts = new ArrayList<>();
    var failures = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + span.toNanos();
    for (int i = 0; i < connections; i++) {
      int thread = i;
      threads.add(
          Thread.ofPlatform()
              .name("load-" + i)
              .start(() -> {
                try (Connection connection = new Connection(port)) {
                  long[] nanos = sender.send(connection, thread, end);
                  synchronized (parts) {
                    parts.add(nanos);
                  }
                } catch (IOException e) {
                  failures.increment();
                  System.err.println("bench: a request failed: " + e.getMessage());
                }
              }));
    }
    for (Thread thread : threads) thread.join();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (failures.sum() > 0) throw new IllegalStateException("requests failed");
    double[] micros =
        parts.stream().flatMapToLong(Arrays::stream).mapToDouble(n -> n / 1e3).sorted().toArray();
    return new Result(seconds, micros);
  }
}
