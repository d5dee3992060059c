package dev.orrery.pipeline;

import dev.orrery.evaluation.Gates;
import dev.orrery.project.Criterion;
import dev.orrery.project.ProblemDefinition.Constraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a candidate must meet.
///
/// @param plain the gates that are one number each
/// @param metrics metrics that are judged by least, target and greatest value
/// @param success criteria of the model, of `success.offline_metrics`
/// @param service criteria of the running system; before it runs most of them are unknown
/// @param constraints of the problem's definition
/// @param baseline what is reached today in the success metric; null if nobody said
/// @param minImprovement by which the AUC must be above the champion's
record GateRules(
    Gates plain,
    List<Criterion> metrics,
    List<Criterion> success,
    List<Criterion> service,
    List<Constraint> constraints,
    @Nullable Double baseline,
    double minImprovement) {
  GateRules {
    metrics = List.copyOf(metrics);
    success = List.copyOf(success);
    service = List.copyOf(service);
    constraints = List.copyOf(constraints);
  }
}
