package dev.orrery.feature;

import dev.orrery.base.Digest;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// The versions that a project's feature definitions had.
public final class FeatureVersions {
  private final Db db;
  private final InstantSource clock;

  public FeatureVersions(Db db, InstantSource clock) {
    this.db = db;
    this.clock = clock;
  }

  /// A version of the definitions; the digest is over their canonical text.
  public record FeatureVersion(
      Semver version, Digest digest, String definitions, Instant createdAt) {}

  /// The version of these definitions; a new one if they are new: MINOR if lines were only added,
  /// MAJOR if one changed or went.
  public FeatureVersion of(FeatureSet set) {
    String text = set.canonical();
    Digest digest = set.digest();
    Instant now = clock.instant();
    return db.write(tx -> {
      Optional<FeatureVersion> known =
          tx
              .query(
                  """
                  select major, minor, patch, digest, definitions, created_at
                  from feature_version
                  where digest = ?
                  """,
                  FeatureVersions::version,
                  digest.hex())
              .stream()
              .findFirst();
      if (known.isPresent()) return known.get();
      Optional<FeatureVersion> latest =
          tx
              .query(
                  """
                  select major, minor, patch, digest, definitions, created_at
                  from feature_version
                  order by major desc, minor desc, patch desc
                  limit 1
                  """,
                  FeatureVersions::version)
              .stream()
              .findFirst();
      var fresh =
          new FeatureVersion(
              latest.map(before -> next(before, text)).orElse(Semver.FIRST), digest, text, now);
      tx.update(
          """
          insert into feature_version (major, minor, patch, digest, definitions, created_at)
          values (?, ?, ?, ?, ?, ?)
          """,
          fresh.version().major(),
          fresh.version().minor(),
          fresh.version().patch(),
          digest.hex(),
          text,
          now);
      return fresh;
    });
  }

  /// Every version, newest first.
  public List<FeatureVersion> all() {
    return db.query(
        """
        select major, minor, patch, digest, definitions, created_at
        from feature_version
        order by major desc, minor desc, patch desc
        limit 1000
        """,
        FeatureVersions::version);
  }

  private static Semver next(FeatureVersion before, String text) {
    var lines = new HashSet<>(Arrays.asList(text.split("\n", -1)));
    boolean onlyAdded = lines.containsAll(Arrays.asList(before.definitions().split("\n", -1)));
    return before.version().next(onlyAdded ? Semver.Bump.MINOR : Semver.Bump.MAJOR);
  }

  private static FeatureVersion version(Row row) {
    return new FeatureVersion(
        new Semver((int) row.whole("major"), (int) row.whole("minor"), (int) row.whole("patch")),
        new Digest(row.text("digest")),
        row.text("definitions"),
        row.instant("created_at"));
  }
}
