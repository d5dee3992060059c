package dev.orrery.project;

import dev.orrery.base.Place;
import dev.orrery.base.Quantity;
import dev.orrery.base.Quantity.Bound;
import dev.orrery.base.Quantity.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is to be predicted, why, and within which limits (the block `problem`).
///
/// @param businessObjective what the business wants, in its own words; may be empty
public record ProblemDefinition(
    String businessObjective,
    MlProblem mlProblem,
    Constraints constraints,
    DataRequirements dataRequirements) {
  /// The problem as machine learning sees it.
  ///
  /// @param type `binary_classification`
  /// @param target the column that is predicted; `targetPlace` is where it is named
  /// @param successMetric the metric that decides, such as `precision_at_recall_80`; may be empty
  /// @param baseline what is reached today, in that metric
  public record MlProblem(
      String type,
      String target,
      Place targetPlace,
      String successMetric,
      @Nullable Double baseline) {}

  /// A limit that a measurement must keep to.
  ///
  /// @param name `latency`, `throughput`, `model_size`
  /// @param bound the side that the limit means, where it names none itself
  public record Constraint(String name, Quantity limit, Bound bound, Place place) {
    /// @param measured in the limit's base unit
    public Criterion.Verdict judge(OptionalDouble measured) {
      if (measured.isEmpty() || Double.isNaN(measured.getAsDouble())) {
        return Criterion.Verdict.UNKNOWN;
      }
      return limit.admits(measured.getAsDouble(), bound)
          ? Criterion.Verdict.MET
          : Criterion.Verdict.FAILED;
    }
  }

  /// @param interpretability `low`, `medium`, `high`, or empty where nothing is asked
  public record Constraints(List<Constraint> limits, String interpretability) {
    public Constraints {
      limits = List.copyOf(limits);
    }
  }

  /// @param historicalPeriod how far back the data must reach
  /// @param minimumSamples how many rows it must have, 0 where nothing is asked
  /// @param features the groups of features it must tell of
  public record DataRequirements(
      @Nullable Quantity historicalPeriod, long minimumSamples, List<String> features) {
    public DataRequirements {
      features = List.copyOf(features);
    }
  }

  /// @throws dev.orrery.base.Problem of kind INVALID, with its place, if the block is not one
  static ProblemDefinition parse(Node node) {
    node.knownKeys("business_objective", "ml_problem", "constraints", "data_requirements");
    return new ProblemDefinition(
        node.text("business_objective", ""),
        mlProblem(node.get("ml_problem")),
        constraints(node.find("constraints")),
        dataRequirements(node.find("data_requirements")));
  }

  private static MlProblem mlProblem(Node node) {
    node.knownKeys("type", "target", "success_metric", "baseline");
    Node target = node.get("target");
    return new MlProblem(
        node.get("type").choice(Set.of("binary_classification")),
        target.text(),
        target.place(),
        node.text("success_metric", ""),
        node.find("baseline").map(Node::number).orElse(null));
  }

  private static Constraints constraints(Optional<Node> block) {
    if (block.isEmpty()) return new Constraints(List.of(), "");
    Node node = block.get();
    node.knownKeys("latency", "throughput", "model_size", "interpretability");
    List<Constraint> limits = new ArrayList<>();
    limit(node, "latency", Dimension.SECONDS, Bound.AT_MOST).ifPresent(limits::add);
    limit(node, "throughput", Dimension.PER_SECOND, Bound.AT_LEAST).ifPresent(limits::add);
    limit(node, "model_size", Dimension.BYTES, Bound.AT_MOST).ifPresent(limits::add);
    String interpretability =
        node.find("interpretability")
            .map(word -> word.choice(Set.of("low", "medium", "high")))
            .orElse("");
    return new Constraints(limits, interpretability);
  }

  private static Optional<Constraint> limit(
      Node node, String name, Dimension dimension, Bound bound) {
    return node.find(name)
        .map(found -> new Constraint(name, found.quantity(dimension), bound, found.place()));
  }

  private static DataRequirements dataRequirements(Optional<Node> block) {
    if (block.isEmpty()) return new DataRequirements(null, 0, List.of());
    Node node = block.get();
    node.knownKeys("historical_period", "minimum_samples", "features");
    return new DataRequirements(
        node.find("historical_period").map(n -> n.quantity(Dimension.SECONDS)).orElse(null),
        node.find("minimum_samples").map(n -> n.whole(0, Long.MAX_VALUE)).orElse(0L),
        node.find("features")
            .map(list -> list.list().stream().map(Node::text).toList())
            .orElse(List.of()));
  }
}
