package dev.orrery.model;

import static dev.orrery.model.LightGbmTree.damaged;
import static dev.orrery.model.LightGbmTree.require;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// LightGBM's own text of a model (versions 3 and 4), read and checked before any of it is used.
///
/// @param features the names of the features, as LightGBM wrote them
/// @param link from margin to score, with its slope
/// @param trees in the order in which their leaves are summed
record LightGbmText(List<String> features, Link link, double slope, List<LightGbmTree> trees) {
  static final int LENGTH_MAX = 256 << 20;
  private static final int LEAVES_MAX = 1 << 20;
  private static final int NODES_MAX = 1 << 24;
  private static final Pattern SPACE = Pattern.compile(" ");

  /// Parameters that say how training ran, not what came out.
  private static final Pattern RUN_ONLY =
      Pattern.compile(
          "(?m)^\\[(num_threads|verbosity|data|valid|output_model|input_model|snapshot_freq"
              + "|machines|local_listen_port|time_out|machine_list_filename|gpu_[a-z_]+"
              + "|device_type|num_gpu|force_col_wise|force_row_wise)"
              + ":[^\\n]*\\]\\n");

  /// The text without the parameters that say only how training ran: those differ between runs of
  /// the same model.
  static String canonical(String text) {
    int parameters = text.indexOf("\nparameters:");
    if (parameters < 0) return text;
    return text.substring(0, parameters)
        + RUN_ONLY.matcher(text.substring(parameters)).replaceAll("");
  }

  /// @throws Problem of kind INVALID if the text is damaged, of kind UNSUPPORTED if it is of a sort
  ///   that is not scored here (several classes, linear leaves, averaged output)
  static LightGbmText read(String text) {
    require(text.length() <= LENGTH_MAX, "it is longer than 256 MiB");
    require(text.startsWith("tree\n"), "it does not begin with 'tree'");
    int end = text.indexOf("\nend of trees\n");
    require(end >= 0, "'end of trees' is missing, so it is cut short");
    boolean cut = text.contains("\nparameters:") && !text.contains("\nend of parameters");
    require(!cut, "'end of parameters' is missing, so it is cut short");
    int first = text.indexOf("\nTree=");
    int headerEnd = first < 0 || first > end ? end : first;
    Map<String, String> header = keys(text, "tree\n".length(), headerEnd);
    checkSort(header);
    List<String> features = List.of(SPACE.split(need(header, "feature_names")));
    int count = whole(need(header, "max_feature_idx")) + 1;
    require(count == features.size(), "max_feature_idx and feature_names differ");
    String objective = need(header, "objective");
    List<LightGbmTree> trees =
        trees(text, headerEnd + 1, end + 1, integers(header.get("tree_sizes")), count);
    return new LightGbmText(features, link(objective), slope(objective), trees);
  }

  private static void checkSort(Map<String, String> header) {
    String version = need(header, "version");
    if (!version.equals("v4") && !version.equals("v3")) {
      throw unsupported("its version is '%s'".formatted(Texts.shown(version)));
    }
    if (whole(need(header, "num_class")) != 1
        || whole(need(header, "num_tree_per_iteration")) != 1) {
      throw unsupported("it has several outputs");
    }
    if (header.containsKey("average_output")) throw unsupported("its output is an average");
  }

  private static Link link(String objective) {
    return switch (SPACE.split(objective)[0]) {
      case "binary", "cross_entropy" -> Link.LOGISTIC;
      case "poisson", "gamma", "tweedie" -> Link.EXPONENTIAL;
      case "regression" -> objective.contains(" sqrt") ? Link.SIGNED_SQUARE : Link.IDENTITY;
      case "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank" -> Link.IDENTITY;
      default -> throw unsupported("its objective is '%s'".formatted(Texts.shown(objective)));
    };
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
  private static List<LightGbmTree> trees(
      String text, int from, int to, int[] sizes, int featureCount) {
    List<LightGbmTree> trees = new ArrayList<>();
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
      LightGbmTree tree = tree(keys, featureCount);
      nodes += tree.leaf().length * 2L;
      require(nodes <= NODES_MAX, "there are more than 16 million nodes");
      trees.add(tree);
      at = blockEnd;
    }
    require(trees.size() == sizes.length, "there are fewer trees than sizes");
    return List.copyOf(trees);
  }

  private static LightGbmTree tree(Map<String, String> keys, int featureCount) {
    int leaves = whole(need(keys, "num_leaves"));
    require(leaves >= 1 && leaves <= LEAVES_MAX, "a tree has %d leaves".formatted(leaves));
    if (keys.containsKey("is_linear") && whole(need(keys, "is_linear")) != 0) {
      throw unsupported("its leaves are linear models");
    }
    int bitsets = whole(need(keys, "num_cat"));
    double[] leaf = reals(need(keys, "leaf_value"));
    require(leaf.length == leaves, "num_leaves and leaf_value differ");
    if (leaves == 1) {
      require(bitsets == 0, "a tree of one leaf has bitsets");
      return new LightGbmTree(
          new int[0],
          new double[0],
          new byte[0],
          new int[0],
          new int[0],
          leaf,
          new double[0],
          new int[1],
          new int[0]);
    }
    int[] feature = integers(keys.get("split_feature"));
    for (int f : feature) require(f >= 0 && f < featureCount, "a node names no feature");
    int[] start = bitsets == 0 ? new int[1] : integers(keys.get("cat_boundaries"));
    require(start.length == bitsets + 1L, "num_cat and cat_boundaries differ");
    return new LightGbmTree(
        feature,
        reals(need(keys, "threshold")),
        decisions(integers(keys.get("decision_type"))),
        integers(keys.get("left_child")),
        integers(keys.get("right_child")),
        leaf,
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

  private static byte[] decisions(int[] values) {
    byte[] decisions = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      require(values[i] >= 0 && values[i] < 16, "a decision type is unknown");
      decisions[i] = (byte) values[i];
    }
    return decisions;
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
    } catch (NumberFormatException _) {
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
    } catch (NumberFormatException _) {
      throw damaged("'%s' is not a whole number".formatted(Texts.shown(word)));
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
    } catch (NumberFormatException _) {
      throw damaged("'%s' is not a number".formatted(Texts.shown(word)));
    }
  }

  private static Problem unsupported(String what) {
    return new Problem(
        Fault.UNSUPPORTED_MODEL,
        "a LightGBM model of this sort is not scored here: " + what,
        "Train a binary or regression model of plain trees");
  }
}
