package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// SQLite: one thread writes for everybody, and pooled connections read.
final class Sqlite implements Backend, Writer.Rows {
  private static final long GROUP_MILLIS_MAX = 2;
  private static final int READERS_MAX = 8;
  private static final int BUSY_MILLIS_MAX = 10_000;
  private static final int CACHE_KIB = 16_000;

  private final Path file;
  private final BooleanSupplier moreRoom;
  private final DataSource source;
  private final Pool readers;
  private final Writer writer;

  /// The failure of the disk after which nothing is written any more.
  private volatile @Nullable RuntimeException broken;

  private Sqlite(Path file, BooleanSupplier moreRoom) {
    this.file = file;
    this.moreRoom = moreRoom;
    this.source = source(file);
    this.readers = new Pool(READERS_MAX, this::reader);
    this.writer = new Writer(this, GROUP_MILLIS_MAX);
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

  @Override
  public Session session() {
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
    writer.close();
    readers.close();
  }
}
