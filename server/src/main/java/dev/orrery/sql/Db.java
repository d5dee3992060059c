package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The rows of a store. What is written is durable when the call returns: it survives power loss.
///
/// Transactions are serializable. Safe for use by many threads; PostgreSQL may be shared by many
/// processes, an SQLite file belongs to one (see [StoreLock]).
public final class Db implements AutoCloseable {
  private final Backend backend;

  private Db(Backend backend) {
    this.backend = backend;
  }

  /// Opens, or makes, an SQLite file. One that was not closed well is checked first.
  ///
  /// @throws dev.orrery.base.Problem STORE_DAMAGED if it is not sound, STORE_FAILED if it cannot be
  ///   opened
  public static Db sqlite(Path file) {
    return sqlite(file, () -> false);
  }

  /// @param moreRoom called when the disk is full; says whether it has made room, so that what
  ///   could not be written is worth another try
  public static Db sqlite(Path file, BooleanSupplier moreRoom) {
    return new Db(Sqlite.open(file, moreRoom));
  }

  /// Connects to a PostgreSQL database.
  ///
  /// @param url such as `jdbc:postgresql://host:5432/orrery`
  /// @throws dev.orrery.base.Problem STORE_BUSY if it cannot be reached
  public static Db postgres(String url, String user, String password) {
    return new Db(Postgres.open(url, user, password));
  }

  public static Db postgres(Database database) {
    return postgres(database.url(), database.user(), database.password());
  }

  /// Binds the rows to the home that has their blobs and journals, for ever.
  ///
  /// @param home what tells homes apart
  /// @throws dev.orrery.base.Problem DATABASE_TAKEN if they belong to another home
  public void claim(String home) {
    String owner =
        write(tx -> {
          tx.update(
              "insert into store_home (id, home) values (1, ?) on conflict (id) do nothing", home);
          return tx.query("select home from store_home", row -> row.text("home")).getFirst();
        });
    if (owner.equals(home)) return;
    throw new Problem(
        Fault.DATABASE_TAKEN,
        "the database holds the rows of another home (%s)".formatted(owner),
        "Use that home, or an empty database: files and rows of two homes do not fit together");
  }

  /// Whether this process alone uses the store, as with an SQLite file.
  public boolean isOwned() {
    return backend instanceof Sqlite;
  }

  /// Brings the tables of all parts to what this program needs.
  ///
  /// @throws dev.orrery.base.Problem SCHEMA_UNKNOWN if a newer program has been here, or a
  ///   migration fails
  public void migrate() {
    Migrations.run(backend.connections(), backend.words());
  }

  /// Runs a work in one transaction: all of it or, if it throws, nothing.
  ///
  /// Works share a writer: a long one keeps the others waiting.
  public <T extends @Nullable Object> T write(Work<T> work) {
    return backend.write(work);
  }

  /// Runs several queries on one consistent picture of the rows.
  public <T extends @Nullable Object> T read(Work<T> work) {
    return backend.read(work);
  }

  /// A transaction of one statement.
  ///
  /// @return how many rows it changed
  public int update(String sql, @Nullable Object... args) {
    return write(tx -> tx.update(sql, args));
  }

  /// All rows of a query, in its order. The whole answer is held in memory: give it a `limit`.
  public <T extends @Nullable Object> List<T> query(
      String sql, RowMapper<T> mapper, @Nullable Object... args) {
    return backend.readOnce(tx -> tx.query(sql, mapper, args));
  }

  /// The first row of a query, if there is one.
  public <T> Optional<T> first(String sql, RowMapper<T> mapper, @Nullable Object... args) {
    return query(sql, mapper, args).stream().findFirst();
  }

  /// Why bit rot in any SQLite file would go unseen on this system; empty if it is seen.
  public static String unguardedHere() {
    return Sqlite.unguardedHere();
  }

  /// Why bit rot in the rows would go unseen, and what to do about it; empty if it is seen.
  public String unguarded() {
    return backend.unguarded();
  }

  /// Reads every page of an SQLite file and names those that are not what was written to them;
  /// PostgreSQL looks after its own.
  ///
  /// @param progress told from time to time how far it is
  /// @throws dev.orrery.base.Problem STORE_FAILED if the file cannot be read
  public PageReport pages(Consumer<PageReport> progress) {
    return backend.pages(progress);
  }

  /// Lets the writes under way finish, then closes the store.
  @Override
  public void close() {
    backend.close();
  }
}
