package dev.orrery.retrain;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.evaluation.Metrics;
import dev.orrery.project.Node;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// When and how often a model renews itself, from a project's `retrain` block.
///
/// @param cooldown the least time between the beginnings of two trainings
public record RetrainBlock(RetrainPolicy policy, Duration cooldown) {
  public static final Duration COOLDOWN = Duration.ofDays(7);

  private static final List<String> KEYS =
      List.of(
          "min_accuracy",
          "min_precision",
          "min_recall",
          "min_f1",
          "min_auc_roc",
          "max_log_loss",
          "max_psi",
          "max_ks",
          "max_days_without_training",
          "new_data_threshold");

  /// @param retrain the block, which may be empty: then nothing asks for a training
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static RetrainBlock read(Node retrain) {
    var accuracyMin = new LinkedHashMap<String, Double>();
    var accuracyMax = new LinkedHashMap<String, Double>();
    var driftMax = new LinkedHashMap<String, Double>();
    Double daysMax = null;
    Long newRowsMax = null;
    Node policy = retrain.find("policy").orElse(null);
    if (policy != null) {
      for (Map.Entry<String, Node> entry : policy.map().entrySet()) {
        Node limit = entry.getValue();
        switch (entry.getKey()) {
          case "max_log_loss" -> accuracyMax.put("log_loss", possible("log_loss", limit));
          case "max_psi" -> driftMax.put("psi", limit.number());
          case "max_ks" -> driftMax.put("ks_statistic", limit.number());
          case "max_days_without_training" -> daysMax = limit.number(0, 1e6);
          case "new_data_threshold" -> newRowsMax = limit.whole(1, Long.MAX_VALUE);
          case String key when key.startsWith("min_") && KEYS.contains(key) ->
              accuracyMin.put(
                  key.substring("min_".length()), possible(key.substring("min_".length()), limit));
          case String key -> throw unknown(limit, key);
        }
      }
    }
    return new RetrainBlock(
        new RetrainPolicy(accuracyMin, accuracyMax, driftMax, daysMax, newRowsMax),
        cooldown(retrain.find("cooldown").orElse(null)));
  }

  private static double possible(String metric, Node limit) {
    try {
      return Metrics.possible(metric, limit.number());
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(limit.place());
    }
  }

  private static Duration cooldown(@Nullable Node node) {
    return node == null ? COOLDOWN : node.span();
  }

  private static Problem unknown(Node limit, String key) {
    return limit.problem(
        Fault.BAD_RETRAIN_BLOCK,
        "a policy has no '%s'".formatted(Texts.shown(key)),
        Texts.didYouMean(key, KEYS));
  }
}
