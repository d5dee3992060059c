package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Something that is, or was, wrong with what is served.
///
/// @param subject what it is about: a feature, a metric, the endpoint
/// @param value as last measured
/// @param threshold the limit that the value broke
/// @param openedAt the end of the period that showed it first
/// @param updatedAt the end of the last period that showed it, or that showed it gone
/// @param resolvedAt null while it is open
public record Finding(
    Kind kind,
    String subject,
    Severity severity,
    String message,
    double value,
    double threshold,
    Instant openedAt,
    Instant updatedAt,
    @Nullable Instant resolvedAt) {
  /// Tells findings of an endpoint apart.
  @JsonProperty
  public String id() {
    return "%s/%s/%s".formatted(kind.word(), subject, openedAt);
  }

  /// What is wrong.
  public enum Kind {
    DATA_DRIFT,
    UNSEEN_CATEGORIES,
    ACCURACY_DEGRADATION,
    LATENCY,
    ERRORS,
    VOLUME,
    NO_OUTCOMES,
    SYSTEM;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How bad it is.
  public enum Severity {
    WARNING,
    CRITICAL;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
