package dev.orrery.filter;

import dev.orrery.base.Problem;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.function.Supplier;

/// Times as people write them: `2026-11-21`, `2026-11-21T08:00:00`, with or without a zone; UTC
/// where none is given.
final class Times {
  private Times() {}

  static double millis(String text, Supplier<Problem> otherwise) {
    try {
      if (text.length() == 10) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli();
      }
      String iso = text.replace(' ', 'T');
      boolean hasZone = iso.endsWith("Z") || iso.lastIndexOf('+') > 10 || iso.lastIndexOf('-') > 10;
      return hasZone
          ? OffsetDateTime.parse(iso).toInstant().toEpochMilli()
          : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC).toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw otherwise.get().because(e);
    }
  }
}
