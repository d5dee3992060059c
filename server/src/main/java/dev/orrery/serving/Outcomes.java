package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.journal.Journal.Position;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What became known of predictions: rows, one at most for each prediction.
final class Outcomes {
  private final Db db;

  Outcomes(Db db) {
    this.db = db;
  }

  /// One outcome of one prediction.
  ///
  /// @param target 0 or 1 (or another number for other tasks)
  /// @param detail the outcome columns as they were sent, or empty
  /// @param knownAt in milliseconds
  /// @param isDated whether the caller said so; else it is when it was told
  record Outcome(
      PredictionId id, double target, ObjectNode detail, long knownAt, boolean isDated) {}

  /// A stored outcome.
  record Stored(
      Position frame, int row, double target, ObjectNode detail, long knownAt, long effectiveAt) {}

  /// Stores outcomes, all or none; those that are stored already, alike, are passed over.
  ///
  /// @return the new ones
  /// @throws Problem of kind CONFLICT if a prediction has another outcome already
  List<Outcome> add(List<Outcome> outcomes, Instant now) {
    return db.write(tx -> {
      var rows = new ArrayList<@Nullable Object[]>(outcomes.size());
      for (Outcome outcome : outcomes) rows.add(columns(outcome, now));
      int[] stored =
          tx.batch(
              """
              insert into outcome
                (segment, frame, row_no, target, detail, known_at, effective_at)
              values (?, ?, ?, ?, ?, ?, ?)
              on conflict (segment, frame, row_no) do nothing
              """,
              rows);
      var fresh = new ArrayList<Outcome>();
      for (int i = 0; i < stored.length; i++) {
        Outcome outcome = outcomes.get(i);
        if (stored[i] == 1) fresh.add(outcome);
        else refuseChange(tx, outcome);
      }
      return fresh;
    });
  }

  private static void refuseChange(Tx tx, Outcome outcome) {
    PredictionId id = outcome.id();
    Stored before =
        tx.query(
                """
                select segment, frame, row_no, target, detail, known_at, effective_at
                from outcome
                where segment = ? and frame = ? and row_no = ?
                """,
                Outcomes::stored,
                id.frame().segment(),
                id.frame().offset(),
                id.row())
            .getFirst();
    if (before.target() != outcome.target()
        || !before.detail().equals(Outcomes::compare, outcome.detail())) {
      throw changed(id.uuid(), before, outcome);
    }
  }

  /// 1 and 1.0 are the same outcome.
  private static int compare(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) return a.decimalValue().compareTo(b.decimalValue());
    return a.equals(b) ? 0 : 1;
  }

  /// The outcomes of the predictions from a frame to another, both included, by frame.
  Map<Position, List<Stored>> ofFrames(Position first, Position last) {
    Map<Position, List<Stored>> byFrame = new HashMap<>();
    db.query(
            """
            select segment, frame, row_no, target, detail, known_at, effective_at
            from outcome
            where segment between ? and ?
              and (segment > ? or frame >= ?)
              and (segment < ? or frame <= ?)
            """,
            Outcomes::stored,
            first.segment(),
            last.segment(),
            first.segment(),
            first.offset(),
            last.segment(),
            last.offset())
        .forEach(s -> byFrame.computeIfAbsent(s.frame(), _ -> new ArrayList<>()).add(s));
    return byFrame;
  }

  /// What became true of one row of a frame, when that was said to be known, and when it could be
  /// used.
  record Known(int row, double target, long knownAt, long effectiveAt) {}

  /// The targets of the predictions from a frame to another, both included, by frame: all that a
  /// measurement needs.
  Map<Position, List<Known>> targets(Position first, Position last) {
    Map<Position, List<Known>> byFrame = new HashMap<>();
    db.query(
        """
        select segment, frame, row_no, target, known_at, effective_at
        from outcome
        where segment between ? and ?
          and (segment > ? or frame >= ?)
          and (segment < ? or frame <= ?)
        """,
        row -> {
          var frame = new Position((int) row.whole("segment"), row.whole("frame"));
          var known =
              new Known(
                  (int) row.whole("row_no"),
                  row.number("target"),
                  row.whole("known_at"),
                  row.whole("effective_at"));
          return byFrame.computeIfAbsent(frame, _ -> new ArrayList<>()).add(known);
        },
        first.segment(),
        last.segment(),
        first.segment(),
        first.offset(),
        last.segment(),
        last.offset());
    return byFrame;
  }

  /// The outcomes that could be used from a moment (exclusive) to another (inclusive), in order of
  /// their predictions.
  List<Stored> effective(Instant after, Instant until) {
    return db.query(
        """
        select segment, frame, row_no, target, detail, known_at, effective_at
        from outcome
        where effective_at > ? and effective_at <= ?
        order by segment, frame, row_no
        """,
        Outcomes::stored,
        after,
        until);
  }

  /// How many outcomes could be used in (after, until].
  long count(Instant after, Instant until) {
    return db.first(
            "select count(*) as n from outcome where effective_at > ? and effective_at <= ?",
            row -> row.whole("n"),
            after,
            until)
        .orElse(0L);
  }

  long count() {
    return db.first("select count(*) as n from outcome", row -> row.whole("n")).orElse(0L);
  }

  private static @Nullable Object[] columns(Outcome outcome, Instant now) {
    return new @Nullable Object[] {
      outcome.id().frame().segment(),
      outcome.id().frame().offset(),
      outcome.id().row(),
      outcome.target(),
      outcome.detail().toString(),
      outcome.knownAt(),
      Math.max(outcome.knownAt(), now.toEpochMilli())
    };
  }

  private static Stored stored(Row row) {
    return new Stored(
        new Position((int) row.whole("segment"), row.whole("frame")),
        (int) row.whole("row_no"),
        row.number("target"),
        object(row.text("detail")),
        row.whole("known_at"),
        row.whole("effective_at"));
  }

  private static ObjectNode object(String text) {
    JsonNode node = Json.read(text, JsonNode.class);
    return (ObjectNode) node;
  }

  private static Problem changed(UUID id, Stored before, Outcome after) {
    return new Problem(
        Fault.OUTCOME_CHANGED,
        "prediction %s has the outcome %s already, not %s"
            .formatted(
                id, told(before.target(), before.detail()), told(after.target(), after.detail())),
        "An outcome is stored once; none of this request was stored");
  }

  private static String told(double target, ObjectNode detail) {
    return detail.isEmpty() ? Double.toString(target) : detail.toString();
  }
}
