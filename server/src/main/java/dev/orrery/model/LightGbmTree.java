package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;

/// One tree as LightGBM's text states it, with its structure checked: every index is in range and
/// every node but the root hangs on exactly one parent, so a walk ends at a leaf.
///
/// A child `c >= 0` is an inner node, `c < 0` the leaf `~c`. A tree of one leaf has no inner nodes.
///
/// @param feature per inner node, the place of the feature
/// @param threshold per inner node: `value <= threshold` goes left; for a categorical node the
///   number of its bitset
/// @param decision per inner node: bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what
///   counts as missing (see MISSING_)
/// @param categoryStart where each bitset begins in categoryBits; one entry more than bitsets
/// @param categoryBits 32 categories a word; a set bit goes left
record LightGbmTree(
    int[] feature,
    double[] threshold,
    byte[] decision,
    int[] left,
    int[] right,
    double[] leaf,
    double[] gain,
    int[] categoryStart,
    int[] categoryBits) {
  static final int CATEGORICAL = 1;
  static final int DEFAULT_LEFT = 2;

  /// What counts as missing; NaN is read as 0 unless it is NaN that counts.
  static final int MISSING_NONE = 0;

  static final int MISSING_ZERO = 1;
  static final int MISSING_NAN = 2;

  /// A bitset holds categories up to 32 times this.
  private static final int WORDS_MAX = 65_536;

  LightGbmTree {
    int inner = feature.length;
    sameLength(inner, threshold.length, "threshold");
    sameLength(inner, decision.length, "decision_type");
    sameLength(inner, left.length, "left_child");
    sameLength(inner, right.length, "right_child");
    sameLength(inner, gain.length, "split_gain");
    sameLength(inner + 1, leaf.length, "leaf_value");
    for (double value : leaf) require(Double.isFinite(value), "a leaf's value is not a number");
    checkBitsets(categoryStart, categoryBits.length);
    for (int i = 0; i < inner; i++) {
      require(
          decision[i] >= 0 && missing(decision[i]) <= MISSING_NAN, "a decision type is unknown");
      require(!Double.isNaN(threshold[i]), "a threshold is not a number");
      if ((decision[i] & CATEGORICAL) != 0) {
        boolean whole = threshold[i] == Math.rint(threshold[i]);
        boolean within = threshold[i] >= 0 && threshold[i] < categoryStart.length - 1;
        require(whole && within, "a categorical node names no bitset");
      }
    }
    checkShape(left, right, inner);
  }

  static int missing(int decision) {
    return decision >> 2 & 3;
  }

  boolean categorical(int node) {
    return (decision[node] & CATEGORICAL) != 0;
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
    require(expected == actual, "%s has %d entries, not %d".formatted(key, actual, expected));
  }

  static void require(boolean holds, String otherwise) {
    if (!holds) throw damaged(otherwise);
  }

  static Problem damaged(String what) {
    return new Problem(
        Fault.BAD_MODEL_TEXT,
        "the LightGBM model text is damaged: " + what,
        "Take the text from the run that made it, or train again");
  }
}
