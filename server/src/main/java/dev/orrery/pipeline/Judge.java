package dev.orrery.pipeline;

import dev.orrery.base.Quantity;
import dev.orrery.evaluation.Comparison;
import dev.orrery.evaluation.Gates;
import dev.orrery.evaluation.Metrics;
import dev.orrery.pipeline.GateResult.Demand;
import dev.orrery.pipeline.GateResult.State;
import dev.orrery.project.Criterion;
import dev.orrery.project.ProblemDefinition.Constraint;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Judges a candidate by every gate of a project.
final class Judge {
  private final GateRules rules;
  private final String successMetric;

  /// What was measured of the candidate.
  ///
  /// @param metrics on validation rows
  /// @param baselines the metrics of every baseline on the same rows, by its kind
  /// @param latencyMillis the 99th percentile of scoring one row, without features and network
  /// @param beside what a load has shown of the endpoint, which another version serves still; it is
  ///   told, and decides nothing
  record Evidence(
      Map<String, Double> metrics,
      Map<String, Map<String, Double>> baselines,
      double sizeBytes,
      double latencyMillis,
      @Nullable String beside) {}

  /// What the comparison with the champion found.
  ///
  /// @param comparison null if the rows were not new to the champion
  record Duel(
      String champion,
      @Nullable Comparison comparison,
      double candidateAuc,
      double championAuc,
      double candidateLogLoss,
      double championLogLoss) {}

  Judge(GateRules rules, String successMetric) {
    this.rules = rules;
    this.successMetric = successMetric;
  }

  /// @param duel null if there is no champion
  Verdict judge(Evidence evidence, @Nullable Duel duel) {
    List<GateResult> results = new ArrayList<>();
    plain(evidence, results);
    for (Criterion criterion : rules.metrics()) {
      results.add(
          criterion(criterion, "metric", metric(evidence, criterion.name()), Demand.MUST_PASS));
    }
    for (Criterion criterion : rules.success()) {
      results.add(
          criterion(criterion, "success", metric(evidence, criterion.name()), Demand.MUST_PASS));
    }
    for (Criterion criterion : rules.service()) {
      results.add(
          criterion(
              criterion, "success", ofService(evidence, criterion.name()), Demand.MUST_NOT_FAIL));
    }
    for (Constraint constraint : rules.constraints()) {
      results.add(constraint(constraint, evidence));
    }
    if (rules.baseline() != null) results.add(baseline(rules.baseline(), evidence));
    if (duel != null) duel(duel, results);
    return Verdict.of(results);
  }

  private void plain(Evidence evidence, List<GateResult> results) {
    Gates.Verdict verdict =
        rules
            .plain()
            .judge(
                new Gates.Evidence(
                    evidence.metrics(),
                    evidence.baselines(),
                    evidence.sizeBytes(),
                    evidence.latencyMillis()));
    for (Gates.Result result : verdict.results()) {
      boolean isLess =
          switch (result.kind()) {
            case "metric" -> Metrics.lowerIsBetter(result.name());
            case GateResult.BEATS -> Metrics.lowerIsBetter(rules.plain().beatsBy());
            default -> true;
          };
      String sign = (isLess ? "<" : ">") + (result.kind().equals("metric") ? "=" : "");
      String unit =
          switch (result.kind()) {
            case "model_size" -> " bytes";
            case "latency_p99" -> " ms";
            default -> "";
          };
      Double bound = result.threshold();
      results.add(
          new GateResult(
              result.name(),
              result.kind(),
              bound == null ? sign + " unknown" : sign + " " + GateResult.plain(bound) + unit,
              bound,
              result.actual(),
              State.valueOf(result.state().name()),
              Demand.MUST_PASS,
              note(result, evidence)));
    }
  }

  private @Nullable String note(Gates.Result result, Evidence evidence) {
    return switch (result.kind()) {
      case GateResult.BEATS -> "in " + rules.plain().beatsBy();
      case "latency_p99" -> alone(evidence);
      default -> null;
    };
  }

  private static String alone(Evidence evidence) {
    return "scoring alone" + (evidence.beside() == null ? "" : "; " + evidence.beside());
  }

  private static GateResult criterion(
      Criterion criterion, String kind, OptionalDouble measured, Demand demand) {
    Criterion.Verdict verdict = criterion.judge(measured);
    Quantity bound = criterion.min() != null ? criterion.min() : criterion.max();
    if (bound == null) bound = criterion.target();
    return new GateResult(
        criterion.name(),
        kind,
        criterion.limits(),
        bound == null ? null : (Double) bound.value(),
        Gates.nullable(measured),
        state(verdict),
        demand,
        verdict == Criterion.Verdict.BELOW_TARGET ? "meets the limit, not yet the target" : null);
  }

  private static GateResult constraint(Constraint constraint, Evidence evidence) {
    OptionalDouble measured = ofService(evidence, constraint.name());
    return new GateResult(
        constraint.name(),
        "constraint",
        constraint.limit().text(),
        constraint.limit().value(),
        Gates.nullable(measured),
        state(constraint.judge(measured)),
        Demand.MUST_NOT_FAIL,
        constraint.name().equals("latency") ? alone(evidence) : null);
  }

  private GateResult baseline(double bound, Evidence evidence) {
    Double actual = evidence.metrics().get(successMetric);
    boolean isLess = Metrics.lowerIsBetter(successMetric);
    State state = State.UNKNOWN;
    if (actual != null) {
      state = (isLess ? actual < bound : actual > bound) ? State.PASSED : State.FAILED;
    }
    return new GateResult(
        successMetric,
        "baseline",
        (isLess ? "< " : "> ") + GateResult.plain(bound),
        bound,
        actual,
        state,
        Demand.MUST_NOT_FAIL,
        "what is reached today");
  }

  /// The candidate must rank better and be surer of the right things.
  private void duel(Duel duel, List<GateResult> results) {
    Comparison comparison = duel.comparison();
    if (comparison == null) {
      for (String metric : List.of(Metrics.AUC_ROC, Metrics.LOG_LOSS)) {
        results.add(
            new GateResult(
                "champion_" + metric,
                "champion",
                "better than " + duel.champion(),
                null,
                null,
                State.UNKNOWN,
                Demand.MUST_PASS,
                "the champion was trained on some of these rows"));
      }
      return;
    }
    double least = duel.championAuc() + rules.minImprovement();
    results.add(
        new GateResult(
            "champion_" + Metrics.AUC_ROC,
            "champion",
            "> %s of %s".formatted(GateResult.plain(least), duel.champion()),
            least,
            duel.candidateAuc(),
            state(duel.candidateAuc() > least, duel.candidateAuc(), least),
            Demand.MUST_PASS,
            told(comparison.auc())));
    results.add(
        new GateResult(
            "champion_" + Metrics.LOG_LOSS,
            "champion",
            "< %s of %s".formatted(GateResult.plain(duel.championLogLoss()), duel.champion()),
            duel.championLogLoss(),
            duel.candidateLogLoss(),
            state(
                duel.candidateLogLoss() < duel.championLogLoss(),
                duel.candidateLogLoss(),
                duel.championLogLoss()),
            Demand.MUST_PASS,
            told(comparison.logLoss())));
  }

  private static String told(dev.orrery.stats.Interval interval) {
    return String.format(
        Locale.ROOT,
        "by %+.4f, %.0f %% interval %+.4f to %+.4f",
        interval.estimate(),
        interval.confidence() * 100,
        interval.low(),
        interval.high());
  }

  private static State state(boolean better, double a, double b) {
    if (Double.isNaN(a) || Double.isNaN(b)) return State.UNKNOWN;
    return better ? State.PASSED : State.FAILED;
  }

  private static State state(Criterion.Verdict verdict) {
    return switch (verdict) {
      case MET, BELOW_TARGET -> State.PASSED;
      case FAILED -> State.FAILED;
      case UNKNOWN -> State.UNKNOWN;
    };
  }

  private static OptionalDouble metric(Evidence evidence, String name) {
    Double value = evidence.metrics().get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /// What can be said before a version serves, in base units: its size, and how long scoring takes.
  private static OptionalDouble ofService(Evidence evidence, String name) {
    return switch (name) {
      case "model_size" -> OptionalDouble.of(evidence.sizeBytes());
      case "latency", "p99_latency", "latency_p99" ->
          OptionalDouble.of(evidence.latencyMillis() / 1e3);
      default -> OptionalDouble.empty();
    };
  }
}
