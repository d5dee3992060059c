package dev.orrery.artifact;

import dev.orrery.base.Digest;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// All SQL of files and folders.
final class ArtifactStore {
  private ArtifactStore() {}

  static void put(Tx tx, Artifact artifact, String parent) {
    tx.update(
        """
        insert into artifact (owner, path, parent, digest, size, stored_at)
        values (?, ?, ?, ?, ?, ?)
        on conflict (owner, path) do update
        set digest = excluded.digest, size = excluded.size, stored_at = excluded.stored_at
        """,
        artifact.owner(),
        artifact.path(),
        parent,
        artifact.digest(),
        artifact.size(),
        artifact.storedAt());
  }

  static void putFolders(Tx tx, String owner, List<String> folders) {
    Function<String, @Nullable Object[]> row =
        folder -> new Object[] {owner, folder, SafePath.parent(folder)};
    tx.batch(
        """
        insert into artifact_folder (owner, path, parent)
        values (?, ?, ?)
        on conflict (owner, path) do nothing
        """,
        folders.stream().map(row).toList());
  }

  static Optional<Artifact> find(Tx tx, String owner, String path) {
    return tx.first(
        """
        select owner, path, digest, size, stored_at from artifact
        where owner = ? and path = ?
        """,
        ArtifactStore::artifact,
        owner,
        path);
  }

  static boolean isFolder(Tx tx, String owner, String path) {
    return tx.first(
            "select path from artifact_folder where owner = ? and path = ?",
            row -> row.text("path"),
            owner,
            path)
        .isPresent();
  }

  static List<Artifact> files(Tx tx, String owner, String folder, int limit) {
    return tx.query(
        """
        select owner, path, digest, size, stored_at from artifact
        where owner = ? and parent = ?
        limit ?
        """,
        ArtifactStore::artifact,
        owner,
        folder,
        limit);
  }

  static List<String> folders(Tx tx, String owner, String folder, int limit) {
    return tx.query(
        """
        select path from artifact_folder
        where owner = ? and parent = ?
        limit ?
        """,
        row -> row.text("path"),
        owner,
        folder,
        limit);
  }

  static List<Artifact> all(Tx tx, String owner, int limit) {
    return tx.query(
        """
        select owner, path, digest, size, stored_at from artifact
        where owner = ?
        limit ?
        """,
        ArtifactStore::artifact,
        owner,
        limit);
  }

  static long count(Tx tx, String owner) {
    return tx.query(
            "select count(*) as files from artifact where owner = ?",
            row -> row.whole("files"),
            owner)
        .getFirst();
  }

  /// Files in whose paths all of these patterns are found; the patterns are in lower case and their
  /// escape is a backslash.
  static List<Artifact> like(Tx tx, List<String> patterns, int limit) {
    List<Object> args = new ArrayList<>(patterns);
    args.add(limit);
    String each = "lower(path) like ? escape '\\'";
    return tx.query(
        "select owner, path, digest, size, stored_at from artifact where "
            + String.join(" and ", Collections.nCopies(patterns.size(), each))
            + " order by path, owner limit ?",
        ArtifactStore::artifact,
        args.toArray());
  }

  /// Where a blob is named, by anything.
  static List<Artifact> named(Tx tx, Digest digest, int limit) {
    return tx.query(
        """
        select owner, path, digest, size, stored_at from artifact
        where digest = ?
        order by owner, path
        limit ?
        """,
        ArtifactStore::artifact,
        digest,
        limit);
  }

  /// @return how many files were removed
  static int delete(Tx tx, String owner, String path) {
    String below = path + "/";
    int length = below.codePointCount(0, below.length());
    int files =
        tx.update(
            """
            delete from artifact
            where owner = ? and (path = ? or substr(path, 1, ?) = ?)
            """,
            owner,
            path,
            length,
            below);
    tx.update(
        """
        delete from artifact_folder
        where owner = ? and (path = ? or substr(path, 1, ?) = ?)
        """,
        owner,
        path,
        length,
        below);
    return files;
  }

  /// Removes a folder that has nothing below it.
  ///
  /// @return whether it is gone
  static boolean prune(Tx tx, String owner, String folder) {
    return tx.update(
            """
            delete from artifact_folder
            where owner = ? and path = ?
              and not exists (select 1 from artifact where owner = ? and parent = ?)
              and not exists (select 1 from artifact_folder f where f.owner = ? and f.parent = ?)
            """,
            owner,
            folder,
            owner,
            folder,
            owner,
            folder)
        > 0;
  }

  static int deleteAll(Tx tx, String owner) {
    tx.update("delete from artifact_folder where owner = ?", owner);
    return tx.update("delete from artifact where owner = ?", owner);
  }

  /// Every blob that a file or an upload names.
  static void digests(Tx tx, int page, Consumer<String> digests) {
    String after = "";
    while (true) {
      List<String> some =
          tx.query(
              """
              select distinct digest from artifact
              where digest > ?
              order by digest
              limit ?
              """,
              row -> row.text("digest"),
              after,
              page);
      some.forEach(digests);
      if (some.size() < page) break;
      after = some.getLast();
    }
    tx.query("select digest from upload where digest is not null", row -> row.text("digest"))
        .forEach(digests);
  }

  private static Artifact artifact(Row row) {
    return new Artifact(
        row.text("owner"),
        row.text("path"),
        new Digest(row.text("digest")),
        row.whole("size"),
        row.instant("stored_at"));
  }
}
