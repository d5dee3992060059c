package dev.orrery.model;

import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.OnnxGraph.Attribute;
import dev.orrery.model.OnnxGraph.Constant;
import dev.orrery.model.OnnxGraph.Function;
import dev.orrery.model.OnnxGraph.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Holds a graph together before anything of it is run: every name is defined once, before it is
/// used and in no circle; operators are those of ONNX and of its runtime; what an operator is told
/// fits together and asks for no absurd amount of memory.
final class OnnxCheck {
  /// Whose operators are run. Others would need a library of their own, which is never loaded.
  private static final Set<String> DOMAINS = Set.of("", "ai.onnx.ml", "com.microsoft");

  private static final long ELEMENTS_MAX = 1L << 28;
  private static final Set<String> POSITIVE =
      Set.of("strides", "dilations", "kernel_shape", "group", "blocksize");
  private static final Set<String> SHAPES = Set.of("shape", "output_shape", "kernel_shape");
  private static final Set<String> PADDINGS = Set.of("pads", "output_padding");

  /// The input of an operator that tells how large its output is.
  private static final Map<String, Integer> SIZES =
      Map.of("ConstantOfShape", 0, "Expand", 1, "Tile", 1, "Reshape", 1, "OneHot", 1);

  private final OnnxGraph.Model model;

  private OnnxCheck(OnnxGraph.Model model) {
    this.model = model;
  }

  /// @return the nodes of the graph, each after those whose values it takes
  /// @throws Problem of kind INVALID or UNSUPPORTED that names the node
  static List<Node> ordered(OnnxGraph.Model model) {
    return new OnnxCheck(model).all();
  }

  private List<Node> all() {
    for (String domain : model.opsets().keySet()) {
      if (!DOMAINS.contains(domain) && !domain.equals("ai.onnx") && !isOwn(domain)) {
        throw foreign(domain);
      }
    }
    functions();
    return graph(model.graph(), Set.of(), true);
  }

  private boolean isOwn(String domain) {
    return model.functions().values().stream().anyMatch(f -> f.domain().equals(domain));
  }

  /// Bodies are inlined where they are called: they may call others, but not themselves.
  private void functions() {
    Map<String, Long> sizes = new HashMap<>();
    for (String key : model.functions().keySet()) size(key, sizes, new HashSet<>());
    for (Function function : model.functions().values()) {
      OnnxGraph body =
          new OnnxGraph(function.name(), function.nodes(), Map.of(), List.of(), List.of());
      graph(body, new HashSet<>(function.inputs()), false);
    }
  }

  private long size(String key, Map<String, Long> sizes, Set<String> open) {
    Long known = sizes.get(key);
    if (known != null) return known;
    if (!open.add(key)) throw OnnxReader.bad("the function '%s' calls itself".formatted(key));
    if (open.size() > 64) throw OnnxReader.bad("functions call each other more than 64 deep");
    long size = 1;
    Function function = model.functions().get(key);
    if (function != null) {
      for (Node node : function.nodes()) {
        String called = node.domain() + ":" + node.op();
        size += model.functions().containsKey(called) ? size(called, sizes, open) : 1;
        if (size > OnnxReader.NODES_MAX) {
          throw OnnxReader.bad("the function '%s' grows too large".formatted(key));
        }
      }
    }
    open.remove(key);
    sizes.put(key, size);
    return size;
  }

  private List<Node> graph(OnnxGraph graph, Set<String> outer, boolean isTop) {
    Set<String> defined = new HashSet<>(outer);
    Set<String> own = new HashSet<>(graph.constants().keySet());
    for (var input : graph.inputs()) own.add(input.name());
    if (own.contains("")) throw OnnxReader.bad("an input or initialiser has no name");
    defined.addAll(own);
    Map<String, Node> makers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node(node, graph.constants());
      for (String output : node.outputs()) {
        if (output.isEmpty()) continue;
        if (own.contains(output) || makers.put(output, node) != null) {
          throw node.bad("gives '%s', which is given already".formatted(Texts.shown(output)));
        }
      }
    }
    List<Node> ordered = sorted(graph.nodes(), defined, makers);
    for (var output : graph.outputs()) {
      if (!defined.contains(output.name())) {
        throw OnnxReader.bad(
            "its output '%s' is given by no node".formatted(Texts.shown(output.name())));
      }
    }
    if (isTop && graph.outputs().isEmpty()) throw OnnxReader.bad("it has no output");
    return ordered;
  }

  /// Puts nodes into an order in which they can be computed; fills `defined` with all their values.
  private List<Node> sorted(List<Node> nodes, Set<String> defined, Map<String, Node> makers) {
    List<Node> ordered = new ArrayList<>(nodes.size());
    Map<Node, Integer> waiting = new java.util.IdentityHashMap<>();
    Map<String, List<Node>> waiters = new HashMap<>();
    ArrayDeque<Node> ready = new ArrayDeque<>();
    for (Node node : nodes) {
      int open = 0;
      Set<String> needed = new HashSet<>();
      needs(node, needed, new HashSet<>());
      for (String name : needed) {
        if (defined.contains(name)) continue;
        if (!makers.containsKey(name)) {
          throw node.bad("takes '%s', which nothing gives".formatted(Texts.shown(name)));
        }
        waiters.computeIfAbsent(name, _ -> new ArrayList<>()).add(node);
        open++;
      }
      waiting.put(node, open);
      if (open == 0) ready.add(node);
    }
    while (!ready.isEmpty()) {
      Node node = ready.poll();
      subgraphs(node, defined);
      ordered.add(node);
      for (String output : node.outputs()) {
        if (output.isEmpty()) continue;
        defined.add(output);
        for (Node waiter : waiters.getOrDefault(output, List.of())) {
          if (waiting.merge(waiter, -1, Integer::sum) == 0) ready.add(waiter);
        }
      }
    }
    if (ordered.size() < nodes.size()) {
      Node stuck = nodes.stream().filter(n -> waiting.getOrDefault(n, 0) > 0).findFirst().get();
      throw stuck.bad("takes what is made of its own output: the graph runs in a circle");
    }
    return ordered;
  }

  /// Everything a node takes from the graph around it, also for the graphs within it.
  private static void needs(Node node, Set<String> needed, Set<String> inner) {
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !inner.contains(input)) needed.add(input);
    }
    for (Attribute attribute : node.attributes().values()) {
      for (OnnxGraph graph : attribute.graphs()) {
        Set<String> within = new HashSet<>(inner);
        within.addAll(graph.constants().keySet());
        graph.inputs().forEach(input -> within.add(input.name()));
        for (Node each : graph.nodes()) within.addAll(each.outputs());
        for (Node each : graph.nodes()) needs(each, needed, within);
        for (var output : graph.outputs()) {
          if (!within.contains(output.name())) needed.add(output.name());
        }
      }
    }
  }

  private void subgraphs(Node node, Set<String> defined) {
    for (Attribute attribute : node.attributes().values()) {
      for (OnnxGraph graph : attribute.graphs()) graph(graph, defined, false);
    }
  }

  private void node(Node node, Map<String, Constant> constants) {
    boolean isFunction = model.functions().containsKey(node.domain() + ":" + node.op());
    if (!isFunction && !DOMAINS.contains(node.domain())) throw foreign(node.domain());
    if (isFunction) return;
    for (Attribute attribute : node.attributes().values()) attribute(node, attribute);
    Integer size = SIZES.get(node.op());
    if (size != null && node.inputs().size() > size) {
      Constant told = constants.get(node.inputs().get(size));
      if (told != null && told.data() instanceof long[] lengths) bounded(node, lengths);
    }
    if (node.domain().equals("ai.onnx.ml")) OnnxMlCheck.check(node);
  }

  private static void attribute(Node node, Attribute attribute) {
    long[] values = attribute.type() == 2 ? new long[] {attribute.integer()} : attribute.integers();
    if (POSITIVE.contains(attribute.name())) {
      for (long value : values) {
        if (value < 1 || value > 1 << 20) {
          throw node.bad("has %s of %d".formatted(attribute.name(), value));
        }
      }
    }
    if (SHAPES.contains(attribute.name())) bounded(node, values);
    if (PADDINGS.contains(attribute.name())) {
      for (long value : values) {
        if (Math.abs(value) > 1 << 20) {
          throw node.bad("has %s of %d".formatted(attribute.name(), value));
        }
      }
    }
    boolean isAxis = attribute.name().equals("axis") && attribute.type() == 2;
    if (isAxis && (attribute.integer() < -32 || attribute.integer() > 32)) {
      throw node.bad("has the axis %d".formatted(attribute.integer()));
    }
  }

  private static void bounded(Node node, long[] lengths) {
    long count = 1;
    for (long length : lengths) {
      long positive = Math.max(1, Math.abs(length));
      if (positive > ELEMENTS_MAX || positive < 0 || count > ELEMENTS_MAX / positive) {
        throw node.bad("asks for more than %,d elements".formatted(ELEMENTS_MAX));
      }
      count *= positive;
    }
  }

  private static Problem foreign(String domain) {
    return OnnxReader.unsupported(
        "it needs operators of '%s'".formatted(Texts.shown(domain)),
        "Export it with the operators of ONNX alone; libraries of operators are not loaded");
  }
}
