package dev.orrery.access;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/// What was done, by whom, in one order; an entry can be added, and none changed unseen.
///
/// Each entry's hash covers its fields and the hash of the one before. Whoever can write the store
/// can also compute a new chain, or drop its end: keep [#verify]'s head elsewhere to see that.
public final class Audit {
  private static final String FIRST = "0".repeat(64);
  private static final int DETAIL_BYTES_MAX = 64 * 1024;
  private static final int LIMIT_MAX = 1_000;

  /// @param hash SHA-256 of the JSON array of the other fields and the previous entry's hash
  public record Entry(
      long seq, Instant at, String who, String what, String target, String detail, String hash) {
    private String expectedHash(String previous) {
      return Digest.of(
              Json.bytes(List.of(seq, at.toEpochMilli(), who, what, target, detail, previous)))
          .hex();
    }
  }

  /// What a look at the whole chain finds.
  public sealed interface Verdict {
    /// @param head the hash of the last entry
    record Sound(long entries, String head) implements Verdict {}

    /// @param seq the first entry that was changed, or that stands behind a removed one
    record Broken(long seq, String how) implements Verdict {}
  }

  private final Db db;
  private final InstantSource clock;

  public Audit(Db db, InstantSource clock) {
    this.db = db;
    this.clock = clock;
  }

  /// Adds an entry in the same transaction as what it tells of.
  ///
  /// @param what a verb: `promote`, `rollback`
  /// @param target what it was done to: `late-arrival/1.0.1`
  public Entry append(Tx tx, String who, String what, String target, JsonNode detail) {
    String text = Json.text(detail);
    if (text.getBytes(StandardCharsets.UTF_8).length > DETAIL_BYTES_MAX) {
      throw new Problem(
          Fault.AUDIT_TOO_LARGE,
          "the audit entry of %s %s has more than 64 KB of detail".formatted(what, target),
          "Name large things instead of including them");
    }
    Entry last = tx.first(NEWEST, Audit::entry, 1).orElse(null);
    long seq = last == null ? 1 : last.seq() + 1;
    String previous = last == null ? FIRST : last.hash();
    Instant at = Instant.ofEpochMilli(clock.millis());
    Entry open = new Entry(seq, at, who, what, target, text, "");
    String hash = open.expectedHash(previous);
    tx.update(
        """
        insert into audit (seq, at, who, what, target, detail, previous, hash)
        values (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        seq,
        at,
        who,
        what,
        target,
        text,
        previous,
        hash);
    return new Entry(seq, at, who, what, target, text, hash);
  }

  private static final String NEWEST =
      """
      select seq, at, who, what, target, detail, hash
      from audit
      order by seq desc
      limit ?
      """;

  /// The newest entries, newest first; at most 1,000.
  public List<Entry> newest(int limit) {
    return db.query(NEWEST, Audit::entry, Math.clamp(limit, 1, LIMIT_MAX));
  }

  /// Recomputes the chain from its first entry.
  public Verdict verify() {
    return db.read(tx -> {
      long seq = 0;
      String previous = FIRST;
      for (List<Entry> page = after(tx, seq); !page.isEmpty(); page = after(tx, seq)) {
        for (Entry entry : page) {
          if (entry.seq() != seq + 1) {
            return new Verdict.Broken(entry.seq(), "the entry before it is gone");
          }
          if (!entry.hash().equals(entry.expectedHash(previous))) {
            return new Verdict.Broken(entry.seq(), "its hash is not that of its content");
          }
          seq = entry.seq();
          previous = entry.hash();
        }
      }
      return new Verdict.Sound(seq, previous);
    });
  }

  private static List<Entry> after(Tx tx, long seq) {
    return tx.query(
        """
        select seq, at, who, what, target, detail, hash
        from audit
        where seq > ?
        order by seq
        limit ?
        """,
        Audit::entry,
        seq,
        LIMIT_MAX);
  }

  private static Entry entry(Row row) {
    return new Entry(
        row.whole("seq"),
        row.instant("at"),
        row.text("who"),
        row.text("what"),
        row.text("target"),
        row.text("detail"),
        row.text("hash"));
  }
}
