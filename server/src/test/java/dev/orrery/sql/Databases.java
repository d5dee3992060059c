package dev.orrery.sql;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/// Both databases that a store may stand on, for `@ParameterizedTest @EnumSource`. PostgreSQL is a
/// real one, started once for all tests of a JVM.
public enum Databases {
  SQLITE,
  POSTGRES;

  private static final AtomicInteger COUNT = new AtomicInteger();

  /// An empty store of its own with the tables of all parts, copied from one that was migrated.
  public Db fresh() {
    return open(address());
  }

  /// The address of such a store, to open it more than once.
  public String address() {
    int number = COUNT.incrementAndGet();
    return switch (this) {
      case SQLITE -> copy(number);
      case POSTGRES -> Server.create("fresh_" + number, "migrated");
    };
  }

  /// An empty store of its own, without any tables.
  public Db bare() {
    int number = COUNT.incrementAndGet();
    return open(
        switch (this) {
          case SQLITE -> folder().resolve("bare_" + number + ".db").toString();
          case POSTGRES -> Server.create("bare_" + number, "template0");
        });
  }

  public Db open(String address) {
    return switch (this) {
      case SQLITE -> Db.sqlite(Path.of(address));
      case POSTGRES -> Db.postgres(address, "postgres", "postgres");
    };
  }

  private static String copy(int number) {
    try {
      Path file = folder().resolve("fresh_" + number + ".db");
      return Files.copy(Template.FILE, file).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path folder() {
    return Folder.PATH;
  }

  private static final class Folder {
    static final Path PATH = make();

    private static Path make() {
      try {
        Path folder = Files.createTempDirectory("orrery-rows");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void remove(Path folder) {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      } catch (IOException _) {
        // It stands in a temporary folder.
      }
    }
  }

  private static final class Template {
    static final Path FILE = make();

    private static Path make() {
      Path file = folder().resolve("migrated.db");
      try (Db db = Db.sqlite(file)) {
        db.migrate();
      }
      return file;
    }
  }

  private static final class Server {
    static final EmbeddedPostgres POSTGRES = start();

    private static EmbeddedPostgres start() {
      try {
        EmbeddedPostgres server = EmbeddedPostgres.builder().start();
        run(server, "create database migrated");
        try (Db db = Db.postgres(url(server, "migrated"), "postgres", "postgres")) {
          db.migrate();
        }
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static synchronized String create(String name, String template) {
      run(POSTGRES, "create database %s template %s".formatted(name, template));
      return url(POSTGRES, name);
    }

    private static String url(EmbeddedPostgres server, String database) {
      return server.getJdbcUrl("postgres", database);
    }

    private static void run(EmbeddedPostgres server, String sql) {
      try (Connection connection = server.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(sql);
      } catch (SQLException e) {
        throw new IllegalStateException(sql, e);
      }
    }
  }
}
