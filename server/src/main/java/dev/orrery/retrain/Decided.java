package dev.orrery.retrain;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;

/// A decision for the record.
///
/// @param checkEnd the end of the monitor's check that it rests on
/// @param why in words: what held it, what is missing
public record Decided(
    Instant checkEnd, Instant at, Signals signals, Decision decision, Verdict verdict, String why) {
  /// What came of it.
  public enum Verdict {
    /// Nothing asked for a training.
    NO,
    /// A training was asked for, and not started now.
    HELD,
    STARTED;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
