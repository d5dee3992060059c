package dev.orrery.sql;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.sqlite.SQLiteConfig;

/// Which table or index a page of an SQLite file belongs to.
final class PageNames {
  private static final int HEAD = 1;
  private static final String UNKNOWN = "no table or index, or one that cannot be told";

  private PageNames() {}

  /// Reads the whole file as it is, without looking at checksums: what is damaged must be named.
  static Map<Integer, String> of(Path file, Collection<Integer> pages) {
    Map<Integer, String> names = new HashMap<>();
    try {
      SQLiteConfig config = new SQLiteConfig();
      config.setReadOnly(false); // a log must be looked into
      config.setBusyTimeout(10_000);
      config.setPragma(SQLiteConfig.Pragma.WAL_AUTOCHECKPOINT, "0");
      String url = "jdbc:sqlite:" + file.toAbsolutePath();
      try (Connection connection = config.createConnection(url);
          Statement statement = connection.createStatement()) {
        statement.execute("pragma query_only = 1");
        // A damaged schema is read as far as it goes.
        statement.execute("pragma writable_schema = 1");
        walk(statement, pages, names);
      }
    } catch (SQLException _) {
      // It has come as far as the damage let it.
    }
    for (int page : pages) names.putIfAbsent(page, page == HEAD ? "the schema" : UNKNOWN);
    return names;
  }

  private static void walk(
      Statement statement, Collection<Integer> pages, Map<Integer, String> names)
      throws SQLException {
    String all = "select name, pageno from dbstat";
    try (ResultSet rows = statement.executeQuery(all)) {
      while (names.size() < pages.size() && rows.next()) {
        int page = rows.getInt("pageno");
        if (pages.contains(page)) names.put(page, rows.getString("name"));
      }
    }
  }
}
