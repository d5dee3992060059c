package dev.orrery.monitor;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.orrery.base.Semver;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How far one feature of a window is from the champion's training reference.
///
/// @param from the window's beginning
/// @param to its end
/// @param psi the population stability index; null where it is not known
/// @param ks Kolmogorov-Smirnov's D; null for texts
/// @param pValue of a D so large if nothing had changed
/// @param unseen the window's texts that training had not seen; null for numbers and where that
///   cannot be told
public record FeatureDrift(
    String feature,
    Instant from,
    Instant to,
    Semver champion,
    State state,
    long rows,
    @Nullable Double psi,
    @Nullable Double ks,
    @Nullable Double pValue,
    @Nullable UnseenTexts unseen) {
  /// Whether the figures say something.
  public enum State {
    /// They do.
    JUDGED,
    /// The endpoint has served for less than a window.
    FILLING,
    /// There are so few rows that chance alone gives such figures.
    TOO_FEW,
    /// There are no rows, or the training reference is empty.
    NO_DATA;

    /// As it stands in rows and JSON.
    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
