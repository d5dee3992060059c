package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// A model as XGBoost 1.0 to 3 writes it into JSON or UBJSON, both of one shape.
///
/// XGBoost compares floats with `<`; a missing value (NaN) goes where its node says. A category
/// goes right if it is among those of its node. Base scores stand in the file as the objective
/// predicts them, and begin the sum as its margin.
final class Xgboost {
  private static final String SUPPORTED =
      "Train gbtree, dart or gblinear with an objective of binary, reg, count, multi, rank or"
          + " survival and one output a tree";

  private static final int BITSETS_WORD = 32;
  private static final int CATEGORY_MAX = 1 << 20;

  private final Map<String, Object> learner;
  private final String objective;
  private final int groups;
  private final int width;

  private Xgboost(Map<String, Object> document) {
    this.learner = Doc.object(document, "learner");
    this.objective = Doc.text(Doc.object(learner, "objective"), "name");
    if (objective.equals("binary:logitraw")) {
      int[] version = Doc.integers(document, "version");
      boolean known = version.length == 3 && (version[0] > 1 || version[1] >= 7);
      // Before, its base score was a probability.
      if (!known) throw unsupported("logitraw of XGBoost before 1.7", SUPPORTED);
    }
    Map<String, Object> param = Doc.object(learner, "learner_model_param");
    int classes = Doc.integer(param, "num_class", 0);
    int targets = Doc.integer(param, "num_target", 1);
    require(classes >= 0 && targets >= 1, "num_class or num_target is out of range");
    this.groups = Math.max(1, Math.max(classes, targets));
    this.width = Doc.integer(param, "num_feature", -1);
    require(width >= 0, "num_feature is missing");
  }

  /// @param document of [JsonReader] or [UbjReader]
  static Core read(Object document) {
    return new Xgboost(Doc.object(document, "the document")).core();
  }

  private Core core() {
    Link link = link();
    float[] base = base(Doc.text(Doc.object(learner, "learner_model_param"), "base_score"));
    Map<String, Object> booster = Doc.object(learner, "gradient_booster");
    String name = Doc.text(booster, "name");
    List<String> features = names();
    return switch (name) {
      case "gbtree" -> trees(Doc.object(booster, "model"), new double[0], base, link, features);
      case "dart" -> {
        Map<String, Object> trees = Doc.object(Doc.object(booster, "gbtree"), "model");
        yield trees(trees, Doc.numbers(booster, "weight_drop"), base, link, features);
      }
      case "gblinear" -> linear(Doc.object(booster, "model"), base, link, features);
      default -> throw unsupported("its booster is '" + shown(name) + "'", SUPPORTED);
    };
  }

  private List<String> names() {
    if (!learner.containsKey("feature_names")) return List.of();
    List<String> names = new ArrayList<>();
    for (Object name : Doc.list(learner, "feature_names")) {
      if (!(name instanceof String text)) throw damaged("a feature's name is not a text");
      names.add(text);
    }
    require(names.isEmpty() || names.size() == width, "num_feature and feature_names differ");
    return List.copyOf(names);
  }

  private Link link() {
    return LibraryLink.of(
        switch (objective) {
          case "binary:logistic", "reg:logistic" -> LibraryLink.Kind.FLOAT_LOGISTIC;
          case "binary:hinge" -> LibraryLink.Kind.HINGE;
          case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft" ->
              LibraryLink.Kind.FLOAT_EXPONENTIAL;
          case "multi:softprob" -> LibraryLink.Kind.FLOAT_SOFTMAX;
          case "multi:softmax" -> LibraryLink.Kind.ARGMAX;
          case "binary:logitraw",
              "reg:squarederror",
              "reg:linear",
              "reg:squaredlogerror",
              "reg:pseudohubererror",
              "reg:absoluteerror",
              "reg:quantileerror",
              "rank:pairwise",
              "rank:ndcg",
              "rank:map" ->
              LibraryLink.Kind.IDENTITY;
          default -> throw unsupported("its objective is '" + shown(objective) + "'", SUPPORTED);
        });
  }

  /// The base scores as margins; one for all outputs, or since XGBoost 3.1 one for each.
  private float[] base(String text) {
    String inner =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    String[] words = inner.split(",", -1);
    require(words.length == 1 || words.length == groups, "base_score is not one for each output");
    float[] base = new float[groups];
    for (int g = 0; g < groups; g++) {
      String word = words[words.length == 1 ? 0 : g];
      try {
        base[g] = margin(Float.parseFloat(word));
      } catch (NumberFormatException e) {
        throw damaged("base_score is '" + shown(text) + "', not a number");
      }
      require(Float.isFinite(base[g]), "base_score is not one that the objective can predict");
    }
    return base;
  }

  private float margin(float score) {
    return switch (objective) {
      case "binary:logistic", "reg:logistic" -> -(float) StrictMath.log(1.0f / score - 1.0f);
      case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft" ->
          (float) StrictMath.log(score);
      default -> score;
    };
  }

  private Core linear(Map<String, Object> model, float[] base, Link link, List<String> features) {
    double[] weights = floats(Doc.numbers(model, "weights"));
    require(weights.length == (width + 1L) * groups, "the weights are not one for each feature");
    for (double weight : weights) require(Double.isFinite(weight), "a weight is not a number");
    return new Core(features, new LinearMargins(width, weights, base), link);
  }

  private static double[] floats(double[] numbers) {
    double[] floats = new double[numbers.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) numbers[i];
    return floats;
  }

  private Core trees(
      Map<String, Object> model, double[] weights, float[] base, Link link, List<String> features) {
    List<Object> listed = Doc.list(model, "trees");
    int[] info = Doc.integers(model, "tree_info");
    Map<String, Object> param = Doc.object(model, "gbtree_model_param");
    int stated = Doc.integer(param, "num_trees", listed.size());
    require(stated == listed.size(), "num_trees and trees differ");
    require(info.length == listed.size(), "tree_info and trees differ");
    require(weights.length == 0 || weights.length == listed.size(), "weight_drop and trees differ");
    List<Tree> trees = new ArrayList<>();
    long nodes = 0;
    for (int t = 0; t < info.length; t++) {
      float weight = weights.length == 0 ? 1 : (float) weights[t];
      Map<String, Object> tree = Doc.object(listed.get(t), "tree " + t);
      nodes += Doc.numbers(tree, "left_children").length;
      require(nodes < 1 << 24, "there are more than 16 million nodes");
      trees.add(tree(tree, info[t], weight));
    }
    double[] begin = new double[groups];
    for (int g = 0; g < groups; g++) begin[g] = base[g];
    Ensemble ensemble =
        new Ensemble(
            width, groups, Ensemble.Reading.FLOAT, Ensemble.Adding.FLOAT_SUM, begin, trees);
    return new Core(features, new TreeMargins(ensemble), link)
        .with(XgboostCategories.read(model, width));
  }

  private static Tree tree(Map<String, Object> tree, int group, float weight) {
    Map<String, Object> param = Doc.object(tree, "tree_param");
    if (Doc.integer(param, "size_leaf_vector", 1) > 1) {
      throw unsupported("its trees have several outputs each", SUPPORTED);
    }
    int[] left = Doc.integers(tree, "left_children");
    int[] right = Doc.integers(tree, "right_children");
    int[] feature = Doc.integers(tree, "split_indices");
    double[] condition = Doc.numbers(tree, "split_conditions");
    double[] toLeft = Doc.numbers(tree, "default_left");
    int count = left.length;
    int[] type = Doc.integers(tree, "split_type");
    require(
        Doc.integer(param, "num_nodes", count) == count
            && right.length == count
            && feature.length == count
            && condition.length == count
            && toLeft.length == count
            && (type.length == 0 || type.length == count),
        "a tree's lists are not one entry for each node");
    Bitsets bitsets = new Bitsets(tree, count);
    Nodes nodes = new Nodes(count, 1, group);
    for (int i = 0; i < count; i++) {
      boolean isLeaf = left[i] == -1;
      require(isLeaf == (right[i] == -1), "a node has one child");
      // XGBoost itself looks for the right child behind the left one.
      require(isLeaf || right[i] == left[i] + 1, "two siblings lie apart");
      float at = (float) condition[i];
      boolean isCategory = type.length > 0 && type[i] != 0;
      require(type.length == 0 || type[i] == 0 || type[i] == 1, "a split is of an unknown type");
      int side = toLeft[i] != 0 ? 1 : 0;
      if (isLeaf) {
        nodes.leaf(i, 0, weight * at);
      } else if (isCategory) {
        int set = bitsets.of(i);
        nodes.split(i, left[i], right[i], feature[i], set, Manner.CATEGORY_NAN_RIGHT + side);
      } else {
        require(at > Float.NEGATIVE_INFINITY, "a split condition is not a number");
        // x < at, of floats: no double between them is one.
        double below = Math.nextDown((double) at);
        nodes.split(i, left[i], right[i], feature[i], below, Manner.NAN_RIGHT + side);
      }
    }
    return nodes.tree(bitsets.start(), bitsets.words());
  }

  /// The categories of a tree's nodes.
  private static final class Bitsets {
    private final int[] number;
    private final int[] start;
    private int[] words = new int[0];

    Bitsets(Map<String, Object> tree, int nodes) {
      int[] categories = Doc.integers(tree, "categories");
      int[] of = Doc.integers(tree, "categories_nodes");
      int[] segments = Doc.integers(tree, "categories_segments");
      int[] sizes = Doc.integers(tree, "categories_sizes");
      require(
          segments.length == of.length && sizes.length == of.length,
          "the categories of nodes differ in length");
      this.number = new int[nodes];
      this.start = new int[of.length + 1];
      for (int i = 0; i < of.length; i++) {
        require(of[i] >= 0 && of[i] < nodes, "categories are of a node that is not there");
        require(number[of[i]] == 0, "a node has categories twice");
        number[of[i]] = i + 1;
        int from = segments[i];
        boolean within = from >= 0 && sizes[i] >= 0 && from <= categories.length - sizes[i];
        require(within, "categories of a node are outside their list");
        int most = 0;
        for (int c = from; c < from + sizes[i]; c++) {
          boolean known = categories[c] >= 0 && categories[c] < CATEGORY_MAX;
          require(known, "a category is negative or over a million");
          most = Math.max(most, categories[c]);
        }
        start[i + 1] = Math.addExact(start[i], most / BITSETS_WORD + 1);
        require(start[i + 1] <= 1 << 24, "its bitsets of categories are too many");
        if (start[i + 1] > words.length) {
          words = Arrays.copyOf(words, Math.max(words.length * 2, start[i + 1]));
        }
        for (int c = from; c < from + sizes[i]; c++) {
          words[start[i] + categories[c] / BITSETS_WORD] |= 1 << categories[c];
        }
      }
      words = Arrays.copyOf(words, start[of.length]);
    }

    /// The number of a node's bitset.
    int of(int node) {
      require(number[node] > 0, "a categorical node has no categories");
      return number[node] - 1;
    }

    int[] start() {
      return start;
    }

    int[] words() {
      return words;
    }
  }
}
