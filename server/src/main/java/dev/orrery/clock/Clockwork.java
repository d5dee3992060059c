package dev.orrery.clock;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.VirtualClock;
import dev.orrery.sql.Db;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A clock with chores: real, or virtual and moved by hand. Safe for use by many threads.
///
/// Chores run one after another on one thread, never two rounds at once; a chore that fails is
/// logged and tried again in the next round.
public final class Clockwork implements InstantSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Clockwork.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration STORED_EVERY = Duration.ofHours(6);
  private static final long POLL_MILLIS = 2;
  private static final String REAL = "real";
  private static final String VIRTUAL = "virtual";

  private final InstantSource real;
  private final @Nullable VirtualClock virtual;
  private final Db db;
  private final List<Runnable> chores = new CopyOnWriteArrayList<>();
  private final List<BooleanSupplier> idle = new CopyOnWriteArrayList<>();
  private final Thread thread = Thread.ofPlatform().name("orrery-clock").unstarted(this::work);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /// How many rounds were asked for, and how many are done; guarded by `lock`.
  private long asked;

  private long done;
  private boolean closing;
  private Instant stored = Instant.MIN;

  private Clockwork(InstantSource real, @Nullable VirtualClock virtual, Db db) {
    this.real = real;
    this.virtual = virtual;
    this.db = db;
  }

  /// The state of a clock.
  ///
  /// @param settled whether everything that was due by now is done
  public record State(boolean virtual, Instant now, boolean settled) {}

  /// The real clock, on which the store stays.
  ///
  /// @throws Problem of kind CONFLICT if the store was used on a virtual clock
  public static Clockwork real(InstantSource real, Db db) {
    stays(db, REAL);
    return new Clockwork(real, null, db);
  }

  /// A virtual clock that goes on from where the store left it.
  ///
  /// @param start where it begins if the store has not run on one before
  /// @throws Problem of kind CONFLICT if the store was used on the real clock
  public static Clockwork virtual(InstantSource real, Instant start, Db db) {
    stays(db, VIRTUAL);
    Instant now =
        db.first("select now_at from virtual_clock", row -> row.instant("now_at")).orElse(start);
    var clock = new Clockwork(real, new VirtualClock(now), db);
    clock.store(now);
    return clock;
  }

  /// Whether a store runs on a virtual clock.
  public static boolean isVirtual(Db db) {
    return kind(db).filter(VIRTUAL::equals).isPresent();
  }

  /// The first use decides; what was written by one clock is never read by the other.
  private static void stays(Db db, String wanted) {
    String kind = kind(db).orElse(null);
    if (kind == null) {
      db.update("insert into clock_kind (id, kind) values (1, ?)", wanted);
    } else if (!kind.equals(wanted)) {
      throw new Problem(
          Fault.OTHER_CLOCK,
          "this home was used on the %s clock, and stays on it".formatted(kind),
          kind.equals(REAL)
              ? "Use a fresh home for the virtual clock: orrery up --home DIR --clock virtual"
              : "Use a fresh home for the real clock: orrery up --home DIR");
    }
  }

  private static Optional<String> kind(Db db) {
    return db.first("select kind from clock_kind", row -> row.text("kind"));
  }

  @Override
  public Instant instant() {
    return virtual == null ? real.instant() : virtual.instant();
  }

  /// Adds what is to be done in every round, after the chores added before it.
  public void chore(Runnable chore) {
    chores.add(chore);
  }

  /// Adds a sign of whether the work that chores started is done.
  public void idleWhen(BooleanSupplier sign) {
    idle.add(sign);
  }

  public void start() {
    thread.start();
    ask();
  }

  /// Moves a virtual clock and has the chores done.
  ///
  /// @param wait how long to wait for everything to settle
  /// @throws Problem of kind CONFLICT if the clock is real, or would go back
  public State advance(Instant to, Duration wait) {
    if (virtual == null) {
      throw new Problem(
          Fault.NO_VIRTUAL_CLOCK,
          "the server runs on the real clock",
          "Start it with 'orrery up --clock virtual' on a fresh home to move the clock by hand");
    }
    virtual.advance(to);
    if (Duration.between(stored, to).compareTo(STORED_EVERY) >= 0) store(to);
    ask();
    return settle(wait);
  }

  /// Waits until everything is settled, or the time is up.
  public State settle(Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    while (!settled() && System.nanoTime() < deadline) {
      lock.lock();
      try {
        // Work that chores started ends without a word, so it is looked at now and then.
        boolean told = changed.await(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (told) continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      } finally {
        lock.unlock();
      }
    }
    return state();
  }

  public State state() {
    return new State(virtual != null, instant(), settled());
  }

  private boolean settled() {
    lock.lock();
    try {
      if (done != asked) return false;
    } finally {
      lock.unlock();
    }
    return idle.stream().allMatch(BooleanSupplier::getAsBoolean);
  }

  private void ask() {
    lock.lock();
    try {
      asked++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    while (true) {
      long round;
      lock.lock();
      try {
        if (!closing && done == asked) {
          boolean told = changed.await(TICK.toMillis(), TimeUnit.MILLISECONDS);
          if (!told && virtual == null) asked++;
        }
        if (closing) return;
        if (done == asked) continue;
        round = asked;
      } catch (InterruptedException e) {
        return;
      } finally {
        lock.unlock();
      }
      for (Runnable chore : chores) quietly(chore);
      lock.lock();
      try {
        done = round;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void quietly(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      if (!closing) LOG.error("a chore failed; it is tried again in the next round", e);
    }
  }

  private void store(Instant now) {
    db.update(
        """
        insert into virtual_clock (id, now_at)
        values (1, ?)
        on conflict (id) do update set now_at = excluded.now_at
        """,
        now);
    stored = now;
  }

  /// Ends after the chore that runs now, which is interrupted after 3 s.
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(Duration.ofSeconds(3))) {
        thread.interrupt();
        thread.join(Duration.ofSeconds(7));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalThreadStateException e) {
      LOG.trace("the clock was never started", e);
    }
    if (virtual != null) store(virtual.instant());
  }
}
