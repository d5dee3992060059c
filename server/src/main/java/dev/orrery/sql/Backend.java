package dev.orrery.sql;

import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// One of the two databases, as [Db] needs it.
sealed interface Backend extends AutoCloseable permits Sqlite, Postgres {
  /// Runs a work in a transaction of its own and returns once it is durable.
  <T extends @Nullable Object> T write(Work<T> work);

  /// Runs queries on one consistent picture of the rows.
  <T extends @Nullable Object> T read(Work<T> work);

  /// Runs a single query.
  <T extends @Nullable Object> T readOnce(Work<T> work);

  /// Fresh connections, for migrations.
  DataSource connections();

  /// What the placeholders of migrations mean.
  Map<String, String> words();

  /// Why bit rot in the rows would not be seen; empty if it is.
  String unguarded();

  /// Looks at every page that rows stand in, where pages have checksums of ours.
  PageReport pages(Consumer<PageReport> progress);

  @Override
  void close();
}
