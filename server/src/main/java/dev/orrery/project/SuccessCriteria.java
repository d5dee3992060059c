package dev.orrery.project;

import dev.orrery.base.Fault;
import dev.orrery.base.Quantity;
import dev.orrery.base.Quantity.Dimension;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What counts as success (the block `success`), in the order of the file.
///
/// @param offline metrics of the model on held-out data
/// @param online metrics of the business
/// @param system metrics of the running system
public record SuccessCriteria(
    List<Criterion> offline, List<Criterion> online, List<Criterion> system) {
  static final SuccessCriteria NONE = new SuccessCriteria(List.of(), List.of(), List.of());

  public SuccessCriteria {
    offline = List.copyOf(offline);
    online = List.copyOf(online);
    system = List.copyOf(system);
  }

  /// All of them, offline first.
  public List<Criterion> all() {
    List<Criterion> all = new ArrayList<>(offline);
    all.addAll(online);
    all.addAll(system);
    return all;
  }

  /// @throws dev.orrery.base.Problem of kind INVALID, with its place, if a limit is not a quantity
  static SuccessCriteria parse(Node node) {
    node.knownKeys("offline_metrics", "online_metrics", "system_metrics");
    return new SuccessCriteria(
        criteria(node.find("offline_metrics")),
        criteria(node.find("online_metrics")),
        criteria(node.find("system_metrics")));
  }

  private static List<Criterion> criteria(Optional<Node> block) {
    List<Criterion> criteria = new ArrayList<>();
    block.ifPresent(found -> found.map().forEach((name, node) -> criteria.add(one(name, node))));
    return criteria;
  }

  /// Parses one criterion: `{min, target, max}`, each a number or a quantity with a unit.
  public static Criterion one(String name, Node node) {
    node.knownKeys("min", "target", "max");
    Quantity min = limit(name, node, "min");
    Quantity target = limit(name, node, "target");
    Quantity max = limit(name, node, "max");
    if (min == null && target == null && max == null) {
      throw node.problem(
          Fault.IMPOSSIBLE_CRITERION,
          "%s has no limit".formatted(node.path()),
          "Add min, target or max");
    }
    boolean isOrdered =
        !isAbove(min, max) && !isAbove(min, target) && (min != null || !isAbove(target, max));
    if (!isOrdered) {
      throw node.problem(
          Fault.IMPOSSIBLE_CRITERION,
          "%s cannot be met: its min, target and max contradict each other".formatted(node.path()),
          "Let min be at most target, and target at most max");
    }
    return new Criterion(name, min, target, max, node.place());
  }

  private static @Nullable Quantity limit(String name, Node node, String key) {
    Optional<Node> found = node.find(key);
    if (found.isEmpty()) return null;
    Quantity quantity = found.get().quantity();
    Optional<Dimension> wanted = dimension(name);
    if (wanted.isPresent() && wanted.get() != quantity.dimension()) {
      throw found.get().wrong(Shape.example(wanted.get()));
    }
    return quantity;
  }

  /// What a measurement of this name must be measured in, where its name says so.
  private static Optional<Dimension> dimension(String name) {
    if (name.contains("latency")) return Optional.of(Dimension.SECONDS);
    if (name.equals("throughput")) return Optional.of(Dimension.PER_SECOND);
    if (name.equals("model_size")) return Optional.of(Dimension.BYTES);
    return Optional.empty();
  }

  private static boolean isAbove(@Nullable Quantity low, @Nullable Quantity high) {
    return low != null && high != null && low.value() > high.value();
  }
}
