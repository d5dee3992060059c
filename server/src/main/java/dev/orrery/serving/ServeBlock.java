package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.project.Node;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// How a project wants its model served, from its `serve` block.
///
/// @param steps the canary's shares of the requests in percent, rising, the last 100
/// @param hold how long each step lasts
/// @param abortOn what ends a canary: `error_rate`, `log_loss`
/// @param shadowFirst whether the first version goes on as a shadow for good
public record ServeBlock(
    String endpoint, List<Integer> steps, Duration hold, Set<String> abortOn, boolean shadowFirst) {
  private static final Set<String> ABORTS = Set.of("error_rate", "log_loss");

  /// @param otherwise the endpoint's name where the block has none
  /// @throws Problem of kind INVALID with the place of what is wrong
  public static ServeBlock read(Node serve, String otherwise) {
    List<Integer> steps = List.of(10, 50, 100);
    Duration hold = Duration.ofHours(12);
    Set<String> abortOn = ABORTS;
    Node canary = serve.find("canary").orElse(null);
    if (canary != null) {
      if (canary.has("steps")) steps = steps(canary.get("steps"));
      if (canary.has("hold")) hold = canary.get("hold").span();
      if (canary.has("abort_on")) {
        var words = new java.util.LinkedHashSet<String>();
        for (Node word : canary.get("abort_on").list()) words.add(word.choice(ABORTS));
        abortOn = Set.copyOf(words);
      }
    }
    return new ServeBlock(
        serve.find("endpoint").map(ServeBlock::name).orElse(otherwise),
        steps,
        hold,
        abortOn,
        serve.text("shadow", "none").equals("first"));
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
}
