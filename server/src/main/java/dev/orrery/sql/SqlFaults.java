package dev.orrery.sql;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteException;

/// What a database says went wrong, told as a [Problem]. What only a bug can cause stays an
/// [IllegalStateException] that shows its SQL.
final class SqlFaults {
  private SqlFaults() {}

  static RuntimeException of(SQLException e, String sql) {
    PageSums.Damage page = PageSums.found();
    if (page != null && e instanceof SQLiteException) return damaged(page).because(e);
    Fault fault = e instanceof SQLiteException sqlite ? sqlite(sqlite) : postgres(e);
    return fault == null
        ? new IllegalStateException("SQL that the database refuses: " + sql, e)
        : problem(fault, e);
  }

  /// Whether the same transaction, run again, may well succeed: another one was in its way.
  static boolean isConflict(Throwable failure) {
    String state = state(failure);
    return "40001".equals(state) || "40P01".equals(state);
  }

  /// Whether the connection is gone, rather than the statement wrong.
  static boolean isConnectionLoss(Throwable failure) {
    String state = state(failure);
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }

  /// Whether the database has given up the whole transaction, or it must be, and not only the
  /// statement that failed.
  static boolean endsTransaction(Throwable failure) {
    if (isConflict(failure) || isConnectionLoss(failure)) return true;
    return failure instanceof Problem problem
        && problem.getCause() instanceof SQLException
        && problem.fault() != Fault.DUPLICATE
        && problem.fault() != Fault.PAGE_DAMAGED;
  }

  /// That a page is not what was written to it, with the table or index that it is of.
  static Problem damaged(PageSums.Damage found) {
    Path file = found.sums().file();
    int page = found.number();
    try {
      if (found.isLog()) page = found.sums().pageOf(found.number());
    } catch (IOException _) {
      // The number of the frame must do.
    }
    String name = PageNames.of(file, List.of(page)).getOrDefault(page, "");
    return new Problem(
        Fault.PAGE_DAMAGED,
        PageGuard.damaged(file, new PageReport.Damaged(page, name)),
        ("See with 'orrery admin verify' what else is, and restore %s and %<s.sums together from a"
                + " backup")
            .formatted(file.getFileName()));
  }

  /// Whether a statement failed. PostgreSQL goes on only behind a savepoint then.
  static boolean isOfDatabase(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException) return true;
    }
    return false;
  }

  private static @Nullable String state(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) return sql.getSQLState();
    }
    return null;
  }

  private static @Nullable Fault sqlite(SQLiteException e) {
    // The low byte is the primary code: https://www.sqlite.org/rescode.html
    return switch (e.getResultCode().code & 0xFF) {
      case 5, 6 -> Fault.STORE_BUSY;
      case 8, 10, 14 -> Fault.STORE_FAILED;
      case 11, 26 -> Fault.STORE_DAMAGED;
      case 13 -> Fault.STORE_FULL;
      case 19 -> Fault.DUPLICATE;
      default -> null;
    };
  }

  private static @Nullable Fault postgres(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    if (state.equals("53100")) return Fault.STORE_FULL;
    if (state.equals("XX001") || state.equals("XX002")) return Fault.STORE_DAMAGED;
    return switch (state.length() < 2 ? state : state.substring(0, 2)) {
      case "08", "28", "40", "53", "55", "57" -> Fault.STORE_BUSY;
      case "3D" -> Fault.STORE_BUSY;
      case "58" -> Fault.STORE_FAILED;
      case "23" -> Fault.DUPLICATE;
      default -> null;
    };
  }

  private static Problem problem(Fault fault, SQLException e) {
    String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    String what = "the store says: " + said;
    String remedy =
        switch (fault) {
          case STORE_FULL -> "Free space on its disk and try again; nothing was changed";
          case STORE_FAILED -> "Look at its disk, then start Orrery again";
          case STORE_DAMAGED -> "Restore it from a backup";
          case STORE_BUSY -> "Try again; if it stays so, look whether the database is up";
          default -> "Change the row so that it keeps the rule";
        };
    return new Problem(fault, what, remedy).because(e);
  }
}
