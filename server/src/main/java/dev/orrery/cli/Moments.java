package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/// Moments as people type them: `2001-03-01`, `2001-03-01T08:00`, `2001-03-01T08:00:00Z`; in UTC.
final class Moments {
  private Moments() {}

  static Instant parse(String option, String text) {
    try {
      Instant moment = parse(text);
      int year = moment.atOffset(ZoneOffset.UTC).getYear();
      if (year >= 1 && year <= 9999) return moment;
    } catch (DateTimeException e) {
      throw bad(option, text).because(e);
    }
    throw bad(option, text);
  }

  private static Instant parse(String text) {
    if (text.length() == 10) return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
    if (text.endsWith("Z")) return Instant.parse(text);
    return LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
  }

  private static Problem bad(String option, String text) {
    return new Problem(
        Fault.BAD_COMMAND,
        "'%s' is not a moment for %s".formatted(Texts.shown(text), option),
        "Write it as 2001-03-01 or 2001-03-01T08:00:00Z, in the years 1 to 9999");
  }
}
