package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;

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

  /// How many walks are in flight at once. Fewer rows are walked one by one, several trees of each.
  private static final int EIGHT = 8;

  /// The same where bits are looked up, which takes more registers.
  private static final int FOUR = 4;

  private final Ranker ranker;
  private final long[] nodes;

  /// Per node, what a leaf there adds; where leaves have several values, the place of the first of
  /// them in [#vectors].
  private final double[] leaves;

  private final int[] roots;

  /// The bitsets of categorical nodes; before them words without a set bit, for the others.
  private final int[] bits;

  /// Per tree, whether it looks up bits.
  private final boolean[] mixed;

  /// Per tree, the output its leaves count for.
  private final int[] groups;

  private final double[] base;
  private final Ensemble.Adding adding;

  /// How many values a leaf has, and all of them; empty where it is one.
  private final int values;

  private final double[] vectors;

  private Forest(Ensemble ensemble, Builder built) {
    this.ranker = built.ranker;
    this.nodes = built.nodes;
    this.leaves = built.leaves;
    this.roots = built.roots;
    this.bits = Arrays.copyOf(built.bits, built.bitsUsed);
    this.mixed = built.mixed;
    this.groups = built.groups;
    this.base = ensemble.base();
    this.adding = ensemble.adding();
    this.values = built.values;
    this.vectors = built.vectors;
  }

  static Forest of(Ensemble ensemble) {
    Builder builder = new Builder(ensemble);
    for (Tree tree : ensemble.trees()) builder.add(tree);
    return new Forest(ensemble, builder);
  }

  /// How many outputs a row has.
  int groups() {
    return base.length;
  }

  private static long node(int left, int slot, int rank) {
    return (long) rank << (LEFT_BITS + SLOT_BITS) | (long) slot << LEFT_BITS | left;
  }

  /// The margins of rows that lie one after the other, row after row.
  ///
  /// @param rows each `width` long, from `from` on
  /// @param margins filled from 0 to count times groups
  void margins(double[] rows, int from, int width, double[] margins, int count) {
    int slots = ranker.slots();
    if (count < EIGHT) {
      int[] ranks = new int[slots + EIGHT];
      for (int i = 0; i < count; i++) one(rows, from + i * width, ranks, margins, i * base.length);
      return;
    }
    int[] ranks = new int[slots * Math.min(BLOCK, count)];
    for (int first = 0; first < count; first += BLOCK) {
      int length = Math.min(BLOCK, count - first);
      for (int i = 0; i < length; i++) {
        ranker.rank(rows, from + (first + i) * width, ranks, i * slots);
        begin(margins, (first + i) * base.length);
      }
      for (int t = 0; t < roots.length; t++) {
        if (mixed[t]) mixedBlock(t, ranks, slots, margins, first, length);
        else plainBlock(t, ranks, slots, margins, first, length);
      }
    }
  }

  private void begin(double[] margins, int to) {
    for (int k = 0; k < base.length; k++) margins[to + k] = base[k];
  }

  /// One row through all trees: eight of them in flight, or four that look up bits.
  ///
  /// @param ranks room for the row's ranks, and behind them for [#EIGHT] places of leaves
  private void one(double[] row, int from, int[] ranks, double[] margins, int to) {
    ranker.rank(row, from, ranks, 0);
    begin(margins, to);
    int arrived = ranker.slots();
    boolean single = base.length == 1 && values == 1;
    double sum = base[0];
    int trees = roots.length;
    int t = 0;
    while (t < trees) {
      int walked = walkTrees(t, ranks, arrived);
      // One output keeps its sum in a register.
      if (single) {
        for (int k = 0; k < walked; k++) sum = add(sum, leaves[ranks[arrived + k]]);
      } else {
        for (int k = 0; k < walked; k++) put(margins, to, t + k, ranks[arrived + k]);
      }
      t += walked;
    }
    if (single) margins[to] = sum;
  }

  /// Walks the next trees, as many as go together, and says how many.
  private int walkTrees(int t, int[] ranks, int to) {
    int left = roots.length - t;
    int plain = 0;
    while (plain < Math.min(left, EIGHT) && !mixed[t + plain]) plain++;
    if (plain == EIGHT) {
      eightTrees(t, ranks, to);
      return EIGHT;
    }
    if (left >= FOUR) {
      fourTrees(t, ranks, to);
      return FOUR;
    }
    ranks[to] = walk(roots[t], ranks, 0);
    return 1;
  }

  private void eightTrees(int t, int[] ranks, int to) {
    int a = roots[t];
    int b = roots[t + 1];
    int c = roots[t + 2];
    int d = roots[t + 3];
    int e = roots[t + 4];
    int f = roots[t + 5];
    int g = roots[t + 6];
    int h = roots[t + 7];
    long all;
    do {
      long na = nodes[a];
      long nb = nodes[b];
      long nc = nodes[c];
      long nd = nodes[d];
      long ne = nodes[e];
      long nf = nodes[f];
      long ng = nodes[g];
      long nh = nodes[h];
      all = na & nb & nc & nd & ne & nf & ng & nh;
      a = plain(na, ranks, 0);
      b = plain(nb, ranks, 0);
      c = plain(nc, ranks, 0);
      d = plain(nd, ranks, 0);
      e = plain(ne, ranks, 0);
      f = plain(nf, ranks, 0);
      g = plain(ng, ranks, 0);
      h = plain(nh, ranks, 0);
    } while (all >= 0);
    ranks[to + 0] = a;
    ranks[to + 1] = b;
    ranks[to + 2] = c;
    ranks[to + 3] = d;
    ranks[to + 4] = e;
    ranks[to + 5] = f;
    ranks[to + 6] = g;
    ranks[to + 7] = h;
  }

  /// Four trees, some of which look up bits.
  private void fourTrees(int t, int[] ranks, int to) {
    int a = roots[t];
    int b = roots[t + 1];
    int c = roots[t + 2];
    int d = roots[t + 3];
    long all;
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
    ranks[to + 0] = a;
    ranks[to + 1] = b;
    ranks[to + 2] = c;
    ranks[to + 3] = d;
  }

  /// Many rows through a tree, eight of them in flight.
  private void plainBlock(int t, int[] ranks, int slots, double[] margins, int from, int length) {
    int root = roots[t];
    int outputs = base.length;
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      int ra = i * slots;
      int rb = ra + slots;
      int rc = rb + slots;
      int rd = rc + slots;
      int re = rd + slots;
      int rf = re + slots;
      int rg = rf + slots;
      int rh = rg + slots;
      int a = root;
      int b = root;
      int c = root;
      int d = root;
      int e = root;
      int f = root;
      int g = root;
      int h = root;
      long all;
      do {
        long na = nodes[a];
        long nb = nodes[b];
        long nc = nodes[c];
        long nd = nodes[d];
        long ne = nodes[e];
        long nf = nodes[f];
        long ng = nodes[g];
        long nh = nodes[h];
        all = na & nb & nc & nd & ne & nf & ng & nh;
        a = plain(na, ranks, ra);
        b = plain(nb, ranks, rb);
        c = plain(nc, ranks, rc);
        d = plain(nd, ranks, rd);
        e = plain(ne, ranks, re);
        f = plain(nf, ranks, rf);
        g = plain(ng, ranks, rg);
        h = plain(nh, ranks, rh);
      } while (all >= 0);
      int to = (from + i) * outputs;
      put(margins, to, t, a);
      to += outputs;
      put(margins, to, t, b);
      to += outputs;
      put(margins, to, t, c);
      to += outputs;
      put(margins, to, t, d);
      to += outputs;
      put(margins, to, t, e);
      to += outputs;
      put(margins, to, t, f);
      to += outputs;
      put(margins, to, t, g);
      to += outputs;
      put(margins, to, t, h);
    }
    for (; i < length; i++) {
      put(margins, (from + i) * outputs, t, walk(root, ranks, i * slots));
    }
  }

  /// Many rows through a tree that looks up bits, four of them in flight.
  private void mixedBlock(int t, int[] ranks, int slots, double[] margins, int from, int length) {
    int root = roots[t];
    int outputs = base.length;
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
      int to = (from + i) * outputs;
      put(margins, to, t, a);
      to += outputs;
      put(margins, to, t, b);
      to += outputs;
      put(margins, to, t, c);
      to += outputs;
      put(margins, to, t, d);
    }
    for (; i < length; i++) {
      put(margins, (from + i) * outputs, t, walk(root, ranks, i * slots));
    }
  }

  /// Adds what a leaf is worth to the margins of a row.
  private void put(double[] margins, int to, int t, int leaf) {
    int at = to + groups[t];
    if (values == 1) {
      margins[at] = add(margins[at], leaves[leaf]);
      return;
    }
    int from = (int) leaves[leaf];
    for (int k = 0; k < values; k++) margins[at + k] = add(margins[at + k], vectors[from + k]);
  }

  private double add(double sum, double leaf) {
    return switch (adding) {
      case SUM -> sum + leaf;
      // Both are floats, and a sum of two floats is rounded alike by way of a double.
      case FLOAT_SUM -> (float) (sum + leaf);
      case MIN -> Math.min(sum, leaf);
      case MAX -> Math.max(sum, leaf);
    };
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
    private final int[] roots;
    private final boolean[] mixed;
    private final int[] groups;
    private final int values;
    private final double[] vectors;
    private int trees;
    private int used;
    private int vectorsUsed;
    private int[] bits;
    private int bitsUsed;

    Builder(Ensemble ensemble) {
      List<Tree> all = ensemble.trees();
      this.ranker = Ranker.of(ensemble);
      int count = all.stream().mapToInt(tree -> 2 * tree.leaves() - 1).sum();
      this.nodes = new long[count];
      this.leaves = new double[count];
      this.roots = new int[all.size()];
      this.mixed = new boolean[all.size()];
      this.groups = new int[all.size()];
      this.values = all.isEmpty() ? 1 : all.get(0).values();
      int total = values == 1 ? 0 : all.stream().mapToInt(tree -> tree.leaf().length).sum();
      this.vectors = new double[total];
      this.bitsUsed = ranker.wordsForRanks();
      this.bits = new int[bitsUsed];
    }

    void add(Tree tree) {
      require(tree.values() == values, "its trees differ in the number of outputs");
      int size = 2 * tree.leaves() - 1;
      int[] queue = new int[size];
      int base = used;
      roots[trees] = base;
      mixed[trees] = tree.hasBits();
      groups[trees++] = tree.group();
      queue[0] = tree.feature().length == 0 ? ~0 : 0;
      int filled = 1;
      for (int i = 0; i < size; i++) {
        int source = queue[i];
        if (source < 0) {
          leaves[base + i] = leaf(tree, ~source);
          nodes[base + i] = LEAF | node(base + i, 0, RANK_MASK);
          continue;
        }
        queue[filled] = tree.left()[source];
        queue[filled + 1] = tree.right()[source];
        int slot = ranker.slot(tree, source);
        nodes[base + i] =
            Manner.hasBits(tree.manner()[source])
                ? CATEGORICAL | node(base + filled, slot, bitsOf(tree, source))
                : node(
                    base + filled,
                    slot,
                    ranker.place(tree.feature()[source], tree.threshold()[source]));
        filled += 2;
      }
      used += size;
    }

    private double leaf(Tree tree, int leaf) {
      if (values == 1) return tree.leaf()[leaf];
      System.arraycopy(tree.leaf(), leaf * values, vectors, vectorsUsed, values);
      vectorsUsed += values;
      return vectorsUsed - values;
    }

    /// The place of a node's bits among all of them: a set bit goes left.
    private int bitsOf(Tree tree, int node) {
      int manner = tree.manner()[node];
      int feature = tree.feature()[node];
      int words = ranker.words(feature, manner);
      require(bitsUsed + (long) words <= RANK_MASK, "its bitsets of categories are too many");
      if (bitsUsed + words > bits.length) {
        bits = Arrays.copyOf(bits, Math.max(bits.length * 2, bitsUsed + words));
      }
      int at = bitsUsed;
      bitsUsed += words;
      switch (manner) {
        case Manner.CATEGORY -> categories(tree, node, at);
        case Manner.EQUAL_NAN_RIGHT, Manner.EQUAL_NAN_LEFT -> {
          set(at, ranker.place(feature, tree.threshold()[node]));
          if (manner == Manner.EQUAL_NAN_LEFT) set(at, ranker.missingRank(feature));
        }
        default -> {
          categories(tree, node, at);
          for (int i = at; i < at + words; i++) bits[i] = ~bits[i];
          int missing = Ranker.noCategory(words) - 1;
          if (manner == Manner.CATEGORY_NAN_RIGHT) bits[at + (missing >>> 5)] &= ~(1 << missing);
        }
      }
      return at;
    }

    /// The node's own bitset, moved up by one place.
    private void categories(Tree tree, int node, int at) {
      int set = (int) tree.threshold()[node];
      int from = tree.categoryStart()[set];
      int length = tree.categoryStart()[set + 1] - from;
      for (int category = 0; category < length * 32; category++) {
        if ((tree.categoryBits()[from + (category >>> 5)] >>> category & 1) == 0) continue;
        set(at, category + 1);
      }
    }

    private void set(int at, int bit) {
      bits[at + (bit >>> 5)] |= 1 << bit;
    }
  }
}
