package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;

/// One tree with its structure checked: every index is in range and every node but the root hangs
/// on exactly one parent, so a walk ends at a leaf.
///
/// A child `c >= 0` is an inner node, `c < 0` the leaf `~c`. A tree of one leaf has no inner nodes.
///
/// @param feature per inner node, the place of the feature
/// @param threshold per inner node: `value <= threshold` goes left; of a category the number of its
///   bitset
/// @param manner per inner node, see [Manner]
/// @param leaf per leaf its value; where leaves have several values, the values of the first leaf,
///   of the second and so on
/// @param values how many a leaf has
/// @param group the output that the first value counts for
/// @param gain per inner node, or empty where the file does not tell
/// @param categoryStart where each bitset begins in categoryBits; one entry more than bitsets
/// @param categoryBits 32 categories a word; a set bit goes left, in XGBoost's manners right
record Tree(
    int[] feature,
    double[] threshold,
    byte[] manner,
    int[] left,
    int[] right,
    double[] leaf,
    int values,
    int group,
    double[] gain,
    int[] categoryStart,
    int[] categoryBits) {
  /// A bitset holds categories up to 32 times this.
  private static final int WORDS_MAX = 65_536;

  private static final double[] NONE = {};
  private static final int[] NO_BITSETS = {0};

  Tree {
    int inner = feature.length;
    sameLength(inner, threshold.length, "threshold");
    sameLength(inner, manner.length, "decision_type");
    sameLength(inner, left.length, "left_child");
    sameLength(inner, right.length, "right_child");
    if (gain.length > 0) sameLength(inner, gain.length, "split_gain");
    sameLength((inner + 1) * values, leaf.length, "leaf_value");
    for (double value : leaf) require(Double.isFinite(value), "a leaf's value is not a number");
    checkBitsets(categoryStart, categoryBits.length);
    for (int i = 0; i < inner; i++) {
      require(!Double.isNaN(threshold[i]), "a threshold is not a number");
      if (Manner.isCategory(manner[i])) {
        boolean whole = threshold[i] == Math.rint(threshold[i]);
        boolean within = threshold[i] >= 0 && threshold[i] < categoryStart.length - 1;
        require(whole && within, "a categorical node names no bitset");
      }
    }
    checkShape(left, right, inner);
  }

  /// A tree of one leaf.
  static Tree ofLeaf(double[] leaf, int group) {
    return new Tree(
        new int[0],
        NONE,
        new byte[0],
        new int[0],
        new int[0],
        leaf,
        leaf.length,
        group,
        NONE,
        NO_BITSETS,
        new int[0]);
  }

  int leaves() {
    return feature.length + 1;
  }

  boolean categorical(int node) {
    return Manner.isCategory(manner[node]);
  }

  /// Whether any node looks up a bit.
  boolean hasBits() {
    for (byte m : manner) if (Manner.hasBits(m)) return true;
    return false;
  }

  private static void checkBitsets(int[] start, int words) {
    require(start.length >= 1 && start[0] == 0, "the bitsets of categories do not begin at 0");
    for (int i = 1; i < start.length; i++) {
      boolean ascends = start[i] > start[i - 1] && start[i] - start[i - 1] <= WORDS_MAX;
      require(ascends, "the bitsets of categories overlap or are too long");
    }
    require(start[start.length - 1] == words, "the bitsets of categories do not fill their words");
  }

  /// Every node but the root has one parent, so no walk can meet a node twice; and every node is
  /// reached from the root, so there is no circle aside either.
  private static void checkShape(int[] left, int[] right, int inner) {
    boolean[] innerSeen = new boolean[inner];
    boolean[] leafSeen = new boolean[inner + 1];
    for (int side = 0; side < 2; side++) {
      for (int child : side == 0 ? left : right) {
        boolean isLeaf = child < 0;
        int at = isLeaf ? ~child : child;
        require(at < (isLeaf ? inner + 1 : inner), "a child points outside the tree");
        require(isLeaf || at != 0, "a child points back at the root");
        boolean[] seen = isLeaf ? leafSeen : innerSeen;
        require(!seen[at], "two nodes share a child");
        seen[at] = true;
      }
    }
    if (inner == 0) return;
    int[] stack = new int[inner];
    int depth = 1;
    int reached = 0;
    while (depth > 0) {
      int node = stack[--depth];
      reached++;
      if (left[node] >= 0) stack[depth++] = left[node];
      if (right[node] >= 0) stack[depth++] = right[node];
    }
    require(reached == inner, "some nodes cannot be reached from the root");
  }

  private static void sameLength(int expected, int actual, String key) {
    require(expected == actual, key + " has " + actual + " entries, not " + expected);
  }
}
