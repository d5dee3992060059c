package dev.orrery.scorecard;

import dev.orrery.base.Quantity;
import dev.orrery.project.Criterion;
import dev.orrery.project.ProblemDefinition;
import dev.orrery.project.Project;
import dev.orrery.project.SuccessCriteria;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The project's success criteria and constraints, judged by what was measured.
final class Criteria {
  private Criteria() {}

  /// A measurement, in the base unit of its dimension, with where it comes from.
  ///
  /// @param value null if what there is does not count; the evidence says why
  record Measured(@Nullable Double value, String evidence) {}

  /// One criterion with its state.
  ///
  /// @param group `offline_metrics`, `online_metrics`, `system_metrics`, `constraints`
  /// @param actual as people write it; null where nothing was measured
  /// @param state `met`, `below_target`, `failed`, `unknown`
  public record Line(
      String group,
      String name,
      @Nullable String min,
      @Nullable String target,
      @Nullable String max,
      @Nullable String actual,
      String state,
      @Nullable String evidence) {}

  static List<Line> of(Project project, Map<String, Measured> measured) {
    var lines = new ArrayList<Line>();
    SuccessCriteria success = project.success();
    add(lines, "offline_metrics", success.offline(), measured);
    add(lines, "online_metrics", success.online(), measured);
    add(lines, "system_metrics", success.system(), measured);
    ProblemDefinition problem = project.problem();
    if (problem != null) {
      for (var constraint : problem.constraints().limits()) {
        Measured found = measured.get(constraint.name());
        lines.add(
            line(
                "constraints",
                constraint.name(),
                isLeast(constraint) ? constraint.limit() : null,
                null,
                isLeast(constraint) ? null : constraint.limit(),
                found,
                constraint.judge(value(found))));
      }
      String asked = problem.constraints().interpretability();
      if (!asked.isEmpty()) {
        lines.add(
            new Line("constraints", "interpretability", null, asked, null, null, "unknown", null));
      }
    }
    return lines;
  }

  /// More is better of what must be served; less of what it may take.
  private static boolean isLeast(ProblemDefinition.Constraint constraint) {
    return constraint.bound() == Quantity.Bound.AT_LEAST;
  }

  private static void add(
      List<Line> lines, String group, List<Criterion> criteria, Map<String, Measured> measured) {
    for (Criterion criterion : criteria) {
      Measured found = measured.get(criterion.name());
      lines.add(
          line(
              group,
              criterion.name(),
              criterion.min(),
              criterion.target(),
              criterion.max(),
              found,
              criterion.judge(value(found))));
    }
  }

  private static Line line(
      String group,
      String name,
      @Nullable Quantity min,
      @Nullable Quantity target,
      @Nullable Quantity max,
      @Nullable Measured measured,
      Criterion.Verdict verdict) {
    Quantity like = min != null ? min : target != null ? target : max;
    return new Line(
        group,
        name,
        text(min),
        text(target),
        text(max),
        shown(measured, like),
        verdict.name().toLowerCase(Locale.ROOT),
        measured == null ? null : measured.evidence());
  }

  private static OptionalDouble value(@Nullable Measured measured) {
    Double value = measured == null ? null : measured.value();
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static @Nullable String text(@Nullable Quantity quantity) {
    // That it is a least or greatest value is said by its place.
    return quantity == null ? null : quantity.text().replaceFirst("^[<>]=?\\s*", "");
  }

  private static @Nullable String shown(@Nullable Measured measured, @Nullable Quantity like) {
    Double value = measured == null ? null : measured.value();
    return value == null || like == null ? null : shown(value, like.dimension());
  }

  static String shown(double value, Quantity.Dimension dimension) {
    return switch (dimension) {
      case SECONDS -> "%.4gms".formatted(value * 1e3);
      case BYTES -> value < 1e6 ? "%.4gkB".formatted(value / 1e3) : "%.4gMB".formatted(value / 1e6);
      case PER_SECOND -> "%.4g req/s".formatted(value);
      case SHARE -> "%.4g%%".formatted(value * 100);
      case DOLLARS_PER_MONTH -> "$%.2f/month".formatted(value);
      case NUMBER -> "%.4f".formatted(value);
    };
  }
}
