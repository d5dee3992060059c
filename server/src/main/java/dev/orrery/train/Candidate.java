package dev.orrery.train;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.Constant;
import dev.orrery.model.Linear;
import dev.orrery.model.Rule;
import dev.orrery.model.Trees;
import java.util.List;
import java.util.Map;

/// A way to make a model, with its parameters checked.
public sealed interface Candidate {
  /// The words that name a candidate in files.
  List<String> KINDS = List.of(Constant.KIND, Rule.KIND, Linear.KIND, Trees.KIND);

  /// `majority`, `rule`, `logistic_regression` or `lightgbm`.
  String kind();

  /// The share of positives, said of every row.
  record Majority() implements Candidate {
    @Override
    public String kind() {
      return Constant.KIND;
    }
  }

  /// A comparison written by hand.
  record ByRule(Rule.Condition condition) implements Candidate {
    /// @throws Problem of kind INVALID if the text is no rule
    public static ByRule parse(String text) {
      return new ByRule(Rule.Condition.parse(text));
    }

    @Override
    public String kind() {
      return Rule.KIND;
    }
  }

  /// Logistic regression.
  ///
  /// @param l2 weight of half the squared weights against the sum of losses, >= 0; scikit-learn's
  ///   `1 / C`
  /// @param iterations at most so many steps
  record LogisticRegression(double l2, int iterations) implements Candidate {
    public static final LogisticRegression DEFAULT = new LogisticRegression(1, 200);
    private static final List<String> KEYS = List.of("l2", "iterations");

    public LogisticRegression {
      range("l2", l2, 0, 1e12);
      range("iterations", iterations, 1, 10_000);
    }

    /// @throws Problem of kind INVALID at a key that is unknown or a value out of its range
    public static LogisticRegression of(Map<String, Double> parameters) {
      known(parameters, KEYS);
      return new LogisticRegression(
          parameters.getOrDefault("l2", DEFAULT.l2),
          whole(parameters, "iterations", DEFAULT.iterations));
    }

    @Override
    public String kind() {
      return Linear.KIND;
    }
  }

  /// Gradient-boosted trees by LightGBM.
  ///
  /// @param trees how many, one after the other
  /// @param leaves at most so many per tree
  /// @param learningRate by which each tree's leaves are shrunk
  /// @param depth at most so many levels; -1 for any
  /// @param leafRows at least so many training rows per leaf
  /// @param rowShare share of rows drawn anew for each tree, by the seed
  /// @param featureShare share of features drawn anew for each tree, by the seed
  /// @param l1 weight of the absolute leaf values
  /// @param l2 weight of the squared leaf values
  /// @param bins into which each feature's values are sorted before training
  record LightGbm(
      int trees,
      int leaves,
      double learningRate,
      int depth,
      int leafRows,
      double rowShare,
      double featureShare,
      double l1,
      double l2,
      int bins)
      implements Candidate {
    public static final LightGbm DEFAULT = new LightGbm(100, 31, 0.1, -1, 20, 1, 1, 0, 0, 255);
    private static final List<String> KEYS =
        List.of(
            "trees",
            "leaves",
            "learning_rate",
            "depth",
            "leaf_rows",
            "row_share",
            "feature_share",
            "l1",
            "l2",
            "bins");

    public LightGbm {
      range("trees", trees, 1, 100_000);
      range("leaves", leaves, 2, 131_072);
      range("learning_rate", learningRate, 1e-9, 10);
      range("depth", depth, -1, 1_000);
      range("leaf_rows", leafRows, 0, 1e9);
      range("row_share", rowShare, 1e-6, 1);
      range("feature_share", featureShare, 1e-6, 1);
      range("l1", l1, 0, 1e12);
      range("l2", l2, 0, 1e12);
      range("bins", bins, 2, 65_535);
    }

    /// The parameters given, the others as in [#DEFAULT].
    ///
    /// @throws Problem of kind INVALID at a key that is unknown or a value out of its range
    public static LightGbm of(Map<String, Double> parameters) {
      known(parameters, KEYS);
      return new LightGbm(
          whole(parameters, "trees", DEFAULT.trees),
          whole(parameters, "leaves", DEFAULT.leaves),
          parameters.getOrDefault("learning_rate", DEFAULT.learningRate),
          whole(parameters, "depth", DEFAULT.depth),
          whole(parameters, "leaf_rows", DEFAULT.leafRows),
          parameters.getOrDefault("row_share", DEFAULT.rowShare),
          parameters.getOrDefault("feature_share", DEFAULT.featureShare),
          parameters.getOrDefault("l1", DEFAULT.l1),
          parameters.getOrDefault("l2", DEFAULT.l2),
          whole(parameters, "bins", DEFAULT.bins));
    }

    @Override
    public String kind() {
      return Trees.KIND;
    }
  }

  private static void known(Map<String, Double> parameters, List<String> keys) {
    for (String key : parameters.keySet()) {
      if (!keys.contains(key)) {
        throw new Problem(
            Fault.BAD_CANDIDATE,
            "'%s' is no parameter of this candidate".formatted(Texts.shown(key)),
            Texts.didYouMean(key, keys));
      }
    }
  }

  private static int whole(Map<String, Double> parameters, String key, int otherwise) {
    double value = parameters.getOrDefault(key, (double) otherwise);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw new Problem(
          Fault.BAD_CANDIDATE,
          "'%s' is %s, and must be a whole number".formatted(key, value),
          "Give a whole number");
    }
    return (int) value;
  }

  private static void range(String key, double value, double min, double max) {
    if (!(value >= min && value <= max)) {
      throw new Problem(
          Fault.BAD_CANDIDATE,
          "'%s' is %s, out of its range".formatted(key, plain(value)),
          "Give a number from %s to %s".formatted(plain(min), plain(max)));
    }
  }

  private static String plain(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }
}
