package dev.orrery.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Ids;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Durable work: submit a job, and a worker runs it to its end, here or on another server.
///
/// One worker runs jobs in the order of their submission. Safe for use by many threads, and by many
/// servers on one PostgreSQL.
public final class Jobs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
  private static final int WORKERS_MAX = 64;
  private static final int PAYLOAD_CHARS_MAX = 1_000_000;
  private static final int ATTEMPTS_MAX = 100;
  private static final int LIMIT_MAX = 1_000;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration STILL_MAX = Duration.ofSeconds(15);
  private static final Duration STOP_MAX = Duration.ofSeconds(8);
  private static final Duration SETTLE_PAUSE = Duration.ofSeconds(1);

  private record Task(Handler handler, Retry retry) {}

  private final JobStore store;
  private final Db db;
  private final InstantSource clock;
  private final @Nullable String home;
  private final Pulses pulses;
  private final Duration beat;

  /// This object, as the owner of leases.
  private final String owner = UUID.randomUUID().toString();

  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final Set<Lease> running = ConcurrentHashMap.newKeySet();

  /// Given a permit when there may be something to do at once.
  private final Semaphore wake = new Semaphore(0);

  private final Thread dispatcher =
      Thread.ofPlatform().daemon().name("orrery-jobs").unstarted(this::dispatch);
  private int workers;
  private long beatenAt;
  private volatile boolean closed;

  /// @param realClock for pauses and records; leases depend on no clock
  public Jobs(Db db, InstantSource realClock) {
    this(db, realClock, null, STILL_MAX);
  }

  /// For a store shared by several servers.
  ///
  /// @param home names this server's home among them; its process lock must be held, because jobs
  ///   that an earlier process of this home left are taken over at the start
  public Jobs(Db db, InstantSource realClock, String home) {
    this(db, realClock, home, STILL_MAX);
  }

  Jobs(Db db, InstantSource realClock, @Nullable String home, Duration stillMax) {
    this.db = db;
    this.store = new JobStore(db);
    this.clock = realClock;
    this.home = home;
    this.pulses = new Pulses(stillMax);
    this.beat = stillMax.dividedBy(4);
  }

  /// Submits a job, durably; if an unfinished one of this kind and key exists, that one stands.
  ///
  /// @return the id of the job, new or old
  public UUID submit(String kind, String key, JsonNode payload) {
    UUID id = db.write(tx -> submit(tx, kind, key, payload));
    wake.release();
    return id;
  }

  /// The same within a transaction: the job exists if that commits.
  public UUID submit(Tx tx, String kind, String key, JsonNode payload) {
    if (Json.text(payload).length() > PAYLOAD_CHARS_MAX) {
      throw new Problem(
          Fault.JOB_TOO_LARGE,
          "the payload of the job %s '%s' has more than 1 MB".formatted(kind, Texts.shown(key)),
          "Store it as a blob and give the job its digest");
    }
    Instant now = clock.instant();
    return JobStore.submit(tx, Ids.at(now), kind, key, payload, now);
  }

  /// Names the handler of a kind of job. Jobs of kinds without one wait.
  public void handle(String kind, Handler handler) {
    handle(kind, Retry.USUAL, handler);
  }

  public void handle(String kind, Retry retry, Handler handler) {
    tasks.put(kind, new Task(handler, retry));
  }

  /// Begins to run jobs, first of all those that a dead process of this home left running.
  ///
  /// @param workers how many at a time, at most 64
  public void start(int workers) {
    this.workers = Math.clamp(workers, 1, WORKERS_MAX);
    int left = db.isOwned() ? store.releaseAll() : home != null ? store.releaseOf(home) : 0;
    if (left > 0) LOG.info("{} jobs were cut short by the end of their process; they go on", left);
    dispatcher.start();
  }

  /// Whether no job is ready, waiting to be tried again, or running.
  public boolean idle() {
    return store.isIdle();
  }

  /// Waits until [#idle].
  ///
  /// @return false if it was not within this time
  public boolean awaitIdle(Duration atMost) {
    long until = System.nanoTime() + atMost.toNanos();
    while (!idle()) {
      if (System.nanoTime() - until > 0 || !pause(Duration.ofMillis(10))) return idle();
    }
    return true;
  }

  public Optional<Job> get(UUID id) {
    return store.get(id);
  }

  /// The newest jobs, newest first; at most 1,000.
  public List<Job> newest(int limit) {
    return store.newest(Math.clamp(limit, 1, LIMIT_MAX));
  }

  private void dispatch() {
    while (!closed) {
      try {
        beat();
        if (!db.isOwned()) pulses.still(store.pulsesOfOthers(owner)).forEach(this::takeOver);
        if (running.size() < workers) takeReady();
        if (wake.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) wake.drainPermits();
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("Jobs cannot be looked after at the moment: {}", e.getMessage());
        pause(SETTLE_PAUSE);
      }
    }
  }

  private void beat() {
    if (System.nanoTime() - beatenAt < beat.toNanos()) return;
    beatenAt = System.nanoTime();
    for (Lease lease : running) {
      if (!store.beat(lease.job()) && running.contains(lease)) lease.lose();
    }
  }

  private void takeOver(JobStore.Pulse pulse) {
    if (store.releaseStill(pulse)) {
      LOG.warn("The worker of job {} gives no sign of life; the job is free again", pulse.id());
    }
  }

  private void takeReady() {
    for (Job ready : store.ready(clock.instant())) {
      if (closed || running.size() >= workers) return;
      Task task = tasks.get(ready.kind());
      if (task == null) continue;
      store.take(ready, owner, String.valueOf(home)).ifPresent(job -> begin(job, task));
    }
  }

  private void begin(Job job, Task task) {
    Lease lease = new Lease(job, clock);
    running.add(lease);
    Thread.ofPlatform().daemon().name("orrery-job-" + job.kind()).start(() -> run(task, lease));
    if (closed) lease.stop();
  }

  private void run(Task task, Lease lease) {
    Job job = lease.job();
    Runnable settlement;
    lease.heldBy(Thread.currentThread());
    try {
      if (job.attempt() > ATTEMPTS_MAX) throw exhausted(job);
      task.handler().run(job, lease);
      settlement = () -> store.done(job, clock.instant());
    } catch (Throwable e) {
      settlement = () -> failed(task, lease, e);
    }
    lease.heldBy(null);
    Thread.interrupted();
    settle(lease, settlement);
    running.remove(lease);
    wake.release();
  }

  /// Writes how an attempt ended. While the store cannot be written, the lease is kept and it is
  /// tried again; what cannot be written before the server stops is found at the next start.
  private void settle(Lease lease, Runnable settlement) {
    while (!lease.isLost()) {
      try {
        settlement.run();
        return;
      } catch (RuntimeException e) {
        LOG.warn("The end of job {} cannot be written: {}", lease.job().id(), e.getMessage());
        if (lease.stopping() || !pause(SETTLE_PAUSE)) return;
      }
    }
  }

  private void failed(Task task, Lease lease, Throwable e) {
    Job job = lease.job();
    if (lease.stopping()) {
      store.release(job);
      return;
    }
    long failures = job.failures() + 1;
    Instant now = clock.instant();
    boolean last = failures >= task.retry().failuresMax() || !mayMend(e);
    String problem = String.valueOf(e instanceof Problem ? e.getMessage() : e);
    LOG.warn("Attempt {} of job {} '{}' failed", job.attempt(), job.kind(), job.key(), e);
    if (last) store.fail(job, failures, now, problem);
    else store.again(job, failures, now.plus(task.retry().pauseAfter(failures)), problem);
  }

  /// Whether the same work may succeed when it is done again.
  private static boolean mayMend(Throwable e) {
    if (!(e instanceof Problem problem)) return true;
    return switch (problem.kind()) {
      case LIMITED, UNAVAILABLE, STORAGE_FULL, INTERNAL -> true;
      case INVALID, DENIED, NOT_FOUND, CONFLICT, GATE_NOT_MET, TOO_LARGE, UNSUPPORTED, DATA_LOSS ->
          false;
    };
  }

  private static Problem exhausted(Job job) {
    return new Problem(
        Fault.JOB_EXHAUSTED,
        "the job %s '%s' was begun %d times and never came to an end"
            .formatted(job.kind(), job.key(), ATTEMPTS_MAX),
        "Look into the log for what ends the process, then submit it again");
  }

  private static boolean pause(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /// Takes no more jobs, interrupts those that run, and waits for them, at most 8 s. A job that
  /// does not end in time is run again after the next start.
  @Override
  public void close() {
    if (closed) return;
    closed = true;
    wake.release();
    long until = System.nanoTime() + STOP_MAX.toNanos();
    running.forEach(Lease::stop);
    while ((dispatcher.isAlive() || !running.isEmpty()) && System.nanoTime() - until < 0) {
      if (!pause(Duration.ofMillis(5))) break;
    }
    running.forEach(
        lease -> LOG.warn("Job {} does not stop; it runs again later", lease.job().id()));
  }
}
