package dev.orrery.model;

import java.util.Arrays;
import java.util.List;

/// The trees of a model laid out for walking, and the walk.
///
/// **Ranks.** A row is first turned into small integers, once: of each feature the number of the
/// model's thresholds that its value exceeds, found exactly in double. `value <= threshold` is then
/// `rank <= threshold's own place`, a subtraction and a sign bit, with no branch.
///
/// **Slots.** What is missing, and whether it goes left, may differ from node to node. A feature
/// has one slot in the row for each manner its nodes ask for, and a missing value gets a rank there
/// that always goes the right way. So the walk knows nothing of missing values.
///
/// **Nodes.** A node is one long: slot, rank (of a categorical node the place of its bitset), and
/// the place of its left child; the right child stands next to it. A leaf is its own left child and
/// always goes left, so rows (or trees) that have arrived wait in place until the others of their
/// group arrive too. Categorical nodes look up a bit; trees without any are walked without that
/// lookup.
final class Forest {
  private static final int LEFT_BITS = 24;
  private static final int SLOT_BITS = 14;
  private static final int RANK_BITS = 24;
  private static final int LEFT_MASK = (1 << LEFT_BITS) - 1;
  private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;
  private static final int RANK_MASK = (1 << RANK_BITS) - 1;
  private static final int RANK_SHIFT = LEFT_BITS + SLOT_BITS;
  private static final long LEAF = 1L << 63;
  private static final long CATEGORICAL = 1L << 62;

  /// Rows are ranked and walked in blocks of this size, to stay in the cache.
  private static final int BLOCK = 128;

  /// Fewer rows than this are walked one by one, several trees of each at once.
  private static final int IN_FLIGHT = 4;

  private final Ranker ranker;
  private final long[] nodes;
  private final double[] leaves;
  private final int[] roots;

  /// The bitsets of categorical nodes; before them words without a set bit, for the others.
  private final int[] bits;

  /// Per tree, whether it has a categorical node.
  private final boolean[] categorical;

  private Forest(
      Ranker ranker,
      long[] nodes,
      double[] leaves,
      int[] roots,
      int[] bits,
      boolean[] categorical) {
    this.ranker = ranker;
    this.nodes = nodes;
    this.leaves = leaves;
    this.roots = roots;
    this.bits = bits;
    this.categorical = categorical;
  }

  static Forest of(LightGbmText text) {
    Ranker ranker = Ranker.of(text);
    int count = text.trees().stream().mapToInt(t -> 2 * t.leaf().length - 1).sum();
    Builder builder = new Builder(ranker, count);
    for (LightGbmTree tree : text.trees()) builder.add(tree);
    return builder.build(text.trees());
  }

  private static long node(int left, int slot, int rank) {
    return (long) rank << (LEFT_BITS + SLOT_BITS) | (long) slot << LEFT_BITS | left;
  }

  /// The margin of one row: four trees in flight.
  double margin(double[] row, int from) {
    int[] ranks = new int[ranker.slots()];
    ranker.rank(row, from, ranks, 0);
    double sum = 0;
    int trees = roots.length;
    int t = 0;
    for (; t + 4 <= trees; t += 4) {
      int a = roots[t];
      int b = roots[t + 1];
      int c = roots[t + 2];
      int d = roots[t + 3];
      boolean mixed = categorical[t] | categorical[t + 1] | categorical[t + 2] | categorical[t + 3];
      long all;
      if (mixed) {
        do {
          long na = nodes[a];
          long nb = nodes[b];
          long nc = nodes[c];
          long nd = nodes[d];
          all = na & nb & nc & nd;
          a = mixed(na, bits, ranks, 0);
          b = mixed(nb, bits, ranks, 0);
          c = mixed(nc, bits, ranks, 0);
          d = mixed(nd, bits, ranks, 0);
        } while (all >= 0);
      } else {
        do {
          long na = nodes[a];
          long nb = nodes[b];
          long nc = nodes[c];
          long nd = nodes[d];
          all = na & nb & nc & nd;
          a = plain(na, ranks, 0);
          b = plain(nb, ranks, 0);
          c = plain(nc, ranks, 0);
          d = plain(nd, ranks, 0);
        } while (all >= 0);
      }
      sum += leaves[a];
      sum += leaves[b];
      sum += leaves[c];
      sum += leaves[d];
    }
    for (; t < trees; t++) sum += leaves[walk(roots[t], ranks, 0)];
    return sum;
  }

  /// The margins of rows that lie one after the other: four rows in flight, tree after tree.
  void margins(double[] rows, int width, double[] margins, int count) {
    if (count < IN_FLIGHT) {
      for (int i = 0; i < count; i++) margins[i] = margin(rows, i * width);
      return;
    }
    int slots = ranker.slots();
    int[] ranks = new int[slots * Math.min(BLOCK, count)];
    for (int from = 0; from < count; from += BLOCK) {
      int length = Math.min(BLOCK, count - from);
      for (int i = 0; i < length; i++) ranker.rank(rows, (from + i) * width, ranks, i * slots);
      Arrays.fill(margins, from, from + length, 0);
      for (int t = 0; t < roots.length; t++) block(t, ranks, slots, margins, from, length);
    }
  }

  private void block(int t, int[] ranks, int slots, double[] margins, int from, int length) {
    int root = roots[t];
    boolean mixed = categorical[t];
    int i = 0;
    for (; i + 4 <= length; i += 4) {
      int ra = i * slots;
      int rb = ra + slots;
      int rc = rb + slots;
      int rd = rc + slots;
      int a = root;
      int b = root;
      int c = root;
      int d = root;
      long all;
      if (mixed) {
        do {
          long na = nodes[a];
          long nb = nodes[b];
          long nc = nodes[c];
          long nd = nodes[d];
          all = na & nb & nc & nd;
          a = mixed(na, bits, ranks, ra);
          b = mixed(nb, bits, ranks, rb);
          c = mixed(nc, bits, ranks, rc);
          d = mixed(nd, bits, ranks, rd);
        } while (all >= 0);
      } else {
        do {
          long na = nodes[a];
          long nb = nodes[b];
          long nc = nodes[c];
          long nd = nodes[d];
          all = na & nb & nc & nd;
          a = plain(na, ranks, ra);
          b = plain(nb, ranks, rb);
          c = plain(nc, ranks, rc);
          d = plain(nd, ranks, rd);
        } while (all >= 0);
      }
      margins[from + i] += leaves[a];
      margins[from + i + 1] += leaves[b];
      margins[from + i + 2] += leaves[c];
      margins[from + i + 3] += leaves[d];
    }
    for (; i < length; i++) margins[from + i] += leaves[walk(root, ranks, i * slots)];
  }

  private int walk(int root, int[] ranks, int base) {
    int at = root;
    long node;
    do {
      node = nodes[at];
      at = mixed(node, bits, ranks, base);
    } while (node >= 0);
    return at;
  }

  /// The next node: left, or right where the rank is over the node's.
  private static int plain(long node, int[] ranks, int base) {
    int rank = ranks[base + ((int) (node >>> LEFT_BITS) & SLOT_MASK)];
    return ((int) node & LEFT_MASK) + ((int) (node >>> RANK_SHIFT & RANK_MASK) - rank >>> 31);
  }

  /// The same, also for a categorical node: right unless the category's bit is set. Other nodes
  /// look up a bit that is never set.
  private static int mixed(long node, int[] bits, int[] ranks, int base) {
    int rank = ranks[base + ((int) (node >>> LEFT_BITS) & SLOT_MASK)];
    int own = (int) (node >>> RANK_SHIFT) & RANK_MASK;
    int category = (int) (node << 1 >> 63);
    int bit = bits[(own & category) + (rank >>> 5)] >>> rank;
    return ((int) node & LEFT_MASK) + ((own - rank >>> 31 | category) & ~bit & 1);
  }

  /// Lays the trees out, parents before children and siblings side by side.
  private static final class Builder {
    private final Ranker ranker;
    private final long[] nodes;
    private final double[] leaves;
    private final List<Integer> roots = new java.util.ArrayList<>();
    private int used;
    private int[] bits;
    private int bitsUsed;

    Builder(Ranker ranker, int count) {
      this.ranker = ranker;
      this.nodes = new long[count];
      this.leaves = new double[count];
      this.bitsUsed = ranker.wordsForRanks();
      this.bits = new int[bitsUsed];
    }

    void add(LightGbmTree tree) {
      int size = 2 * tree.leaf().length - 1;
      int[] queue = new int[size];
      int base = used;
      roots.add(base);
      queue[0] = tree.feature().length == 0 ? ~0 : 0;
      int filled = 1;
      for (int i = 0; i < size; i++) {
        int source = queue[i];
        if (source < 0) {
          leaves[base + i] = tree.leaf()[~source];
          nodes[base + i] = LEAF | node(base + i, 0, RANK_MASK);
          continue;
        }
        queue[filled] = tree.left()[source];
        queue[filled + 1] = tree.right()[source];
        int slot = ranker.slot(tree, source);
        nodes[base + i] =
            tree.categorical(source)
                ? CATEGORICAL | node(base + filled, slot, copyBits(tree, source))
                : node(
                    base + filled,
                    slot,
                    ranker.place(tree.feature()[source], tree.threshold()[source]));
        filled += 2;
      }
      used += size;
    }

    /// The node's bitset moved up by one place, and wide enough for every category of its feature.
    private int copyBits(LightGbmTree tree, int node) {
      int set = (int) tree.threshold()[node];
      int from = tree.categoryStart()[set];
      int words = ranker.words(tree.feature()[node]);
      if (bitsUsed + words > bits.length) {
        bits = Arrays.copyOf(bits, Math.max(bits.length * 2, bitsUsed + words));
      }
      LightGbmTree.require(bitsUsed + words <= RANK_MASK, "its bitsets of categories are too many");
      int length = tree.categoryStart()[set + 1] - from;
      for (int category = 0; category < length * 32; category++) {
        if ((tree.categoryBits()[from + (category >>> 5)] >>> category & 1) == 0) continue;
        bits[bitsUsed + (category + 1 >>> 5)] |= 1 << (category + 1);
      }
      bitsUsed += words;
      return bitsUsed - words;
    }

    Forest build(List<LightGbmTree> trees) {
      boolean[] categorical = new boolean[trees.size()];
      for (int t = 0; t < categorical.length; t++) {
        categorical[t] = trees.get(t).categoryStart().length > 1;
      }
      int[] rootsAt = roots.stream().mapToInt(Integer::intValue).toArray();
      int[] bitsCut = Arrays.copyOf(bits, bitsUsed);
      return new Forest(ranker, nodes, leaves, rootsAt, bitsCut, categorical);
    }
  }
}
