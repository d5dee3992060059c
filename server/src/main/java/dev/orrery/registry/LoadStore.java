package dev.orrery.registry;

import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Tx;
import java.util.List;
import java.util.Optional;

/// All SQL over `load_test`.
final class LoadStore {
  private LoadStore() {}

  /// Keeps one more of a version, and so many at most.
  static void insert(Tx tx, String model, LoadTest test, int most) {
    long seq =
        tx.first(
                "select coalesce(max(seq), 0) + 1 as seq from load_test where model = ?",
                row -> row.whole("seq"),
                model)
            .orElse(1L);
    tx.update(
        """
        insert into load_test (model, seq, version, at, who, detail)
        values (?, ?, ?, ?, ?, ?)
        """,
        model,
        seq,
        test.version().toString(),
        test.at(),
        test.who(),
        Json.text(test));
    tx.update(
        """
        delete from load_test
        where model = ? and version = ? and seq not in (
          select seq from load_test where model = ? and version = ? order by seq desc limit ?)
        """,
        model,
        test.version().toString(),
        model,
        test.version().toString(),
        most);
  }

  static List<LoadTest> newest(Tx tx, String model, Semver version, int limit) {
    return tx.query(
        """
        select detail from load_test
        where model = ? and version = ?
        order by seq desc
        limit ?
        """,
        row -> Json.read(row.text("detail"), LoadTest.class),
        model,
        version.toString(),
        limit);
  }

  static Optional<LoadTest> newest(Tx tx, String model) {
    return tx.first(
        """
        select detail from load_test
        where model = ?
        order by seq desc
        limit 1
        """,
        row -> Json.read(row.text("detail"), LoadTest.class),
        model);
  }
}
