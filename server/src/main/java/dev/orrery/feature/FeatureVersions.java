package dev.orrery.feature;

import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The versions that a project's feature definitions had.
public final class FeatureVersions {
  private final Db db;
  private final InstantSource clock;

  public FeatureVersions(Db db, InstantSource clock) {
    this.db = db;
    this.clock = clock;
  }

  /// A version of the definitions; the digest is over their canonical text.
  ///
  /// @param reads what each feature reads, see [FeatureView#reads]; null if an older program wrote
  ///   the version
  public record FeatureVersion(
      Semver version,
      Digest digest,
      String definitions,
      @Nullable SequencedMap<String, List<String>> reads,
      Instant createdAt) {}

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
                  select major, minor, patch, digest, definitions, reads, created_at
                  from feature_version
                  where digest = ?
                  """,
                  FeatureVersions::version,
                  digest.hex())
              .stream()
              .findFirst();
      if (known.isPresent()) return withReads(tx, known.get(), set);
      Optional<FeatureVersion> latest =
          tx
              .query(
                  """
                  select major, minor, patch, digest, definitions, reads, created_at
                  from feature_version
                  order by major desc, minor desc, patch desc
                  limit 1
                  """,
                  FeatureVersions::version)
              .stream()
              .findFirst();
      var fresh =
          new FeatureVersion(
              latest.map(before -> next(before, text)).orElse(Semver.FIRST),
              digest,
              text,
              set.reads(),
              now);
      tx.update(
          """
          insert into feature_version
            (major, minor, patch, digest, definitions, reads, created_at)
          values (?, ?, ?, ?, ?, ?, ?)
          """,
          fresh.version().major(),
          fresh.version().minor(),
          fresh.version().patch(),
          digest.hex(),
          text,
          Json.text(set.reads()),
          now);
      return fresh;
    });
  }

  private static FeatureVersion withReads(Tx tx, FeatureVersion known, FeatureSet set) {
    if (known.reads() != null) return known;
    tx.update(
        "update feature_version set reads = ? where digest = ?",
        Json.text(set.reads()),
        known.digest().hex());
    return new FeatureVersion(
        known.version(), known.digest(), known.definitions(), set.reads(), known.createdAt());
  }

  /// Every version, newest first.
  public List<FeatureVersion> all() {
    return db.query(
        """
        select major, minor, patch, digest, definitions, reads, created_at
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
        reads(row.textOrNull("reads")),
        row.instant("created_at"));
  }

  private static @Nullable SequencedMap<String, List<String>> reads(@Nullable String text) {
    if (text == null) return null;
    var reads = new LinkedHashMap<String, List<String>>();
    Json.tree(text.getBytes(StandardCharsets.UTF_8))
        .properties()
        .forEach(feature -> {
          List<String> names = new ArrayList<>();
          feature.getValue().forEach(name -> names.add(name.asText()));
          reads.put(feature.getKey(), names);
        });
    return reads;
  }
}
