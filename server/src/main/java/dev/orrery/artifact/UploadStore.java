package dev.orrery.artifact;

import dev.orrery.base.Digest;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// All SQL of uploads.
final class UploadStore {
  private UploadStore() {}

  static void insert(Tx tx, Upload upload, Instant now) {
    tx.update(
        """
        insert into upload
          (id, kind, owner, path, secret, who, size, received, state, created_at, expires_at)
        values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)
        """,
        upload.id(),
        upload.kind(),
        upload.owner(),
        upload.path().text(),
        upload.secret(),
        upload.who(),
        upload.size(),
        upload.state(),
        now,
        upload.expiresAt());
  }

  static Optional<Upload> find(Tx tx, UUID id) {
    return tx.first(
        """
        select id, kind, owner, path, secret, who, size, received, state, digest, expires_at
        from upload
        where id = ?
        """,
        UploadStore::upload,
        id);
  }

  static long open(Tx tx) {
    return tx.query(
            "select count(*) as uploads from upload where state = 'OPEN'",
            row -> row.whole("uploads"))
        .getFirst();
  }

  static void received(Tx tx, UUID id, long received, Instant expires) {
    tx.update(
        "update upload set received = ?, expires_at = ? where id = ? and state = 'OPEN'",
        received,
        expires,
        id);
  }

  static void putPart(Tx tx, UUID id, Upload.Part part) {
    tx.update(
        """
        insert into upload_part (upload, number, draft, size, digest)
        values (?, ?, ?, ?, ?)
        on conflict (upload, number) do update
        set draft = excluded.draft, size = excluded.size, digest = excluded.digest
        """,
        id,
        part.number(),
        part.draft(),
        part.size(),
        part.digest());
  }

  static List<Upload.Part> parts(Tx tx, UUID id) {
    return tx.query(
        """
        select number, draft, size, digest from upload_part
        where upload = ?
        order by number
        """,
        row ->
            new Upload.Part(
                row.whole("number"),
                UUID.fromString(row.text("draft")),
                row.whole("size"),
                new Digest(row.text("digest"))),
        id);
  }

  static void done(Tx tx, UUID id, Digest digest, Instant expires) {
    tx.update("delete from upload_part where upload = ?", id);
    tx.update(
        "update upload set state = 'DONE', digest = ?, expires_at = ? where id = ?",
        digest,
        expires,
        id);
  }

  static void delete(Tx tx, UUID id) {
    tx.update("delete from upload_part where upload = ?", id);
    tx.update("delete from upload where id = ?", id);
  }

  static List<UUID> expired(Tx tx, Instant now, int limit) {
    return tx.query(
        "select id from upload where expires_at < ? order by expires_at limit ?",
        row -> UUID.fromString(row.text("id")),
        now,
        limit);
  }

  /// Whether a draft belongs to an upload that goes on.
  static boolean isWanted(Tx tx, UUID draft) {
    return tx.first(
            """
            select id from upload where id = ? and kind = 'STREAM' and state = 'OPEN'
            union all
            select upload from upload_part where draft = ?
            """,
            row -> row.text("id"),
            draft,
            draft)
        .isPresent();
  }

  private static Upload upload(Row row) {
    String digest = row.textOrNull("digest");
    return new Upload(
        UUID.fromString(row.text("id")),
        Upload.Kind.valueOf(row.text("kind")),
        row.text("owner"),
        new SafePath(row.text("path")),
        new Digest(row.text("secret")),
        row.text("who"),
        row.wholeOrNull("size"),
        row.whole("received"),
        Upload.State.valueOf(row.text("state")),
        digest == null ? null : new Digest(digest),
        row.instant("expires_at"));
  }
}
