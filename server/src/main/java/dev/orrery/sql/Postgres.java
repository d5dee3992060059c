package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/// PostgreSQL: pooled connections and serializable transactions, so that what is right with
/// SQLite's one writer is right here.
final class Postgres implements Backend {
  private static final int CONNECTIONS_MAX = 16;
  private static final int TRIES_MAX = 12;
  private static final int LOSSES_MAX = 3;
  private static final long PAUSE_MILLIS_MAX = 200;
  private static final int CONNECT_SECONDS_MAX = 5;
  private static final int ANSWER_SECONDS_MAX = 60;

  /// That a commit was sent and no answer came.
  private static final class Unconfirmed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unconfirmed(Throwable cause) {
      super(cause);
    }
  }

  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private final Pool pool = new Pool(CONNECTIONS_MAX, this::session);

  private Postgres(String url, String user, String password) {
    source.setUrl(url);
    source.setUser(user);
    source.setPassword(password);
    source.setConnectTimeout(CONNECT_SECONDS_MAX);
    source.setSocketTimeout(ANSWER_SECONDS_MAX);
    source.setTcpKeepAlive(true);
    source.setReWriteBatchedInserts(true);
    source.setApplicationName("orrery");
  }

  static Postgres open(String url, String user, String password) {
    Postgres postgres = new Postgres(url, user, password);
    postgres.readOnce(tx -> tx.query("select 1 as one", row -> row.whole("one")));
    return postgres;
  }

  private Session session() {
    try {
      return new Session(source.getConnection());
    } catch (SQLException e) {
      throw SqlFaults.of(e, "connecting to PostgreSQL");
    }
  }

  @Override
  public DataSource connections() {
    return source;
  }

  @Override
  public <T extends @Nullable Object> T write(Work<T> work) {
    return insist(() ->
        pool.with(tx -> {
          Session session = (Session) tx;
          session.run("begin isolation level serializable");
          T result = work.in(session);
          commit(session);
          return result;
        }));
  }

  private static void commit(Session session) {
    try {
      session.run("commit");
    } catch (RuntimeException e) {
      throw SqlFaults.isConnectionLoss(e) ? new Unconfirmed(e) : e;
    }
  }

  @Override
  public <T extends @Nullable Object> T read(Work<T> work) {
    return insist(() ->
        pool.with(tx -> {
          Session session = (Session) tx;
          session.run("begin isolation level repeatable read read only");
          T result = work.in(session);
          session.run("commit");
          return result;
        }));
  }

  @Override
  public <T extends @Nullable Object> T readOnce(Work<T> work) {
    return insist(() -> pool.with(work));
  }

  private interface Attempt<T extends @Nullable Object> {
    T run();
  }

  /// Tries again, a bounded number of times, what met a conflict or a connection that had died
  /// before the commit was sent.
  private <T extends @Nullable Object> T insist(Attempt<T> attempt) {
    int losses = 0;
    for (int tried = 1; ; tried++) {
      try {
        return attempt.run();
      } catch (Unconfirmed e) {
        pool.drop();
        throw unconfirmed(e);
      } catch (RuntimeException e) {
        boolean lost = SqlFaults.isConnectionLoss(e);
        if (lost) pool.drop();
        if (lost ? ++losses >= LOSSES_MAX : !SqlFaults.isConflict(e) || tried >= TRIES_MAX) throw e;
        pause(tried);
      }
    }
  }

  private static Problem unconfirmed(Unconfirmed e) {
    return new Problem(
            Fault.COMMIT_UNKNOWN,
            "PostgreSQL fell away before it confirmed a commit, which may or may not have happened",
            "Look whether the change is there before you repeat it")
        .because(e);
  }

  private static void pause(int tried) {
    long most = Math.min(PAUSE_MILLIS_MAX, 1L << Math.min(tried, 10));
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(most) + 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(Fault.INTERRUPTED, "a transaction was interrupted", "Try it again")
          .because(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
