package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.model.Rule;
import dev.orrery.project.Node;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How a project wants its model served, from its `serve` block.
///
/// @param steps the canary's shares of the requests in percent, rising, the last 100
/// @param hold how long each step lasts
/// @param abortOn what ends a canary
/// @param shadowFirst whether the first version goes on as a shadow for good
/// @param abTest the project's A/B test; null if it has none
/// @param key the column by which callers are told apart; null where only `Orrery-Key` does
/// @param fallback what answers when the champion cannot; null if nothing does
/// @param logged how much of the features the log keeps
public record ServeBlock(
    String endpoint,
    Strategy strategy,
    List<Integer> steps,
    Duration hold,
    List<AbortRule> abortOn,
    boolean shadowFirst,
    @Nullable AbTest abTest,
    @Nullable String key,
    @Nullable Fallback fallback,
    Logged logged) {
  /// How much of a prediction's features is kept in the log.
  public enum Logged {
    FULL,
    /// A hash only, by which equal rows are told to be equal.
    DIGEST,
    NONE
  }

  /// What answers in the champion's place when it fails, or takes longer than the deadline. One of
  /// `version`, `rule` and `score` is there.
  ///
  /// @param version another version of the model
  /// @param rule a condition on the features: 1 where it holds, else 0
  /// @param score one answer for all
  /// @param deadline how long the champion may take; null for as long as it does
  public record Fallback(
      @Nullable Semver version,
      @Nullable String rule,
      @Nullable Double score,
      @Nullable Duration deadline) {}

  private static final Set<String> STRATEGIES = Set.of("blue_green", "canary", "shadow", "ab_test");
  private static final Duration DEADLINE_MAX = Duration.ofSeconds(30);

  /// @param otherwise the endpoint's name where the block has none
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static ServeBlock read(Node serve, String otherwise) {
    List<Integer> steps = List.of(10, 50, 100);
    Duration hold = Duration.ofHours(12);
    List<AbortRule> abortOn = AbortRule.USUAL;
    Node canary = serve.find("canary").orElse(null);
    if (canary != null) {
      if (canary.has("steps")) steps = steps(canary.get("steps"));
      if (canary.has("hold")) hold = canary.get("hold").span();
      if (canary.has("abort_on")) abortOn = AbortRule.read(canary.get("abort_on"));
    }
    Strategy strategy =
        serve
            .find("strategy")
            .map(word -> Strategy.of(word.choice(STRATEGIES)))
            .orElse(Strategy.CANARY);
    AbTest abTest = serve.find("ab_test").map(AbTest::read).orElse(null);
    if (strategy == Strategy.AB_TEST && abTest == null) {
      throw serve.problem(
          Fault.BAD_SERVE_BLOCK,
          "serve has the strategy ab_test, and no test",
          "Add 'ab_test: ab_test.yaml', or the test itself");
    }
    return new ServeBlock(
        serve.find("endpoint").map(ServeBlock::name).orElse(otherwise),
        strategy,
        steps,
        hold,
        abortOn,
        serve.text("shadow", "none").equals("first"),
        abTest,
        serve.find("key").map(Node::text).orElse(null),
        serve.find("fallback").map(ServeBlock::fallback).orElse(null),
        serve
            .find("log")
            .flatMap(log -> log.find("features"))
            .map(ServeBlock::logged)
            .orElse(Logged.FULL));
  }

  /// The same for an endpoint of another name.
  ServeBlock at(String name) {
    return new ServeBlock(
        name, strategy, steps, hold, abortOn, shadowFirst, abTest, key, fallback, logged);
  }

  private static Logged logged(Node word) {
    return Logged.valueOf(
        word.choice(Set.of("full", "digest", "none")).toUpperCase(java.util.Locale.ROOT));
  }

  private static Fallback fallback(Node node) {
    long named = List.of("version", "rule", "score").stream().filter(node::has).count();
    if (named != 1) {
      throw node.problem(
          Fault.BAD_SERVE_BLOCK,
          "serve.fallback names %d of version, rule and score".formatted(named),
          "Name one: 'version: 1.0.0', 'rule: \"recent.late_share > 0.4\"' or 'score: 0.2'");
    }
    String rule = node.find("rule").map(Node::text).orElse(null);
    try {
      if (rule != null) Rule.Condition.parse(rule);
      return new Fallback(
          node.find("version").map(Node::text).map(Semver::parse).orElse(null),
          rule,
          node.find("score").map(score -> score.number(0, 1)).orElse(null),
          node.find("deadline").map(ServeBlock::deadline).orElse(null));
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }

  private static Duration deadline(Node node) {
    Duration deadline = node.span();
    if (deadline.compareTo(DEADLINE_MAX) <= 0) return deadline;
    throw node.problem(
        Fault.BAD_SERVE_BLOCK,
        "%s is over 30 s".formatted(node.path()),
        "Write a deadline such as 50ms");
  }

  /// It stands in URLs.
  private static String name(Node node) {
    try {
      return new Name(node.text()).text();
    } catch (Problem e) {
      throw e.place().isPresent() ? e : e.at(node.place());
    }
  }

  private static List<Integer> steps(Node node) {
    List<Integer> steps = node.list().stream().map(step -> (int) step.whole(1, 100)).toList();
    boolean rising = !steps.isEmpty() && steps.getLast() == 100;
    for (int i = 1; i < steps.size(); i++) rising &= steps.get(i) > steps.get(i - 1);
    if (!rising) {
      throw node.problem(
          Fault.BAD_SERVE_BLOCK,
          "%s do not rise to 100".formatted(node.path()),
          "Write rising percentages that end with 100, such as [10, 50, 100]");
    }
    return steps;
  }

  /// Refuses a block that names a column which the data does not have.
  ///
  /// @param inputs the columns of a row when it is predicted
  /// @param outcomes the columns that become known later
  void requireFits(Set<String> inputs, Set<String> outcomes) {
    if (key != null && !inputs.contains(key)) {
      throw new Problem(
          Fault.BAD_SERVE_BLOCK,
          "serve.key names '%s', which is no input".formatted(Texts.shown(key)),
          Texts.didYouMean(key, inputs));
    }
    if (abTest != null) abTest.requireMetric(outcomes);
  }
}
