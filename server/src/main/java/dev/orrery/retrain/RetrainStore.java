package dev.orrery.retrain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// All SQL over `retrain_decision` and `retrain_attempt`.
final class RetrainStore {
  private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};

  private final Db db;
  private final String endpoint;

  RetrainStore(Db db, String endpoint) {
    this.db = db;
    this.endpoint = endpoint;
  }

  /// The end of the check that was decided on last.
  Optional<Instant> decidedUpTo() {
    return decisions(1).stream().findFirst().map(Decided::checkEnd);
  }

  List<Decided> decisions(int limit) {
    return db.query(
        """
        select check_end, decided_at, reasons, missing, signals, verdict, why
        from retrain_decision
        where endpoint = ?
        order by check_end desc
        limit ?
        """,
        RetrainStore::decided,
        endpoint,
        limit);
  }

  /// Records a decision; false if another server decided on this check first.
  boolean record(Tx tx, Decided decided) {
    return tx.update(
            """
            insert into retrain_decision (endpoint, check_end, decided_at, should_retrain, reasons,
              missing, signals, verdict, why)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (endpoint, check_end) do nothing
            """,
            endpoint,
            decided.checkEnd(),
            decided.at(),
            decided.decision().shouldRetrain(),
            Json.text(decided.decision().reasons()),
            Json.text(decided.decision().missing()),
            Json.text(decided.signals()),
            decided.verdict().word(),
            decided.why())
        == 1;
  }

  private static Decided decided(Row row) {
    return new Decided(
        row.instant("check_end"),
        row.instant("decided_at"),
        Json.read(row.text("signals"), Signals.class),
        new Decision(texts(row.text("reasons")), texts(row.text("missing"))),
        Decided.Verdict.valueOf(row.text("verdict").toUpperCase(Locale.ROOT)),
        row.text("why"));
  }

  /// Records the beginning of an attempt; a second open one is refused by its index.
  void begin(Tx tx, Retrain attempt) {
    tx.update(
        """
        insert into retrain_attempt (endpoint, started_at, reasons, from_version, to_version,
          training, state, why, updated_at)
        values (?, ?, ?, ?, null, null, ?, ?, ?)
        """,
        endpoint,
        attempt.at(),
        Json.text(attempt.reasons()),
        attempt.from().toString(),
        attempt.state().word(),
        attempt.why(),
        attempt.updatedAt());
  }

  /// Moves an attempt on; false if another server did so first.
  boolean update(Retrain.State before, Retrain attempt) {
    Semver to = attempt.to();
    return db.update(
            """
            update retrain_attempt
            set to_version = ?, training = ?, state = ?, why = ?, updated_at = ?
            where endpoint = ? and started_at = ? and state = ?
            """,
            to == null ? null : to.toString(),
            attempt.training(),
            attempt.state().word(),
            attempt.why(),
            attempt.updatedAt(),
            endpoint,
            attempt.at(),
            before.word())
        == 1;
  }

  /// Attempts, newest first.
  List<Retrain> attempts(int limit) {
    return db.query(
        """
        select started_at, reasons, from_version, to_version, training, state, why, updated_at
        from retrain_attempt
        where endpoint = ?
        order by started_at desc
        limit ?
        """,
        RetrainStore::attempt,
        endpoint,
        limit);
  }

  private static Retrain attempt(Row row) {
    String to = row.textOrNull("to_version");
    return new Retrain(
        row.instant("started_at"),
        texts(row.text("reasons")),
        Semver.parse(row.text("from_version")),
        to == null ? null : Semver.parse(to),
        row.textOrNull("training"),
        Retrain.State.valueOf(row.text("state").toUpperCase(Locale.ROOT)),
        row.text("why"),
        row.instant("updated_at"));
  }

  private static List<String> texts(String json) {
    try {
      return Json.MAPPER.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row of retrain is damaged", e);
    }
  }
}
