package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;

import java.util.List;

/// Trees and how their leaves are added up, whatever file they come from.
///
/// @param width how many values a row has
/// @param groups how many outputs the leaves are added up to
/// @param reading what is done to a value before it is compared
/// @param adding how leaves are put together
/// @param base per group, what the sum begins with
record Ensemble(
    int width, int groups, Reading reading, Adding adding, double[] base, List<Tree> trees) {
  private static final int GROUPS_MAX = 10_000;
  private static final long NODES_MAX = 1 << 24;
  private static final int WIDTH_MAX = 1 << 24;

  /// What becomes of a value of a row before it is compared.
  enum Reading {
    /// It is taken as it is.
    DOUBLE,
    /// It is rounded to a float.
    FLOAT,
    /// What is nearly 0 is taken for 0, as LightGBM does with every row.
    LIGHTGBM
  }

  /// How the leaves that a row reaches become one value.
  enum Adding {
    SUM,
    /// Rounded to a float after every leaf.
    FLOAT_SUM,
    MIN,
    MAX
  }

  Ensemble {
    require(groups >= 1 && groups <= GROUPS_MAX, "it has " + groups + " outputs");
    require(width >= 0 && width <= WIDTH_MAX, "it has " + width + " features");
    require(base.length == groups, "its base scores are not one for each output");
    for (double value : base) require(!Double.isNaN(value), "a base score is not a number");
    trees = List.copyOf(trees);
    long nodes = 0;
    for (Tree tree : trees) {
      nodes += 2L * tree.leaves() - 1;
      long last = (long) tree.group() + tree.values();
      require(tree.group() >= 0 && last <= groups, "a tree is of an output that is not there");
      for (int f : tree.feature()) require(f >= 0 && f < width, "a node names no feature");
    }
    require(nodes < NODES_MAX, "there are more than 16 million nodes");
  }
}
