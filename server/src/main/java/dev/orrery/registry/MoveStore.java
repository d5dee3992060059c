package dev.orrery.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// All SQL of moves, of the versions that were in Production, and of approvals.
final class MoveStore {
  /// @param who approved
  record Approval(String who, String why, Instant at) {}

  private MoveStore() {}

  static long insert(
      Tx tx,
      String model,
      Instant at,
      String who,
      Move.Kind kind,
      long version,
      String from,
      String to,
      String why,
      @Nullable JsonNode evidence) {
    long seq =
        tx.first(
                "select coalesce(max(seq), 0) + 1 as seq from model_move where model = ?",
                row -> row.whole("seq"),
                model)
            .orElse(1L);
    tx.update(
        """
        insert into model_move
          (model, seq, at, who, kind, version, was, becomes, why, evidence)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        model,
        seq,
        at,
        who,
        kind,
        version,
        from,
        to,
        why,
        evidence);
    return seq;
  }

  /// Newest first.
  static List<Move> moves(Tx tx, String model, int limit) {
    return tx.query(
        """
        select seq, at, who, kind, version, was, becomes, why, evidence
        from model_move
        where model = ?
        order by seq desc
        limit ?
        """,
        MoveStore::move,
        model,
        limit);
  }

  private static Move move(Row row) {
    String evidence = row.textOrNull("evidence");
    return new Move(
        row.whole("seq"),
        row.instant("at"),
        row.text("who"),
        Move.Kind.valueOf(row.text("kind")),
        row.whole("version"),
        row.text("was"),
        row.text("becomes"),
        row.text("why"),
        evidence == null ? null : Json.tree(evidence.getBytes(StandardCharsets.UTF_8)));
  }

  /// The last version in Production, now or before.
  static Optional<Long> top(Tx tx, String model) {
    return tx.first(
        """
        select version from registered_production
        where model = ?
        order by seq desc
        limit 1
        """,
        row -> row.whole("version"),
        model);
  }

  static void push(Tx tx, String model, long version) {
    tx.update(
        """
        insert into registered_production (model, seq, version)
        select ?, coalesce(max(seq), 0) + 1, ? from registered_production where model = ?
        """,
        model,
        version,
        model);
  }

  static void pop(Tx tx, String model) {
    tx.update(
        """
        delete from registered_production
        where model = ? and seq = (select max(seq) from registered_production where model = ?)
        """,
        model,
        model);
  }

  static void approve(Tx tx, String model, long version, String who, String why, Instant at) {
    tx.update(
        """
        insert into model_approval (model, version, who, why, at)
        values (?, ?, ?, ?, ?)
        on conflict do nothing
        """,
        model,
        version,
        who,
        why,
        at);
  }

  static List<Approval> approvals(Tx tx, String model, long version) {
    return tx.query(
        """
        select who, why, at from model_approval
        where model = ? and version = ?
        order by at, who
        """,
        row -> new Approval(row.text("who"), row.text("why"), row.instant("at")),
        model,
        version);
  }
}
