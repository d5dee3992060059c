package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// SQLite: one thread writes for everybody, in groups that share one commit, and pooled connections
/// read.
///
/// While a commit waits for the disk, the next group gathers; so the works of many callers cost one
/// sync, and the work of a lone caller waits for nothing.
final class Sqlite implements Backend {
  private static final int WAITING_MAX = 10_000;
  private static final int GROUP_MAX = 256;
  private static final long GROUP_NANOS_MAX = 2_000_000;
  private static final int READERS_MAX = 8;
  private static final long WAIT_SECONDS_MAX = 30;
  private static final int BUSY_MILLIS_MAX = 10_000;
  private static final int CACHE_KIB = 16_000;

  private final Path file;
  private final BooleanSupplier moreRoom;
  private final DataSource source;
  private final Pool readers;
  private final LinkedBlockingQueue<Request<?>> waiting = new LinkedBlockingQueue<>(WAITING_MAX);
  private final Request<@Nullable Object> stop = new Request<>(_ -> null);
  private final Thread writer;
  private volatile boolean closed;

  /// The failure of the disk after which nothing is written any more.
  private volatile @Nullable RuntimeException broken;

  private Sqlite(Path file, BooleanSupplier moreRoom) {
    this.file = file;
    this.moreRoom = moreRoom;
    this.source = source(file);
    this.readers = new Pool(READERS_MAX, this::reader);
    this.writer = Thread.ofPlatform().daemon().name("orrery-rows").unstarted(this::loop);
  }

  static Sqlite open(Path file, BooleanSupplier moreRoom) {
    boolean dirty = stoppedDirty(file);
    Sqlite sqlite = new Sqlite(file, moreRoom);
    try (Session session = sqlite.session()) {
      session.query("select count(*) as tables from sqlite_schema", row -> row.whole("tables"));
      if (dirty) check(file, session);
    } catch (Problem problem) {
      throw problem.fault() == Fault.STORE_DAMAGED ? damaged(file, problem.what()) : problem;
    }
    sqlite.writer.start();
    return sqlite;
  }

  /// SQLite removes the log beside its file when it is closed well.
  private static boolean stoppedDirty(Path file) {
    try {
      Path log = file.resolveSibling(file.getFileName() + "-wal");
      return Files.exists(log) && Files.size(log) > 0;
    } catch (IOException _) {
      return true;
    }
  }

  private static void check(Path file, Session session) {
    String found =
        session.query("pragma quick_check(1)", row -> row.text("quick_check")).getFirst();
    if (!found.equals("ok")) throw damaged(file, found);
  }

  private static Problem damaged(Path file, String how) {
    return new Problem(
        Fault.STORE_DAMAGED,
        "the store %s is damaged: %s".formatted(file, how),
        "Restore it from a backup");
  }

  private static DataSource source(Path file) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS_MAX);
    config.enforceForeignKeys(true);
    config.enableCaseSensitiveLike(true); // as PostgreSQL has it
    config.setCacheSize(-CACHE_KIB);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }

  private Session session() {
    try {
      return new Session(source.getConnection());
    } catch (SQLException e) {
      throw SqlFaults.of(e, "opening " + file);
    }
  }

  private Session reader() {
    Session session = session();
    session.run("pragma query_only = 1");
    return session;
  }

  @Override
  public DataSource connections() {
    return source;
  }

  @Override
  public Map<String, String> words() {
    return Map.of("clustered", "without rowid", "identity", "integer primary key");
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    if (Thread.currentThread() == writer) {
      throw new IllegalStateException("a write inside a write: use the Tx that is at hand");
    }
    Request<T> request = new Request<>(work);
    submit(request);
    return request.await();
  }

  private void submit(Request<?> request) {
    if (closed) throw Pool.closed();
    try {
      if (!waiting.offer(request, WAIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new Problem(
            Fault.STORE_BUSY,
            "%,d writes are waiting for the store".formatted(WAITING_MAX),
            "Send less at once, or put the store on a faster disk");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(Fault.INTERRUPTED, "a write was interrupted before it began", "Try again")
          .because(e);
    }
    if (closed && request.claim()) throw Pool.closed();
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    return readers.with(tx -> {
      Session session = (Session) tx;
      session.run("begin");
      T result = work.in(session);
      session.run("commit");
      return result;
    });
  }

  @Override
  public <T extends @Nullable Object> T readOnce(Work<T> work) {
    return readers.with(work);
  }

  private void loop() {
    Session session = null;
    try {
      for (Request<?> next = waiting.take(); next != stop; next = waiting.take()) {
        if (session == null) session = openOrFail(next);
        if (session != null) group(session, next);
      }
    } catch (InterruptedException _) {
      // Nobody interrupts the writer but a JVM that goes down.
    } finally {
      closed = true;
      for (Request<?> late = waiting.poll(); late != null; late = waiting.poll()) {
        if (late.claim()) late.fail(Pool.closed());
      }
      if (session != null) session.close();
    }
  }

  private @Nullable Session openOrFail(Request<?> first) {
    try {
      return session();
    } catch (RuntimeException e) {
      if (first.claim()) first.fail(e);
      return null;
    }
  }

  /// Runs a work and those that wait behind it in one transaction, and settles them all.
  private void group(Session session, Request<?> first) {
    List<Request<?>> group = new ArrayList<>();
    try {
      if (broken != null) throw broken;
      session.run("begin immediate");
      long until = System.nanoTime() + GROUP_NANOS_MAX;
      Request<?> next = first;
      while (next != null) {
        if (next.claim()) {
          group.add(next);
          next.run(session);
        }
        boolean full = group.size() >= GROUP_MAX || System.nanoTime() - until > 0;
        next = full || waiting.peek() == stop ? null : waiting.poll();
      }
      session.run("commit");
      group.forEach(Request::settle);
    } catch (RuntimeException | Error e) {
      undo(session, e);
      if (first.claim()) group.add(first);
      if (!isFull(e) || !moreRoom.getAsBoolean() || !again(session, group)) {
        group.forEach(request -> request.fail(e));
      }
    }
  }

  private static boolean isFull(Throwable why) {
    return why instanceof Problem problem && problem.fault() == Fault.STORE_FULL;
  }

  /// Runs a group once more, now that there is room.
  private boolean again(Session session, List<Request<?>> group) {
    try {
      session.run("begin immediate");
      group.forEach(request -> request.run(session));
      session.run("commit");
      group.forEach(Request::settle);
      return true;
    } catch (RuntimeException | Error e) {
      undo(session, e);
      return false;
    }
  }

  /// After a failed sync nobody knows what the disk holds, so the store stops writing instead of
  /// trying until it seems to work.
  private void undo(Session session, Throwable why) {
    if (why instanceof Problem problem
        && (problem.fault() == Fault.STORE_FAILED || problem.fault() == Fault.STORE_DAMAGED)) {
      broken = problem;
    }
    try {
      session.run("rollback");
    } catch (RuntimeException _) {
      // SQLite has rolled back by itself, or there was nothing to roll back.
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      readers.close();
      // The queue may be full of works; the writer makes room.
      boolean interrupted = false;
      while (true) {
        try {
          waiting.put(stop);
          writer.join(TimeUnit.SECONDS.toMillis(WAIT_SECONDS_MAX));
          break;
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) Thread.currentThread().interrupt();
    }
  }
}
