package dev.orrery;

import dev.orrery.sql.Db;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Real stores for tests, migrated and empty.
public enum Stores {
  SQLITE,
  POSTGRES;

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static @Nullable EmbeddedPostgres server;

  /// A fresh store. One PostgreSQL server serves all tests of this process, each in a database of
  /// its own.
  public Db open(Path folder) {
    Db db =
        switch (this) {
          case SQLITE ->
              Db.sqlite(folder.resolve("store-%d.db".formatted(COUNT.incrementAndGet())));
          case POSTGRES -> postgres();
        };
    db.migrate();
    return db;
  }

  private static synchronized Db postgres() {
    try {
      if (server == null) server = EmbeddedPostgres.builder().start();
      String name = "test_%d".formatted(COUNT.incrementAndGet());
      try (Connection connection = server.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("create database " + name);
      }
      return Db.postgres(server.getJdbcUrl("postgres", name), "postgres", "postgres");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
