package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// SQLite: one thread writes for everybody, and pooled connections read.
final class Sqlite implements Backend, Writer.Rows {
  private static final Logger LOG = LoggerFactory.getLogger(Sqlite.class);
  private static final long GROUP_MILLIS_MAX = 2;
  private static final int READERS_MAX = 8;
  private static final int BUSY_MILLIS_MAX = 10_000;
  private static final int CACHE_KIB = 16_000;

  private final Path file;
  private final BooleanSupplier moreRoom;
  private final @Nullable PageGuard guard;
  private final DataSource source;
  private final Pool readers;
  private final Writer writer;

  /// The writer's connection, open as long as the store is: the last one to close would write.
  private @Nullable Session writing;

  /// The failure of the disk after which nothing is written any more.
  private volatile @Nullable RuntimeException broken;

  private Sqlite(Path file, @Nullable PageGuard guard, BooleanSupplier moreRoom) {
    this.file = file;
    this.moreRoom = moreRoom;
    this.guard = guard;
    this.source = source(file, guard);
    this.readers = new Pool(READERS_MAX, this::reader);
    this.writer = new Writer(this, GROUP_MILLIS_MAX);
  }

  static Sqlite open(Path file, BooleanSupplier moreRoom) {
    boolean dirty = stoppedDirty(file);
    PageGuard guard = PageGuard.of(file, dirty);
    Sqlite sqlite = new Sqlite(file, guard, moreRoom);
    try {
      Session session = sqlite.connect();
      sqlite.writing = session;
      session.query("select count(*) as tables from sqlite_schema", row -> row.whole("tables"));
      if (guard != null) guard.begin(session);
      String doubt = guard == null ? null : guard.doubt();
      if (doubt != null) {
        LOG.warn("the checksums of {} are made anew of its pages as they are: {}", file, doubt);
      }
      if (dirty || doubt != null) check(file, session);
    } catch (RuntimeException | Error e) {
      sqlite.abandon();
      if (e instanceof Problem problem && problem.fault() == Fault.STORE_DAMAGED) {
        throw damaged(file, problem.what());
      }
      throw e;
    }
    sqlite.writer.start();
    if (guard != null) guard.watch(sqlite::saved);
    return sqlite;
  }

  /// The guard goes first: what SQLite itself would write as its last connection closes would have
  /// no checksums, and the log that is left is for the next start.
  private void abandon() {
    if (guard != null) guard.close();
    if (writing != null) writing.close();
  }

  /// Waits until what is known of pages is on disk.
  private void saved() {
    if (guard == null) return;
    guard.want();
    write(_ -> null);
  }

  @Override
  public String unguarded() {
    return unguardedHere();
  }

  static String unguardedHere() {
    String missing = PageVfs.missing();
    return missing == null ? "" : "pages have no checksums on this system: " + missing;
  }

  @Override
  public PageReport pages(Consumer<PageReport> progress) {
    if (guard == null) return PageReport.none(unguarded());
    try {
      saved();
      write(_ -> null); // fails if the checkpoint behind the last one has met damage in the log
      return guard.look(progress);
    } catch (IOException e) {
      throw new Problem(Fault.STORE_FAILED, "the store cannot be read: " + e, "Look at its disk")
          .because(e);
    }
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
    PageSums.Damage page = PageSums.found();
    if (page != null) {
      // It is never read; the rest of the store is what it was.
      LOG.error("{}", SqlFaults.damaged(page).what());
    } else if (!found.equals("ok")) {
      throw damaged(file, found);
    }
  }

  private static Problem damaged(Path file, String how) {
    return new Problem(
        Fault.STORE_DAMAGED,
        "the store %s is damaged: %s".formatted(file, how),
        "Restore it from a backup");
  }

  private static DataSource source(Path file, @Nullable PageGuard guard) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS_MAX);
    config.enforceForeignKeys(true);
    config.enableCaseSensitiveLike(true); // as PostgreSQL has it
    config.setCacheSize(-CACHE_KIB);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    if (guard != null) config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl(guard == null ? "jdbc:sqlite:" + file.toAbsolutePath() : PageVfs.address(file));
    return source;
  }

  @Override
  public Session session() {
    return Objects.requireNonNull(writing);
  }

  private Session connect() {
    try {
      return new Session(source.getConnection());
    } catch (SQLException e) {
      throw SqlFaults.of(e, "opening " + file);
    }
  }

  private Session reader() {
    Session session = connect();
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
    return writer.write(work);
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

  @Override
  public String begin() {
    return "begin immediate";
  }

  @Override
  public void commit(Session session) {
    session.run("commit");
  }

  @Override
  public void check() {
    if (broken != null) throw broken;
    if (guard != null) guard.settle();
  }

  /// A checkpoint that finds the disk full, or a reader in its way, is tried again later.
  @Override
  public void committed(Session session) {
    if (guard == null || broken != null) return;
    try {
      guard.committed(session);
    } catch (Problem e) {
      if (e.fault() != Fault.STORE_FULL && e.fault() != Fault.STORE_BUSY) broken = e;
      LOG.warn("a checkpoint of {} failed: {}", file, e.getMessage());
    }
  }

  @Override
  public void end() {
    try {
      if (guard != null && broken == null) guard.end(session());
    } catch (RuntimeException e) {
      LOG.warn("the log of {} stays as it is until the next start", file, e);
    } finally {
      abandon();
    }
  }

  /// After a failed sync nobody knows what the disk holds, so the store stops writing instead of
  /// trying until it seems to work. A full disk is tried again once there is room.
  @Override
  public boolean again(Throwable why, int tried) {
    if (!(why instanceof Problem problem)) return false;
    if (problem.fault() == Fault.STORE_FAILED || problem.fault() == Fault.STORE_DAMAGED) {
      broken = problem;
    }
    return problem.fault() == Fault.STORE_FULL && tried == 1 && moreRoom.getAsBoolean();
  }

  @Override
  public boolean isLost(Throwable why) {
    return false;
  }

  @Override
  public void close() {
    readers.close();
    writer.close();
  }
}
