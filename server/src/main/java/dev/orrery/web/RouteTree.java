package dev.orrery.web;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The routes as a tree of segments.
///
/// A path is matched segment by segment, fixed text first, then variables with an ending (the
/// longest ending first), then plain variables, then tails; it steps back where a branch has no
/// end.
final class RouteTree {
  /// A variable in a pattern. A tail takes every segment that is left.
  private record Variable(String name, String ending, boolean tail) {}

  private record Branch(Variable variable, Node node) {}

  private static final class Node {
    final Map<String, Node> fixed = new HashMap<>();
    final List<Branch> variables = new ArrayList<>();
    final Map<String, Leaf> byMethod = new TreeMap<>();
  }

  /// A route, the names of its variables in the order of the path, and what is known of its
  /// traffic.
  static final class Leaf {
    final Route route;
    final List<String> names;
    final Lane lane;
    final Traffic.Timers timers = new Traffic.Timers();

    Leaf(Route route, List<String> names) {
      this.route = route;
      this.names = names;
      this.lane = route.lane();
    }
  }

  /// What a path means: the leaf for each method, and the variables' values in the order of the
  /// path.
  record Match(Map<String, Leaf> byMethod, List<String> values) {
    @Nullable Leaf leaf(String method) {
      Leaf leaf = byMethod.get(method);
      return leaf == null && method.equals("HEAD") ? byMethod.get("GET") : leaf;
    }

    /// The methods that would be answered here, as the Allow header lists them.
    String allowed() {
      Set<String> methods = new TreeSet<>(byMethod.keySet());
      if (methods.contains("GET")) methods.add("HEAD");
      methods.add("OPTIONS");
      return String.join(", ", methods);
    }
  }

  private static final Pattern METHOD = Pattern.compile("GET|POST|PUT|PATCH|DELETE");
  private static final Pattern FIXED = Pattern.compile("[A-Za-z0-9._:~-]+");
  private static final Pattern VARIABLE =
      Pattern.compile("\\{([a-z][a-zA-Z0-9_]*)(\\.\\.\\.)?}(:[a-zA-Z_-]+)?");

  private final Node root = new Node();

  void add(Route route) {
    if (!METHOD.matcher(route.method()).matches()) {
      throw new IllegalArgumentException("no such method: " + route.method());
    }
    Node node = root;
    List<String> names = new ArrayList<>();
    String[] segments = split(route.pattern());
    for (int i = 0; i < segments.length; i++) {
      node = step(node, segments[i], i == segments.length - 1, route.pattern(), names);
    }
    if (node.byMethod.putIfAbsent(route.method(), new Leaf(route, List.copyOf(names))) != null) {
      throw new IllegalArgumentException(
          "%s %s is declared twice".formatted(route.method(), route.pattern()));
    }
  }

  private static Node step(
      Node node, String segment, boolean last, String pattern, List<String> names) {
    if (FIXED.matcher(segment).matches() || (segment.isEmpty() && last && pattern.equals("/"))) {
      return node.fixed.computeIfAbsent(segment, _ -> new Node());
    }
    var shape = VARIABLE.matcher(segment);
    boolean tail = shape.matches() && shape.group(2) != null;
    if (!shape.matches() || (tail && (!last || shape.group(3) != null))) {
      throw new IllegalArgumentException(
          "'%s' cannot stand in the pattern %s".formatted(segment, pattern));
    }
    String name = shape.group(1);
    if (names.contains(name)) {
      throw new IllegalArgumentException("{%s} stands twice in %s".formatted(name, pattern));
    }
    names.add(name);
    String ending = shape.group(3) == null ? "" : shape.group(3);
    for (Branch branch : node.variables) {
      if (branch.variable.ending.equals(ending) && branch.variable.tail == tail) {
        return branch.node;
      }
    }
    Branch branch = new Branch(new Variable(name, ending, tail), new Node());
    node.variables.add(branch);
    node.variables.sort(
        Comparator.comparing((Branch b) -> b.variable.tail)
            .thenComparing(b -> -b.variable.ending.length()));
    return branch.node;
  }

  /// What is declared for a path of decoded segments; null if nothing is.
  @Nullable Match find(List<String> segments) {
    List<String> values = new ArrayList<>(4);
    Node end = find(root, segments, 0, values);
    return end == null ? null : new Match(end.byMethod, values);
  }

  private static @Nullable Node find(
      Node node, List<String> segments, int at, List<String> values) {
    if (at == segments.size()) return node.byMethod.isEmpty() ? null : node;
    String segment = segments.get(at);
    Node fixed = node.fixed.get(segment);
    if (fixed != null) {
      Node end = find(fixed, segments, at + 1, values);
      if (end != null) return end;
    }
    for (Branch branch : node.variables) {
      Variable variable = branch.variable;
      if (variable.tail && !segment.isEmpty()) {
        values.add(String.join("/", segments.subList(at, segments.size())));
        return branch.node;
      }
      if (variable.tail
          || segment.length() <= variable.ending.length()
          || !segment.endsWith(variable.ending)) {
        continue;
      }
      values.add(segment.substring(0, segment.length() - variable.ending.length()));
      Node end = find(branch.node, segments, at + 1, values);
      if (end != null) return end;
      values.removeLast();
    }
    return null;
  }

  private static String[] split(String pattern) {
    if (!pattern.startsWith("/")) {
      throw new IllegalArgumentException("a pattern begins with '/': " + pattern);
    }
    return pattern.substring(1).split("/", -1);
  }
}
