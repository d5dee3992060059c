package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.OnnxModel.other;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The attributes of ONNX's TreeEnsembleClassifier or TreeEnsembleRegressor, of operators 1 to 5.
///
/// What ONNX leaves open is done as ONNX Runtime does it; where even that is odd (two base values
/// of two classes, say), the model is of another sort.
final class OnnxTrees {
  private static final int NODES_MAX = 1 << 24;
  private static final long VALUES_MAX = 1 << 26;

  private final OnnxGraph.Node node;
  private final boolean classifies;
  private final boolean isDouble;
  private final List<Object> labels;
  private final int classes;
  private final Ensemble ensemble;
  private final OnnxLink link;

  /// Whether every leaf has a value of every class that its tree counts for.
  private boolean complete = true;

  /// @param columns of the input; -1 where the graph does not tell
  OnnxTrees(
      OnnxGraph.Node node,
      boolean classifies,
      long columns,
      Ensemble.Reading reading,
      boolean isDouble) {
    this.node = node;
    this.classifies = classifies;
    this.isDouble = isDouble;
    this.labels = classifies ? readLabels() : List.of();
    long targets = classifies ? labels.size() : node.integer("n_targets", 1);
    require(targets >= 1 && targets <= 10_000, "it has " + targets + " outputs");
    this.classes = (int) targets;
    String prefix = classifies ? "class_" : "target_";
    long[] ids = node.integers(prefix + "ids");
    double[] weights = reals(prefix + "weights");
    boolean negative = false;
    Set<Long> used = new HashSet<>();
    for (int i = 0; i < ids.length; i++) {
      used.add(ids[i]);
      negative |= i < weights.length && weights[i] < 0;
    }
    boolean single = classifies && classes == 2 && used.size() == 1;
    if (single && !used.contains(0L)) throw other("its one sum is that of the second class");
    int groups = single ? 1 : classes;
    Ensemble.Adding adding = adding();
    List<Tree> trees =
        new Leaves(
                node.integers(prefix + "treeids"),
                node.integers(prefix + "nodeids"),
                ids,
                weights,
                groups)
            .trees(adding);
    int width = width(columns, trees);
    double[] begin = new double[groups];
    if (adding == Ensemble.Adding.MIN) Arrays.fill(begin, Double.POSITIVE_INFINITY);
    if (adding == Ensemble.Adding.MAX) Arrays.fill(begin, Double.NEGATIVE_INFINITY);
    this.ensemble = new Ensemble(width, groups, reading, adding, begin, trees);
    this.link = readLink(single, negative, groups, trees.size());
  }

  Margins margins() {
    return new TreeMargins(ensemble);
  }

  OnnxLink link() {
    return link;
  }

  List<Object> labels() {
    return labels;
  }

  private static int width(long columns, List<Tree> trees) {
    require(columns < 1 << 24, "its input has too many columns");
    if (columns >= 0) return (int) columns;
    int most = 0;
    for (Tree tree : trees) for (int f : tree.feature()) most = Math.max(most, f);
    return most + 1;
  }

  private List<Object> readLabels() {
    long[] numbers = node.integers("classlabels_int64s");
    List<String> texts = node.texts("classlabels_strings");
    require(numbers.length == 0 || texts.isEmpty(), "it has labels of two sorts");
    List<Object> read = new ArrayList<>(texts);
    for (long number : numbers) read.add(number);
    require(read.size() >= 2, "it has fewer than two labels");
    return List.copyOf(read);
  }

  /// Real numbers, as a list of floats or a tensor; a model of floats has no others.
  private double[] reals(String name) {
    double[] plain = node.reals(name);
    double[] tensor = node.reals(name + "_as_tensor");
    require(plain.length == 0 || tensor.length == 0, "'" + name + "' stands twice");
    double[] reals = plain.length > 0 ? plain : tensor;
    if (isDouble) return reals;
    for (double real : reals) {
      if ((float) real != real && !Double.isNaN(real)) throw other("its trees hold doubles");
    }
    return reals;
  }

  private Ensemble.Adding adding() {
    String name = classifies ? "SUM" : node.text("aggregate_function", "SUM");
    return switch (name) {
      case "SUM", "AVERAGE" -> isDouble ? Ensemble.Adding.SUM : Ensemble.Adding.FLOAT_SUM;
      case "MIN" -> Ensemble.Adding.MIN;
      case "MAX" -> Ensemble.Adding.MAX;
      default -> throw other("it aggregates by '" + shown(name) + "'");
    };
  }

  private OnnxLink readLink(boolean single, boolean negative, int groups, int trees) {
    String name = node.text("post_transform", "NONE");
    OnnxLink.Post post;
    try {
      post = OnnxLink.Post.valueOf(name);
    } catch (IllegalArgumentException e) {
      // Among them PROBIT, whose approximation magnifies the last bit of a logarithm.
      throw other("its post transform is '" + shown(name) + "'");
    }
    double[] base = reals("base_values");
    for (double value : base) require(!Double.isNaN(value), "a base value is not a number");
    if (base.length != 0 && base.length != groups) throw other("its base values are not one each");
    boolean mean = node.text("aggregate_function", "SUM").equals("AVERAGE");
    OnnxLink.Shape shape = OnnxLink.Shape.REGRESSOR;
    if (classifies) {
      if (single) shape = negative ? OnnxLink.Shape.BINARY_MIXED : OnnxLink.Shape.BINARY;
      else shape = groups == 2 ? OnnxLink.Shape.TWO_CLASSES : OnnxLink.Shape.CLASSES;
    }
    // ONNX Runtime labels two classes 1 and 0, whatever their labels are.
    boolean usual =
        labels.isEmpty() || labels.get(0) instanceof String || labels.equals(List.of(0L, 1L));
    switch (shape) {
      case REGRESSOR -> fits(groups > 1 || post == OnnxLink.Post.NONE);
      case TWO_CLASSES -> fits(usual && base.length == 0);
      case BINARY, BINARY_MIXED -> {}
      case CLASSES -> fits(base.length > 0 || everyClassCounts());
    }
    return new OnnxLink(shape, post, base, classifies || !mean ? 1 : Math.max(1, trees), !isDouble);
  }

  private static void fits(boolean holds) {
    if (!holds) throw other("its base values, labels or post transform are unusual");
  }

  /// Whether each row gets a sum of every class, so that none is left out of the largest.
  private boolean everyClassCounts() {
    boolean[] counts = new boolean[classes];
    for (Tree tree : ensemble.trees()) {
      for (int k = 0; k < tree.values(); k++) counts[tree.group() + k] |= complete;
    }
    for (boolean one : counts) if (!one) return false;
    return true;
  }

  /// The nodes of all trees, with what their leaves are worth.
  private final class Leaves {
    private final long[] of = node.integers("nodes_treeids");
    private final long[] number = node.integers("nodes_nodeids");
    private final long[] features = node.integers("nodes_featureids");
    private final long[] whenTrue = node.integers("nodes_truenodeids");
    private final long[] whenFalse = node.integers("nodes_falsenodeids");
    private final long[] missing = node.integers("nodes_missing_value_tracks_true");
    private final List<String> modes = node.texts("nodes_modes");
    private final double[] values = reals("nodes_values");
    private final long[] leafTree;
    private final long[] leafNode;
    private final long[] ids;
    private final double[] weights;
    private final int groups;

    Leaves(long[] leafTree, long[] leafNode, long[] ids, double[] weights, int groups) {
      this.leafTree = leafTree;
      this.leafNode = leafNode;
      this.ids = ids;
      this.weights = weights;
      this.groups = groups;
      int count = of.length;
      require(count > 0 && count < NODES_MAX, "its trees have " + count + " nodes");
      boolean same =
          number.length == count
              && features.length == count
              && whenTrue.length == count
              && whenFalse.length == count
              && modes.size() == count
              && values.length == count
              && (missing.length == 0 || missing.length == count);
      require(same, "the lists of its nodes differ in length");
      boolean sameLeaves =
          leafTree.length == ids.length
              && leafNode.length == ids.length
              && weights.length == ids.length;
      require(sameLeaves, "the lists of its leaves differ in length");
      for (long id : ids) require(id >= 0 && id < groups, "a leaf is of no class or target");
    }

    List<Tree> trees(Ensemble.Adding adding) {
      Map<Long, Integer> begins = new HashMap<>();
      List<Integer> starts = new ArrayList<>();
      for (int i = 0; i < of.length; i++) {
        if (i > 0 && of[i] == of[i - 1]) continue;
        require(begins.put(of[i], starts.size()) == null, "the nodes of a tree lie apart");
        starts.add(i);
      }
      List<Map<Long, Integer>> places = new ArrayList<>();
      for (int t = 0; t < starts.size(); t++) places.add(places(starts.get(t), end(starts, t)));
      int[][] entries = entries(begins, places);
      boolean scalar = isScalar(entries);
      int perLeaf = scalar ? 1 : groups;
      if ((long) of.length * perLeaf > VALUES_MAX) throw other("its leaves have too many values");
      List<Tree> trees = new ArrayList<>();
      for (int t = 0; t < starts.size(); t++) {
        int from = starts.get(t);
        trees.add(tree(from, end(starts, t), places.get(t), entries[t], scalar, perLeaf));
      }
      boolean adds = adding == Ensemble.Adding.SUM || adding == Ensemble.Adding.FLOAT_SUM;
      if (!adds && !(complete && (!scalar || groups == 1))) {
        throw other("the least or most is taken of leaves that lack a target");
      }
      return trees;
    }

    private int end(List<Integer> starts, int t) {
      return t + 1 < starts.size() ? starts.get(t + 1) : of.length;
    }

    private Map<Long, Integer> places(int from, int to) {
      Map<Long, Integer> places = new HashMap<>();
      for (int i = from; i < to; i++) {
        require(places.put(number[i], i - from) == null, "a node stands twice in a tree");
      }
      return places;
    }

    /// Per tree, which entries of the leaves' lists are its own.
    private int[][] entries(Map<Long, Integer> begins, List<Map<Long, Integer>> places) {
      int[] counts = new int[places.size()];
      for (long tree : leafTree) {
        Integer t = begins.get(tree);
        require(t != null, "a leaf is of a tree that is not there");
        counts[t == null ? 0 : t]++;
      }
      int[][] entries = new int[places.size()][];
      for (int t = 0; t < entries.length; t++) entries[t] = new int[counts[t]];
      for (int i = leafTree.length - 1; i >= 0; i--) {
        int t = begins.getOrDefault(leafTree[i], 0);
        entries[t][--counts[t]] = i;
      }
      return entries;
    }

    /// Whether the leaves of each tree have one value, all of the same target.
    private boolean isScalar(int[][] entries) {
      for (int[] own : entries) {
        Set<Long> leaves = new HashSet<>();
        for (int i : own) {
          if (ids[i] != ids[own[0]] || !leaves.add(leafNode[i])) return false;
        }
      }
      return true;
    }

    private Tree tree(
        int from, int to, Map<Long, Integer> places, int[] own, boolean scalar, int perLeaf) {
      int group = scalar && own.length > 0 ? (int) ids[own[0]] : 0;
      Nodes nodes = new Nodes(to - from, perLeaf, group);
      int leaves = 0;
      for (int i = from; i < to; i++) {
        if (modes.get(i).equals("LEAF")) leaves++;
        else split(nodes, i, i - from, places);
      }
      boolean[] filled = new boolean[(to - from) * perLeaf];
      int values = 0;
      for (int i : own) {
        int at = places.getOrDefault(leafNode[i], -1);
        require(at >= 0 && nodes.isLeaf(at), "a value is of a node that is no leaf");
        int value = scalar ? 0 : (int) ids[i];
        if (filled[at * perLeaf + value]) throw other("a leaf has two values of one target");
        filled[at * perLeaf + value] = true;
        nodes.leaf(at, value, weights[i]);
        values++;
      }
      boolean whole = values == leaves * perLeaf;
      require(whole || !scalar, "a leaf has no value");
      complete &= whole;
      Tree tree = nodes.tree(new int[1], new int[0]);
      if (tree.leaves() != leaves) throw other("some of its nodes are not reached");
      return tree;
    }

    private void split(Nodes nodes, int i, int at, Map<Long, Integer> places) {
      int yes = places.getOrDefault(whenTrue[i], -1);
      int no = places.getOrDefault(whenFalse[i], -1);
      require(yes >= 0 && no >= 0, "a child points outside the tree");
      int feature = Math.toIntExact(features[i]);
      double value = values[i];
      boolean tracks = missing.length > 0 && missing[i] != 0;
      boolean lowest = value == Double.NEGATIVE_INFINITY;
      int left = tracks ? 1 : 0;
      String mode = modes.get(i);
      if (lowest && !mode.equals("BRANCH_LEQ") && !mode.equals("BRANCH_GT")) {
        throw other("it compares with minus infinity");
      }
      // Where the sides are swapped, a missing value goes left unless it tracks true.
      switch (mode) {
        case "BRANCH_LEQ" -> nodes.split(at, yes, no, feature, value, Manner.NAN_RIGHT + left);
        case "BRANCH_LT" ->
            nodes.split(at, yes, no, feature, Math.nextDown(value), Manner.NAN_RIGHT + left);
        case "BRANCH_GT" -> nodes.split(at, no, yes, feature, value, Manner.NAN_LEFT - left);
        case "BRANCH_GTE" ->
            nodes.split(at, no, yes, feature, Math.nextDown(value), Manner.NAN_LEFT - left);
        case "BRANCH_EQ" -> nodes.split(at, yes, no, feature, value, Manner.EQUAL_NAN_RIGHT + left);
        case "BRANCH_NEQ" ->
            // A missing value differs from every other.
            nodes.split(at, no, yes, feature, value, Manner.EQUAL_NAN_RIGHT);
        default -> throw other("it has nodes of mode '" + shown(mode) + "'");
      }
    }
  }
}
