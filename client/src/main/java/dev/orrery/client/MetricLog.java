package dev.orrery.client;

import java.io.Serial;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Metrics of one run that a training loop hands over without waiting.
///
/// ```java
/// try (var log = client.metricLog(run.id()).spill(Path.of("metrics.spill")).open()) {
///   for (long step = 0; step < steps; step++) log.log("loss", train(), step);
/// }
/// ```
///
/// Points are sent in batches, in the background, each batch with an `Idempotency-Key`: one that
/// found no answer is sent again, with the same key, until the server has it. So a server that
/// restarts loses nothing and doubles nothing. The memory is bounded; when it is full, [#log]
/// waits, or the points go to a file ([Builder#spill]). A batch that the server refuses is halved
/// until the points at fault are alone; they are counted and told by [#close].
///
/// Safe for use by many threads.
public final class MetricLog implements AutoCloseable {
  private static final int BATCH_MAX = 1_000;
  private static final Duration CLOSE = Duration.ofSeconds(30);
  private static final Duration BACKOFF_FIRST = Duration.ofMillis(100);
  private static final Duration BACKOFF_MAX = Duration.ofSeconds(5);

  private final Http http;
  private final InstantSource clock;
  private final String run;
  private final int capacity;
  private final Duration every;
  private final @Nullable Spill spill;
  private final Thread sender;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Metric> waiting = new ArrayDeque<>();
  private int inFlight;
  private long refused;
  private @Nullable OrreryException why;
  private boolean isFlushing;
  private boolean isClosing;
  private boolean isGivenUp;

  private MetricLog(Builder how) {
    this.http = how.http;
    this.clock = how.clock;
    this.run = how.run;
    this.capacity = how.capacity;
    this.every = how.every;
    this.spill = how.spill == null ? null : new Spill(how.spill);
    this.sender = new Thread(this::send, "orrery-metric-log");
    sender.setDaemon(true);
  }

  /// A point of a metric, now.
  public void log(String key, double value, long step) {
    log(new Metric(key, value, clock.instant(), step));
  }

  /// @throws IllegalStateException once the log is closed, or its file cannot be used
  public void log(Metric point) {
    lock.lock();
    try {
      while (waiting.size() >= capacity && !isClosing && !isGivenUp) {
        if (spill != null) {
          spillAll();
        } else {
          changed.awaitUninterruptibly();
        }
      }
      if (isClosing || isGivenUp) {
        throw new IllegalStateException(
            "the metric log of run " + run + " takes no more points", why);
      }
      waiting.add(point);
      if (waiting.size() >= BATCH_MAX || waiting.size() == 1) changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// How many points the server does not have yet.
  public long pending() {
    lock.lock();
    try {
      return left();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the server has everything that was logged before.
  ///
  /// @return false if the time ran out first
  public boolean flush(Duration most) {
    lock.lock();
    try {
      isFlushing = true;
      changed.signalAll();
      return awaitEmpty(most);
    } finally {
      isFlushing = false;
      lock.unlock();
    }
  }

  /// Sends what is left, for at most 30 seconds.
  ///
  /// @throws LeftException if points are left that no file has, or that the server refused
  @Override
  public void close() {
    Left left = close(CLOSE);
    if (left.points() > 0 && left.file().isEmpty() || left.refused() > 0) {
      throw new LeftException(run, left);
    }
  }

  /// Sends what is left, for as long as given, and says what the server does not have. With a file
  /// to spill to, it is there, and the next log on that file sends it.
  public Left close(Duration most) {
    lock.lock();
    try {
      isClosing = true;
      changed.signalAll();
      awaitEmpty(most);
      isGivenUp = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    join();
    lock.lock();
    try {
      if (spill != null) spillAll();
      Optional<Path> file = spill != null && spill.left() > 0 ? Optional.of(spill.file()) : none();
      return new Left(left(), file, refused, Optional.ofNullable(why).map(Throwable::getMessage));
    } finally {
      lock.unlock();
    }
  }

  private static Optional<Path> none() {
    return Optional.empty();
  }

  private void join() {
    sender.interrupt();
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void spillAll() {
    if (spill == null || waiting.isEmpty()) return;
    spill.add(List.copyOf(waiting));
    waiting.clear();
    changed.signalAll();
  }

  private long left() {
    return waiting.size() + inFlight + (spill == null ? 0 : spill.left());
  }

  private boolean awaitEmpty(Duration most) {
    long nanos = most.toNanos();
    while (left() > 0) {
      if (nanos <= 0) return false;
      try {
        nanos = changed.awaitNanos(nanos);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  // --- the sender
  // ---------------------------------------------------------------------------------

  private void send() {
    try {
      Work work = next();
      while (work != null && settle(work, deliver(work.points()))) work = next();
    } catch (RuntimeException e) {
      // The file to spill to cannot be used, or this is a mistake of ours: say so to who logs.
      lock.lock();
      try {
        why = new OrreryException("the metric log cannot go on: " + e.getMessage(), e);
        isGivenUp = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// Forgets what was delivered, or puts it back; whether to go on.
  private boolean settle(Work work, boolean isDone) {
    lock.lock();
    try {
      inFlight = 0;
      if (work.head() != null && spill != null) {
        if (isDone) spill.drop(work.head());
      } else if (!isDone) {
        for (int i = work.points().size() - 1; i >= 0; i--) waiting.addFirst(work.points().get(i));
      }
      changed.signalAll();
      return isDone;
    } finally {
      lock.unlock();
    }
  }

  /// @param head what the points take of the file, if they are from there
  private record Work(List<Metric> points, Spill.@Nullable Head head) {}

  /// The next points to send; null once there are no more to come.
  private @Nullable Work next() {
    lock.lock();
    try {
      while (!isGivenUp) {
        boolean isSpilled = spill != null && spill.left() > 0;
        if (!waiting.isEmpty()) {
          if (waiting.size() < BATCH_MAX && !isFlushing && !isClosing) pause();
          if (!waiting.isEmpty()) return new Work(take(), null);
        } else if (isSpilled && spill != null) {
          Spill.Head head = spill.head(BATCH_MAX);
          return new Work(head.points(), head);
        } else if (isClosing) {
          return null;
        } else {
          changed.await();
        }
      }
      return null;
    } catch (InterruptedException e) {
      return null;
    } finally {
      lock.unlock();
    }
  }

  /// Lets a small batch grow for a while.
  private void pause() throws InterruptedException {
    long nanos = every.toNanos();
    while (nanos > 0 && waiting.size() < BATCH_MAX && !isFlushing && !isClosing) {
      nanos = changed.awaitNanos(nanos);
    }
  }

  private List<Metric> take() {
    List<Metric> points = new ArrayList<>();
    while (points.size() < BATCH_MAX && !waiting.isEmpty()) points.add(waiting.remove());
    inFlight = points.size();
    changed.signalAll();
    return points;
  }

  /// Sends points until the server has them or has refused them; false if the log was given up.
  private boolean deliver(List<Metric> points) {
    String body =
        Json.write(Map.of("run_id", run, "metrics", points.stream().map(Metric::fields).toList()));
    String key = UUID.randomUUID().toString();
    for (int attempt = 1; ; attempt++) {
      try {
        http.call("POST", "/api/2.0/mlflow/runs/log-batch", body, key, Retries.NONE);
        return true;
      } catch (OrreryException e) {
        remember(e);
        if (!e.isTransient()) return refuse(points, e);
      }
      if (!sleep(attempt)) return false;
    }
  }

  private boolean refuse(List<Metric> points, OrreryException e) {
    if (points.size() > 1 && e.status() == 400) {
      int half = points.size() / 2;
      return deliver(points.subList(0, half)) && deliver(points.subList(half, points.size()));
    }
    lock.lock();
    try {
      refused += points.size();
    } finally {
      lock.unlock();
    }
    return true;
  }

  private void remember(OrreryException e) {
    lock.lock();
    try {
      why = e;
    } finally {
      lock.unlock();
    }
  }

  private boolean sleep(int attempt) {
    Duration wait = new Retries(1, BACKOFF_FIRST, BACKOFF_MAX).before(attempt, -1);
    lock.lock();
    try {
      long nanos = wait.toNanos();
      while (nanos > 0 && !isGivenUp) nanos = changed.awaitNanos(nanos);
      return !isGivenUp;
    } catch (InterruptedException e) {
      return false;
    } finally {
      lock.unlock();
    }
  }

  /// What a closed log leaves.
  ///
  /// @param points how many the server does not have
  /// @param file where they are, if they are in a file
  /// @param refused how many the server refused for good
  /// @param why the last failure, if there was one
  public record Left(long points, Optional<Path> file, long refused, Optional<String> why) {}

  /// Points that could not be sent, and are nowhere else.
  public static final class LeftException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final Left left;

    LeftException(String run, Left left) {
      super(
          "run %s: %d points not sent, %d refused: %s"
              .formatted(run, left.points(), left.refused(), left.why().orElse("no time left")));
      this.left = left;
    }

    public Left left() {
      return left;
    }
  }

  /// How a log behaves.
  public static final class Builder {
    private final Http http;
    private final InstantSource clock;
    private final String run;
    private int capacity = 100_000;
    private Duration every = Duration.ofMillis(200);
    private @Nullable Path spill;

    Builder(Http http, InstantSource clock, String run) {
      this.http = http;
      this.clock = clock;
      this.run = run;
    }

    /// How many points memory holds: 100,000 if not said.
    public Builder capacity(int points) {
      if (points < 1) throw new IllegalArgumentException("capacity is " + points);
      this.capacity = points;
      return this;
    }

    /// How long a point may wait for others to go with it: 200 ms if not said.
    public Builder every(Duration every) {
      this.every = every;
      return this;
    }

    /// A file for what finds no room, and for what is left at the end. One log has it at a time.
    public Builder spill(Path file) {
      this.spill = file;
      return this;
    }

    public MetricLog open() {
      MetricLog log = new MetricLog(this);
      log.sender.start();
      return log;
    }
  }
}
