package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;

import java.util.Arrays;

/// Nodes of one tree as XGBoost and ONNX number them, leaves among the others, from which a [Tree]
/// is made. Nodes that cannot be reached from the first one are left out: XGBoost keeps those that
/// it pruned.
final class Nodes {
  private static final int LEAF = -1;

  private final int[] left;
  private final int[] right;
  private final int[] feature;
  private final double[] threshold;
  private final byte[] manner;
  private final double[] leaf;
  private final int values;
  private final int group;

  /// @param values how many a leaf has
  Nodes(int count, int values, int group) {
    this.left = new int[count];
    this.right = new int[count];
    this.feature = new int[count];
    this.threshold = new double[count];
    this.manner = new byte[count];
    this.leaf = new double[Math.multiplyExact(count, values)];
    this.values = values;
    this.group = group;
    Arrays.fill(left, LEAF);
  }

  void split(int node, int goesLeft, int goesRight, int of, double at, int how) {
    left[node] = goesLeft;
    right[node] = goesRight;
    feature[node] = of;
    threshold[node] = at;
    manner[node] = (byte) how;
  }

  void leaf(int node, int value, double is) {
    leaf[node * values + value] = is;
  }

  boolean isLeaf(int node) {
    return left[node] == LEAF;
  }

  /// The tree, its inner nodes numbered from the root down.
  ///
  /// @param categoryStart and categoryBits as in [Tree]
  Tree tree(int[] categoryStart, int[] categoryBits) {
    int count = left.length;
    require(count > 0, "a tree has no nodes");
    int[] order = new int[count];
    int[] number = new int[count];
    Arrays.fill(number, LEAF);
    int filled = 1;
    number[0] = 0;
    int inner = 0;
    int leaves = 0;
    int[] leafOrder = new int[count];
    for (int i = 0; i < filled; i++) {
      int node = order[i];
      if (isLeaf(node)) {
        leafOrder[leaves] = node;
        number[node] = ~leaves++;
        continue;
      }
      number[node] = inner++;
      for (int side = 0; side < 2; side++) {
        int child = side == 0 ? left[node] : right[node];
        require(child > 0 && child < count, "a child points outside the tree or at its root");
        require(number[child] == LEAF, "two nodes share a child");
        number[child] = 0;
        order[filled++] = child;
      }
    }
    return renumbered(order, number, inner, leafOrder, leaves, categoryStart, categoryBits);
  }

  private Tree renumbered(
      int[] order,
      int[] number,
      int inner,
      int[] leafOrder,
      int leaves,
      int[] categoryStart,
      int[] categoryBits) {
    int[] ownFeature = new int[inner];
    double[] ownThreshold = new double[inner];
    byte[] ownManner = new byte[inner];
    int[] ownLeft = new int[inner];
    int[] ownRight = new int[inner];
    for (int i = 0; i < inner + leaves; i++) {
      int node = order[i];
      int at = number[node];
      if (at < 0) continue;
      ownFeature[at] = feature[node];
      ownThreshold[at] = threshold[node];
      ownManner[at] = manner[node];
      ownLeft[at] = number[left[node]];
      ownRight[at] = number[right[node]];
    }
    double[] ownLeaf = new double[leaves * values];
    for (int i = 0; i < leaves; i++) {
      System.arraycopy(leaf, leafOrder[i] * values, ownLeaf, i * values, values);
    }
    return new Tree(
        ownFeature,
        ownThreshold,
        ownManner,
        ownLeft,
        ownRight,
        ownLeaf,
        values,
        group,
        new double[0],
        categoryStart,
        categoryBits);
  }
}
