package dev.orrery.serving;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.orrery.stats.Interval;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an A/B test ended with: found once, when both its time and its sample were reached, and
/// never again.
///
/// @param arms in the order of the variants, the control first
/// @param sampleRatio the probability of a split so uneven by chance (chi-square)
/// @param problem why there is no result, if there is none
public record Verdict(Instant at, List<Arm> arms, double sampleRatio, @Nullable String problem) {
  /// How a variant does against the control.
  public enum Result {
    CONTROL,
    BETTER,
    WORSE,
    NO_DIFFERENCE,
    /// There is no telling: the split is not what was asked for.
    NONE
  }

  /// One variant at the end.
  ///
  /// @param units callers (or requests, where callers have no key), `known` of them with an outcome
  /// @param value the primary metric; NaN if it is not known
  /// @param effect of the variant less the control, with its interval; null for the control
  /// @param broken the guardrails that it broke, in words
  public record Arm(
      String name,
      String version,
      long units,
      long known,
      double value,
      @Nullable Interval effect,
      Result result,
      List<String> broken) {
    public Arm {
      broken = List.copyOf(broken);
    }
  }

  public Verdict {
    arms = List.copyOf(arms);
  }

  /// The variant to promote: better, with no guardrail broken, and of several the best.
  @JsonIgnore
  Optional<Arm> winner() {
    return arms.stream()
        .filter(arm -> arm.result() == Result.BETTER && arm.broken().isEmpty())
        .max((a, b) -> Double.compare(size(a), size(b)));
  }

  private static double size(Arm arm) {
    return arm.effect() == null ? 0 : Math.abs(arm.effect().estimate());
  }

  /// In a sentence.
  String told() {
    if (problem != null) return problem;
    var told = new StringBuilder();
    for (Arm arm : arms) {
      if (arm.effect() == null) continue;
      if (!told.isEmpty()) told.append("; ");
      told.append(
          "%s (%s): %s, %+.5f [%+.5f, %+.5f]"
              .formatted(
                  arm.name(),
                  arm.version(),
                  arm.result().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                  arm.effect().estimate(),
                  arm.effect().low(),
                  arm.effect().high()));
      if (!arm.broken().isEmpty()) told.append(", but ").append(String.join(", ", arm.broken()));
    }
    return told.toString();
  }
}
