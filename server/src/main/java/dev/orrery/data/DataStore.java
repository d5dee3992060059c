package dev.orrery.data;

import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.List;
import java.util.Optional;

/// All SQL of `data`.
final class DataStore {
  private final Db db;

  DataStore(Db db) {
    this.db = db;
  }

  void insert(Tx tx, DataVersion version) {
    tx.update(
        """
        insert into data_version
          (dataset, major, minor, patch, digest, row_count, known_until, created_at, detail)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        version.dataset(),
        version.version().major(),
        version.version().minor(),
        version.version().patch(),
        version.digest().hex(),
        version.rows(),
        version.knownUntil(),
        version.createdAt(),
        Json.text(version));
  }

  Optional<DataVersion> latest(String dataset) {
    return db.first(
        """
        select detail from data_version
        where dataset = ?
        order by major desc, minor desc, patch desc
        limit 1
        """,
        DataStore::version,
        dataset);
  }

  Optional<DataVersion> get(String dataset, Semver version) {
    return db.first(
        """
        select detail from data_version
        where dataset = ? and major = ? and minor = ? and patch = ?
        """,
        DataStore::version,
        dataset,
        version.major(),
        version.minor(),
        version.patch());
  }

  Optional<DataVersion> byDigest(String dataset, Digest digest) {
    return db.first(
        """
        select detail from data_version
        where dataset = ? and digest = ?
        """,
        DataStore::version,
        dataset,
        digest.hex());
  }

  List<DataVersion> newest(String dataset, int limit) {
    return db.query(
        """
        select detail from data_version
        where dataset = ?
        order by major desc, minor desc, patch desc
        limit ?
        """,
        DataStore::version,
        dataset,
        limit);
  }

  private static DataVersion version(Row row) {
    return Json.read(row.text("detail"), DataVersion.class);
  }
}
