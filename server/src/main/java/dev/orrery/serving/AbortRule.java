package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Quantity;
import dev.orrery.base.Quantity.Dimension;
import dev.orrery.project.Node;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One of the things that end a canary.
///
/// @param on what is looked at
/// @param limit where the project names one: a share for `error_rate`, milliseconds for `p99`, the
///   least value for `auc_roc`, `accuracy`, `precision` and `recall`, the greatest for `psi`; null
///   where the champion is the limit
public record AbortRule(String on, @Nullable Double limit) {
  static final String ERROR_RATE = "error_rate";
  static final String LOG_LOSS = "log_loss";
  static final String P99 = "p99";
  static final String PSI = "psi";
  static final Set<String> METRICS = Set.of("auc_roc", "accuracy", "precision", "recall");
  static final List<AbortRule> USUAL =
      List.of(new AbortRule(ERROR_RATE, null), new AbortRule(LOG_LOSS, null));

  static final List<String> WORDS =
      List.of(ERROR_RATE, LOG_LOSS, P99, "auc_roc", "accuracy", "precision", "recall", PSI);

  private static final Set<String> LIMITED =
      Set.of(ERROR_RATE, P99, "auc_roc", "accuracy", "precision", "recall", PSI);

  /// A list of words, words with limits, or both: `[error_rate, {p99: 100ms}, {auc_roc: 0.7}]`; or
  /// one block of them, where `true` stands for no limit of its own.
  static List<AbortRule> read(Node node) {
    var rules = new ArrayList<AbortRule>();
    if (node.isBlock()) {
      node.map().forEach((word, value) -> rules.add(of(node, word, value)));
    } else {
      for (Node item : node.list()) {
        if (item.isBlock()) {
          item.map().forEach((word, value) -> rules.add(of(item, word, value)));
        } else {
          rules.add(new AbortRule(item.choice(new LinkedHashSet<>(WORDS)), null));
        }
      }
    }
    return List.copyOf(rules);
  }

  private static AbortRule of(Node block, String word, Node value) {
    block.knownKeys(WORDS.toArray(String[]::new));
    if (value.kind() == Node.Kind.FLAG) {
      if (value.flag()) return new AbortRule(word, null);
      throw value.problem(
          Fault.BAD_SERVE_BLOCK,
          "%s is false".formatted(value.path()),
          "Leave it out to have no such rule");
    }
    if (!LIMITED.contains(word)) {
      throw value.problem(
          Fault.BAD_SERVE_BLOCK,
          "%s takes no limit: it is held against the champion".formatted(value.path()),
          "Write '%s: true'".formatted(word));
    }
    if (word.equals(P99)) {
      return new AbortRule(word, value.quantity(Dimension.SECONDS).value() * 1_000);
    }
    Quantity quantity = value.quantity();
    boolean isShare =
        quantity.dimension() == Dimension.NUMBER || quantity.dimension() == Dimension.SHARE;
    double most = word.equals(PSI) ? 100 : 1;
    if (!isShare || !(quantity.value() >= 0) || quantity.value() > most) {
      throw value.problem(
          Fault.BAD_SERVE_BLOCK,
          "%s is '%s', not a number from 0 to %.0f".formatted(value.path(), value.text(), most),
          "Write such as 0.01");
    }
    return new AbortRule(word, quantity.value());
  }

  /// As it stands in a project: `p99: 100 ms`.
  String told() {
    Map<String, String> units = Map.of(P99, " ms");
    return limit == null ? on : "%s: %s%s".formatted(on, limit, units.getOrDefault(on, ""));
  }
}
