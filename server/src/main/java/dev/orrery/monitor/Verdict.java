package dev.orrery.monitor;

import dev.orrery.monitor.Finding.Kind;
import dev.orrery.monitor.Finding.Severity;

/// What a check says of one kind and subject. What it cannot say anything of, it leaves out, and a
/// finding stays as it was.
sealed interface Verdict {
  Kind kind();

  String subject();

  /// A limit is broken.
  record Bad(
      Kind kind, String subject, Severity severity, String message, double value, double threshold)
      implements Verdict {}

  /// No limit is broken.
  record Fine(Kind kind, String subject) implements Verdict {}
}
