package dev.orrery.model;

import dev.orrery.model.OnnxGraph.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the operators of `ai.onnx.ml` are told must fit together: their native code was written for
/// files that do.
final class OnnxMlCheck {
  private static final long CLASSES_MAX = 1 << 20;

  private OnnxMlCheck() {}

  static void check(Node node) {
    switch (node.op()) {
      case "LinearClassifier" -> {
        int classes = classes(node);
        int rows = Math.max(1, node.floats("intercepts").length);
        fits(node, "coefficients", node.floats("coefficients").length, rows);
        boolean isBinary = rows == 1 && classes <= 2;
        if (!isBinary && rows != classes && node.has("intercepts")) {
          throw node.bad("has %d intercepts for %d classes".formatted(rows, classes));
        }
      }
      case "LinearRegressor" -> {
        long targets = node.integer("targets", 1);
        if (targets < 1 || targets > CLASSES_MAX)
          throw node.bad("has %d targets".formatted(targets));
        fits(node, "coefficients", node.floats("coefficients").length, targets);
        long intercepts = node.floats("intercepts").length;
        if (intercepts != 0 && intercepts != targets) {
          throw node.bad("has %d intercepts for %d targets".formatted(intercepts, targets));
        }
      }
      case "Scaler" -> {
        int offsets = node.floats("offset").length;
        int scales = node.floats("scale").length;
        if (offsets != scales || scales == 0) {
          throw node.bad("has %d offsets and %d scales".formatted(offsets, scales));
        }
      }
      case "SVMClassifier", "SVMRegressor" -> vectors(node);
      case "TreeEnsembleClassifier", "TreeEnsembleRegressor" -> trees(node);
      case "LabelEncoder" -> labels(node);
      default -> {}
    }
  }

  private static int classes(Node node) {
    int numbers = node.integers("classlabels_ints").length;
    int texts = node.texts("classlabels_strings").size();
    if (numbers > 0 && texts > 0) throw node.bad("names its classes twice");
    if (numbers + texts == 0) throw node.bad("names no classes");
    return numbers + texts;
  }

  private static void fits(Node node, String what, long count, long rows) {
    if (count == 0 || count % rows != 0) {
      throw node.bad("has %d %s for %d rows of them".formatted(count, what, rows));
    }
  }

  private static void vectors(Node node) {
    boolean isClassifier = node.op().equals("SVMClassifier");
    long vectors = 0;
    if (isClassifier) {
      int classes = classes(node);
      long[] each = node.integers("vectors_per_class");
      for (long own : each) {
        if (own < 0 || own > CLASSES_MAX)
          throw node.bad("has %d vectors of a class".formatted(own));
        vectors += own;
      }
      if (vectors > 0 && each.length != classes) {
        throw node.bad("has vectors of %d classes out of %d".formatted(each.length, classes));
      }
      long pairs = (long) classes * (classes - 1) / 2;
      if (vectors > 0) {
        same(node, "rho", node.floats("rho").length, pairs);
        same(
            node,
            "coefficients",
            node.floats("coefficients").length,
            vectors * Math.max(1, classes - 1));
        for (String side : new String[] {"prob_a", "prob_b"}) {
          if (node.floats(side).length > 0) same(node, side, node.floats(side).length, pairs);
        }
      }
    } else {
      vectors = node.integer("n_supports", 0);
      if (vectors < 0 || vectors > CLASSES_MAX * 16) {
        throw node.bad("has %d vectors".formatted(vectors));
      }
      if (vectors > 0) {
        same(node, "coefficients", node.floats("coefficients").length, vectors);
      }
      if (node.floats("rho").length < 1) throw node.bad("has no rho");
    }
    if (vectors > 0) {
      fits(node, "support_vectors", node.floats("support_vectors").length, vectors);
    }
    int kernel = node.floats("kernel_params").length;
    if (kernel != 0 && kernel != 3) throw node.bad("has %d kernel_params".formatted(kernel));
  }

  private static void same(Node node, String what, long there, long wanted) {
    if (there != wanted) throw node.bad("has %d %s for %d".formatted(there, what, wanted));
  }

  /// Every branch of every tree leads to a node of the tree, and none into a circle.
  private static void trees(Node node) {
    long[] tree = node.integers("nodes_treeids");
    long[] id = node.integers("nodes_nodeids");
    long[] yes = node.integers("nodes_truenodeids");
    long[] no = node.integers("nodes_falsenodeids");
    long[] feature = node.integers("nodes_featureids");
    List<String> modes = node.texts("nodes_modes");
    if (tree.length == 0
        && node.attributes().keySet().stream().anyMatch(k -> k.endsWith("_as_tensor"))) {
      return;
    }
    same(node, "nodes_nodeids", id.length, tree.length);
    same(node, "nodes_truenodeids", yes.length, tree.length);
    same(node, "nodes_falsenodeids", no.length, tree.length);
    same(node, "nodes_featureids", feature.length, tree.length);
    same(node, "nodes_modes", modes.size(), tree.length);
    if (!node.has("nodes_values_as_tensor")) {
      same(node, "nodes_values", node.floats("nodes_values").length, tree.length);
    }
    record Place(long tree, long node) {}
    Map<Place, Integer> places = new HashMap<>();
    for (int i = 0; i < tree.length; i++) {
      if (feature[i] < 0 || feature[i] > 1 << 24) {
        throw node.bad("splits on the feature %d".formatted(feature[i]));
      }
      if (places.put(new Place(tree[i], id[i]), i) != null) {
        throw node.bad("has the node %d of tree %d twice".formatted(id[i], tree[i]));
      }
    }
    int[] parents = new int[tree.length];
    int[][] children = new int[tree.length][];
    for (int i = 0; i < tree.length; i++) {
      children[i] = new int[0];
      if (modes.get(i).equals("LEAF")) continue;
      Integer left = places.get(new Place(tree[i], yes[i]));
      Integer right = places.get(new Place(tree[i], no[i]));
      if (left == null || right == null) {
        throw node.bad("leads from node %d of tree %d to none".formatted(id[i], tree[i]));
      }
      children[i] = new int[] {left, right};
      parents[left]++;
      parents[right]++;
    }
    int seen = 0;
    int[] open = new int[tree.length];
    int size = 0;
    for (int i = 0; i < tree.length; i++) if (parents[i] == 0) open[size++] = i;
    while (size > 0) {
      seen++;
      for (int child : children[open[--size]]) if (--parents[child] == 0) open[size++] = child;
    }
    if (seen < tree.length) throw node.bad("has a tree that runs in a circle");
    leaves(node, places.size());
  }

  private static void leaves(Node node, int nodes) {
    String side = node.op().endsWith("Classifier") ? "class" : "target";
    int ids = node.integers(side + "_ids").length;
    same(node, side + "_nodeids", node.integers(side + "_nodeids").length, ids);
    same(node, side + "_treeids", node.integers(side + "_treeids").length, ids);
    if (!node.has(side + "_weights_as_tensor")) {
      same(node, side + "_weights", node.floats(side + "_weights").length, ids);
    }
    long most = side.equals("class") ? classes(node) : node.integer("n_targets", 1);
    for (long id : node.integers(side + "_ids")) {
      if (id < 0 || id >= most || nodes == 0)
        throw node.bad("has a leaf of class %d".formatted(id));
    }
  }

  private static void labels(Node node) {
    int keys =
        node.texts("keys_strings").size()
            + node.integers("keys_int64s").length
            + node.floats("keys_floats").length;
    int values =
        node.texts("values_strings").size()
            + node.integers("values_int64s").length
            + node.floats("values_floats").length;
    if (keys != values && keys > 0 && values > 0) {
      throw node.bad("has %d keys and %d values".formatted(keys, values));
    }
  }
}
