package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;

/// How good the answers of one period were.
///
/// @param knownBy outcomes known later are not counted
public record DayPerformance(
    Instant from, Instant to, Series series, Instant knownBy, Performance performance) {
  /// Whose answers.
  public enum Series {
    /// What was answered, by whichever version.
    SERVED,
    /// What the first version says of the same rows: as a shadow, or as the one that answered.
    FIRST;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
