package dev.orrery.evaluation;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The bounds that a candidate must keep before it is registered.
///
/// @param metrics by name, the least value; of `log_loss` and `brier` the greatest
/// @param beats the baselines it must be better than
/// @param beatsBy the metric in which
/// @param sizeMaxBytes of the model package; null if it does not matter
/// @param latencyP99MaxMs of scoring one row, in milliseconds; null if it does not matter
public record Gates(
    SequencedMap<String, Double> metrics,
    List<String> beats,
    String beatsBy,
    @Nullable Double sizeMaxBytes,
    @Nullable Double latencyP99MaxMs) {
  public static final Gates NONE =
      new Gates(new LinkedHashMap<>(), List.of(), Metrics.AUC_ROC, null, null);

  /// What a gate says. Only PASSED lets a candidate through.
  public enum State {
    PASSED,
    FAILED,
    UNKNOWN
  }

  /// One gate, judged.
  ///
  /// @param name of the metric, of the baseline, or `model_size`, `latency_p99`
  /// @param kind `metric`, `beats`, `model_size` (bytes) or `latency_p99` (milliseconds)
  /// @param threshold the bound; null if it is not known, as of a baseline that was not measured
  /// @param actual what was measured; null if nothing was
  public record Result(
      String name, String kind, @Nullable Double threshold, @Nullable Double actual, State state) {}

  /// All gates, judged.
  public record Verdict(List<Result> results) {
    public Verdict {
      results = List.copyOf(results);
    }

    /// Whether every gate was measured and kept; so too where there is none.
    public boolean passed() {
      return results.stream().allMatch(r -> r.state() == State.PASSED);
    }

    public List<Result> notPassed() {
      return results.stream().filter(r -> r.state() != State.PASSED).toList();
    }
  }

  /// What is known of a candidate; null and absent figures are unknown.
  ///
  /// @param metrics its metrics on validation rows, by name
  /// @param baselines metrics of each baseline on the same rows
  public record Evidence(
      Map<String, Double> metrics,
      Map<String, Map<String, Double>> baselines,
      @Nullable Double sizeBytes,
      @Nullable Double latencyP99Ms) {
    public Evidence {
      metrics = Map.copyOf(metrics);
      baselines = Map.copyOf(baselines);
    }
  }

  public Gates {
    metrics = java.util.Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    beats = List.copyOf(beats);
    for (String name : metrics.keySet()) if (!Metrics.known(name)) throw Metrics.unknown(name);
    if (!Metrics.known(beatsBy)) throw Metrics.unknown(beatsBy);
    for (Map.Entry<String, Double> bound : metrics.entrySet()) {
      if (!Double.isFinite(bound.getValue())) {
        throw new Problem(
            Fault.BAD_METRIC,
            "the gate of '%s' is %s".formatted(Texts.shown(bound.getKey()), bound.getValue()),
            "Give a number");
      }
    }
  }

  /// Judges a candidate by every gate, in their order.
  public Verdict judge(Evidence evidence) {
    List<Result> results = new ArrayList<>();
    metrics.forEach((name, bound) -> {
      Double actual = evidence.metrics().get(name);
      boolean lower = Metrics.lowerIsBetter(name);
      results.add(result(name, "metric", bound, actual, lower, true));
    });
    for (String baseline : beats) {
      Double bound = evidence.baselines().getOrDefault(baseline, Map.of()).get(beatsBy);
      Double actual = evidence.metrics().get(beatsBy);
      boolean lower = Metrics.lowerIsBetter(beatsBy);
      results.add(result(baseline, "beats", bound, actual, lower, false));
    }
    if (sizeMaxBytes != null) {
      results.add(
          result("model_size", "model_size", sizeMaxBytes, evidence.sizeBytes(), true, false));
    }
    if (latencyP99MaxMs != null) {
      results.add(
          result(
              "latency_p99", "latency_p99", latencyP99MaxMs, evidence.latencyP99Ms(), true, false));
    }
    return new Verdict(results);
  }

  private static Result result(
      String name,
      String kind,
      @Nullable Double bound,
      @Nullable Double actual,
      boolean lowerIsBetter,
      boolean orEqual) {
    State state = State.UNKNOWN;
    if (bound != null && actual != null && !bound.isNaN() && !actual.isNaN()) {
      int order = Double.compare(actual, bound) * (lowerIsBetter ? -1 : 1);
      state = order > 0 || (orEqual && order == 0) ? State.PASSED : State.FAILED;
    }
    return new Result(name, kind, bound, actual, state);
  }

  /// A metric as evidence.
  public static @Nullable Double nullable(OptionalDouble value) {
    return value.isPresent() ? (Double) value.getAsDouble() : null;
  }
}
