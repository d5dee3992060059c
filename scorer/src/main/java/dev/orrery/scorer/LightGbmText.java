package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.damaged;
import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.BadModelException.unsupported;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// LightGBM's own text of a model (versions 3 and 4), read and checked before any of it is used.
///
/// Trees stand in the order in which their leaves are summed; of several classes one tree of each,
/// turn by turn.
final class LightGbmText {
  static final int LENGTH_MAX = 256 << 20;
  private static final int LEAVES_MAX = 1 << 20;
  private static final int NODES_MAX = 1 << 24;
  private static final Pattern SPACE = Pattern.compile(" ");
  private static final String SUPPORTED = "Train plain trees with one of LightGBM's own objectives";

  private LightGbmText() {}

  /// @throws BadModelException if the text is damaged, or of a sort that is not scored here
  static Core read(String text) {
    require(text.length() <= LENGTH_MAX, "it is longer than 256 MiB");
    require(text.startsWith("tree\n"), "it does not begin with 'tree'");
    int end = text.indexOf("\nend of trees\n");
    require(end >= 0, "'end of trees' is missing, so it is cut short");
    boolean cut = text.contains("\nparameters:") && !text.contains("\nend of parameters");
    require(!cut, "'end of parameters' is missing, so it is cut short");
    int first = text.indexOf("\nTree=");
    int headerEnd = first < 0 || first > end ? end : first;
    Map<String, String> header = keys(text, "tree\n".length(), headerEnd);
    String version = need(header, "version");
    if (!version.equals("v4") && !version.equals("v3")) {
      throw unsupported("its version is '" + shown(version) + "'", SUPPORTED);
    }
    int groups = whole(need(header, "num_tree_per_iteration"));
    int classes = whole(need(header, "num_class"));
    require(groups >= 1 && groups == Math.max(1, classes), "its numbers of outputs differ");
    List<String> features = List.of(SPACE.split(need(header, "feature_names")));
    int count = whole(need(header, "max_feature_idx")) + 1;
    require(count == features.size(), "max_feature_idx and feature_names differ");
    List<Tree> trees =
        trees(text, headerEnd + 1, end + 1, integers(header.get("tree_sizes")), count, groups);
    require(trees.size() % groups == 0, "an iteration lacks a tree");
    boolean mean = header.containsKey("average_output");
    Ensemble ensemble =
        new Ensemble(
            count,
            groups,
            Ensemble.Reading.LIGHTGBM,
            Ensemble.Adding.SUM,
            new double[groups],
            trees);
    LibraryLink link = link(header.getOrDefault("objective", "custom"), groups);
    int iterations = Math.max(1, trees.size() / groups);
    return new Core(
            features,
            new TreeMargins(ensemble),
            new LibraryLink(link.kind(), link.slope(), mean ? iterations : 1))
        .with(LightGbmCategories.read(text, end, count, header.get("feature_infos")));
  }

  private static LibraryLink link(String objective, int groups) {
    String name = SPACE.split(objective)[0];
    LibraryLink.Kind kind =
        switch (name) {
          case "binary", "multiclassova", "cross_entropy" -> LibraryLink.Kind.LOGISTIC;
          case "poisson", "gamma", "tweedie" -> LibraryLink.Kind.EXPONENTIAL;
          case "cross_entropy_lambda" -> LibraryLink.Kind.LOG_OF_ONE_AND_EXPONENTIAL;
          case "multiclass" -> LibraryLink.Kind.SOFTMAX;
          case "regression" ->
              objective.contains(" sqrt")
                  ? LibraryLink.Kind.SIGNED_SQUARE
                  : LibraryLink.Kind.IDENTITY;
          case "custom",
              "regression_l1",
              "huber",
              "fair",
              "quantile",
              "mape",
              "lambdarank",
              "rank_xendcg" ->
              LibraryLink.Kind.IDENTITY;
          default -> throw unsupported("its objective is '" + shown(objective) + "'", SUPPORTED);
        };
    boolean several = name.startsWith("multiclass") || name.equals("custom");
    require(several || groups == 1, "its objective has one output, and its trees several");
    return new LibraryLink(kind, slope(objective), 1);
  }

  private static double slope(String objective) {
    for (String word : SPACE.split(objective)) {
      if (word.startsWith("sigmoid:")) {
        double slope = real(word.substring("sigmoid:".length()));
        require(
            slope > 0 && slope < Double.POSITIVE_INFINITY, "the sigmoid's slope is not above 0");
        return slope;
      }
    }
    return 1;
  }

  /// The blocks from one `Tree=` to the next, each exactly as long as the header says.
  private static List<Tree> trees(
      String text, int from, int to, int[] sizes, int featureCount, int groups) {
    List<Tree> trees = new ArrayList<>();
    long nodes = 0;
    int at = from;
    while (at < to) {
      int next = text.indexOf("\nTree=", at);
      int blockEnd = next < 0 || next >= to ? to : next + 1;
      int number = trees.size();
      require(number < sizes.length, "there are more trees than sizes");
      // The bytes of the block; the text is ASCII but for the names of features in the header.
      require(sizes[number] == blockEnd - at, "tree %d is not as long as stated".formatted(number));
      Map<String, String> keys = keys(text, at, blockEnd);
      require(
          need(keys, "Tree").equals(Integer.toString(number)),
          "tree %d is out of order".formatted(number));
      Tree tree = tree(keys, featureCount, number % groups);
      nodes += tree.leaf().length * 2L;
      require(nodes <= NODES_MAX, "there are more than 16 million nodes");
      trees.add(tree);
      at = blockEnd;
    }
    require(trees.size() == sizes.length, "there are fewer trees than sizes");
    return List.copyOf(trees);
  }

  private static Tree tree(Map<String, String> keys, int featureCount, int group) {
    int leaves = whole(need(keys, "num_leaves"));
    require(leaves >= 1 && leaves <= LEAVES_MAX, "a tree has %d leaves".formatted(leaves));
    if (keys.containsKey("is_linear") && whole(need(keys, "is_linear")) != 0) {
      throw unsupported("its leaves are linear models", SUPPORTED);
    }
    int bitsets = whole(need(keys, "num_cat"));
    double[] leaf = reals(need(keys, "leaf_value"));
    require(leaf.length == leaves, "num_leaves and leaf_value differ");
    if (leaves == 1) {
      require(bitsets == 0, "a tree of one leaf has bitsets");
      return Tree.ofLeaf(leaf, group);
    }
    int[] feature = integers(keys.get("split_feature"));
    for (int f : feature) require(f >= 0 && f < featureCount, "a node names no feature");
    int[] start = bitsets == 0 ? new int[1] : integers(keys.get("cat_boundaries"));
    require(start.length == bitsets + 1L, "num_cat and cat_boundaries differ");
    return new Tree(
        feature,
        reals(need(keys, "threshold")),
        manners(integers(keys.get("decision_type"))),
        integers(keys.get("left_child")),
        integers(keys.get("right_child")),
        leaf,
        1,
        group,
        reals(need(keys, "split_gain")),
        start,
        bitsets == 0 ? new int[0] : unsigned(need(keys, "cat_threshold")));
  }

  /// The lines `key=value` between two places; the names of features may contain anything but a
  /// space and a line's end.
  private static Map<String, String> keys(String text, int from, int to) {
    Map<String, String> keys = new HashMap<>();
    int at = from;
    while (at < to) {
      int line = text.indexOf('\n', at);
      if (line < 0 || line > to) line = to;
      if (line > at) {
        int equals = text.indexOf('=', at);
        boolean pair = equals >= 0 && equals < line;
        String key = pair ? text.substring(at, equals) : text.substring(at, line);
        String value = pair ? text.substring(equals + 1, line) : "";
        require(keys.put(key, value) == null, "a key stands twice");
      }
      at = line + 1;
    }
    return keys;
  }

  private static String need(Map<String, String> keys, String key) {
    String value = keys.get(key);
    if (value == null) throw damaged("'%s' is missing".formatted(key));
    return value;
  }

  /// LightGBM's decision types: bit 0 categorical, bit 1 missing goes left, bits 2 and 3 what
  /// counts as missing (nothing, what is nearly 0, NaN).
  private static byte[] manners(int[] types) {
    byte[] manners = new byte[types.length];
    for (int i = 0; i < types.length; i++) {
      int missing = types[i] >> 2;
      require(types[i] >= 0 && missing <= 2, "a decision type is unknown");
      boolean isCategory = (types[i] & 1) != 0;
      boolean left = missing != 0 && (types[i] & 2) != 0;
      manners[i] = (byte) (isCategory ? Manner.CATEGORY : 2 * missing + (left ? 1 : 0));
    }
    return manners;
  }

  private static int[] integers(@Nullable String text) {
    if (text == null) throw damaged("an array is missing");
    if (text.isEmpty()) return new int[0];
    String[] words = SPACE.split(text);
    int[] values = new int[words.length];
    for (int i = 0; i < words.length; i++) values[i] = whole(words[i]);
    return values;
  }

  private static int[] unsigned(String text) {
    String[] words = SPACE.split(text);
    int[] values = new int[words.length];
    try {
      for (int i = 0; i < words.length; i++) values[i] = Integer.parseUnsignedInt(words[i]);
    } catch (NumberFormatException e) {
      throw damaged("a word of categories is not a number");
    }
    return values;
  }

  private static double[] reals(String text) {
    if (text.isEmpty()) return new double[0];
    String[] words = SPACE.split(text);
    double[] values = new double[words.length];
    for (int i = 0; i < words.length; i++) values[i] = real(words[i]);
    return values;
  }

  private static int whole(String word) {
    try {
      return Integer.parseInt(word);
    } catch (NumberFormatException e) {
      throw damaged("'%s' is not a whole number".formatted(shown(word)));
    }
  }

  private static double real(String word) {
    try {
      return switch (word) {
        case "inf" -> Double.POSITIVE_INFINITY;
        case "-inf" -> Double.NEGATIVE_INFINITY;
        case "nan", "-nan" -> Double.NaN;
        default -> Double.parseDouble(word);
      };
    } catch (NumberFormatException e) {
      throw damaged("'%s' is not a number".formatted(shown(word)));
    }
  }
}
