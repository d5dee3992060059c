package dev.orrery.cli;

import dev.orrery.sql.Database;
import org.jspecify.annotations.Nullable;

/// Where the rows are, if not in the home: by an option, else by the environment.
final class Databases {
  private Databases() {}

  static @Nullable Database of(@Nullable String option, Terminal terminal) {
    String url = option == null ? terminal.environment().get(Database.URL) : option;
    return url == null || url.isBlank() ? null : Database.of(url, terminal.environment());
  }
}
