package dev.orrery.sql;

import static java.util.stream.Collectors.joining;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// Brings a store to the schema of this program, part by part.
final class Migrations {
  private Migrations() {}

  /// @param words what `${clustered}` (rows stand in the order of their primary key) and
  ///   `${identity}` (a whole number that the database counts up, and the primary key) mean here
  static void run(DataSource connections, Map<String, String> words) {
    try {
      Flyway.configure(Migrations.class.getClassLoader())
          .dataSource(connections)
          .locations("classpath:dev/orrery/*/migrations")
          // Parts count on their own: a lower part may get a migration after a higher one has run.
          .outOfOrder(true)
          // A migration that this program does not know was made by a newer one.
          .ignoreMigrationPatterns(new String[0])
          .validateMigrationNaming(true)
          .placeholders(words)
          .loggers("slf4j")
          .load()
          .migrate();
    } catch (FlywayException e) {
      PageSums.Damage page = PageSums.found();
      if (page != null) throw SqlFaults.damaged(page).because(e);
      String said = String.valueOf(e.getMessage()).lines().limit(3).collect(joining(" "));
      throw new Problem(
              Fault.SCHEMA_UNKNOWN,
              "the store cannot be brought to this program's schema: "
                  + said.replaceFirst("\\.$", ""),
              "If a newer Orrery has used it, use that one; else restore the store from a backup")
          .because(e);
    }
  }
}
