package dev.orrery.monitor;

import dev.orrery.monitor.Finding.Kind;
import dev.orrery.monitor.Finding.Severity;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The findings of an endpoint: opened, updated and resolved by checks. All SQL over `finding`.
final class Findings {
  private static final String ALL =
      """
      select kind, subject, severity, message, value, threshold, opened_at, updated_at, resolved_at
      from finding
      """;

  private final Db db;
  private final String endpoint;

  Findings(Db db, String endpoint) {
    this.db = db;
    this.endpoint = endpoint;
  }

  /// The open ones, then the newest of the others.
  List<Finding> newest(int limit, boolean openOnly) {
    return db.query(
        ALL
            + """
            where endpoint = ? and (resolved_at is null or ? = 0)
            order by case when resolved_at is null then 0 else 1 end, updated_at desc,
              severity, kind, subject
            limit ?
            """,
        Findings::finding,
        endpoint,
        openOnly,
        limit);
  }

  /// Takes up what a check says, as of the end of its period.
  void take(Tx tx, List<Verdict> verdicts, Instant at) {
    for (Verdict verdict : verdicts) {
      switch (verdict) {
        case Verdict.Bad bad -> bad(tx, bad, at);
        case Verdict.Fine fine -> resolve(tx, fine.kind(), fine.subject(), at);
      }
    }
  }

  /// Resolves what is said of features that the champion does not take.
  void keepFeatures(Tx tx, Set<String> features, Instant at) {
    record Open(Kind kind, String subject) {}
    List<Open> open =
        tx.query(
            """
            select kind, subject
            from finding
            where endpoint = ? and kind in ('data_drift', 'unseen_categories')
              and resolved_at is null
            """,
            row -> new Open(kind(row), row.text("subject")),
            endpoint);
    for (Open one : open) {
      if (!features.contains(one.subject())) resolve(tx, one.kind(), one.subject(), at);
    }
  }

  private void bad(Tx tx, Verdict.Bad bad, Instant at) {
    int updated =
        tx.update(
            """
            update finding
            set severity = ?, message = ?, value = ?, threshold = ?, updated_at = ?
            where endpoint = ? and kind = ? and subject = ? and resolved_at is null
            """,
            bad.severity().word(),
            bad.message(),
            bad.value(),
            bad.threshold(),
            at,
            endpoint,
            bad.kind().word(),
            bad.subject());
    if (updated > 0) return;
    tx.update(
        """
        insert into finding (endpoint, kind, subject, opened_at, updated_at, resolved_at, severity,
          message, value, threshold)
        values (?, ?, ?, ?, ?, null, ?, ?, ?, ?)
        on conflict (endpoint, kind, subject, opened_at) do update set
          updated_at = excluded.updated_at, resolved_at = null, severity = excluded.severity,
          message = excluded.message, value = excluded.value, threshold = excluded.threshold
        """,
        endpoint,
        bad.kind().word(),
        bad.subject(),
        at,
        at,
        bad.severity().word(),
        bad.message(),
        bad.value(),
        bad.threshold());
  }

  private void resolve(Tx tx, Kind kind, String subject, Instant at) {
    tx.update(
        """
        update finding
        set updated_at = ?, resolved_at = ?
        where endpoint = ? and kind = ? and subject = ? and resolved_at is null
        """,
        at,
        at,
        endpoint,
        kind.word(),
        subject);
  }

  private static Kind kind(Row row) {
    return Kind.valueOf(row.text("kind").toUpperCase(Locale.ROOT));
  }

  private static Finding finding(Row row) {
    return new Finding(
        kind(row),
        row.text("subject"),
        Severity.valueOf(row.text("severity").toUpperCase(Locale.ROOT)),
        row.text("message"),
        row.number("value"),
        row.number("threshold"),
        row.instant("opened_at"),
        row.instant("updated_at"),
        row.instantOrNull("resolved_at"));
  }
}
