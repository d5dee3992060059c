package dev.orrery.bench;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The trees of a LightGBM text, of numbers alone, written for other engines: so that all of them
/// walk the same trees. Thresholds are rounded to floats, which changes no speed.
final class SameTrees {
  private final List<Tree> trees = new ArrayList<>();
  private final int width;

  /// @param left per node its left child, behind which the right one stands; -1 of a leaf
  /// @param value per node the threshold, of a leaf what it adds
  private record Tree(int[] feature, float[] value, int[] left) {
    boolean isLeaf(int node) {
      return left[node] < 0;
    }

    int nodes() {
      return left.length;
    }

    int leaves() {
      return nodes() / 2 + 1;
    }
  }

  SameTrees(String text, int width) {
    this.width = width;
    String[] blocks = text.substring(0, text.indexOf("\nend of trees")).split("\nTree=");
    for (String block : Arrays.asList(blocks).subList(1, blocks.length)) trees.add(tree(block));
  }

  /// The nodes from the root down, where LightGBM numbers leaves apart: a child under 0 is one.
  private static Tree tree(String block) {
    int[] feature = integers(block, "split_feature");
    double[] at = reals(block, "threshold");
    int[][] children = {integers(block, "left_child"), integers(block, "right_child")};
    double[] leaf = reals(block, "leaf_value");
    int count = 2 * leaf.length - 1;
    int[] order = new int[count];
    var tree = new Tree(new int[count], new float[count], new int[count]);
    int filled = 1;
    for (int i = 0; i < count; i++) {
      int node = order[i];
      tree.value[i] = (float) (node < 0 ? leaf[~node] : at[node]);
      tree.left[i] = node < 0 ? -1 : filled;
      if (node < 0) continue;
      tree.feature[i] = feature[node];
      order[filled++] = children[0][node];
      order[filled++] = children[1][node];
    }
    return tree;
  }

  private static double[] reals(String block, String key) {
    int from = block.indexOf("\n" + key + "=") + key.length() + 2;
    String line = block.substring(from, block.indexOf('\n', from));
    return Arrays.stream(line.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static int[] integers(String block, String key) {
    return Arrays.stream(reals(block, key)).mapToInt(x -> (int) x).toArray();
  }

  /// A model of XGBoost's JSON.
  byte[] xgboost() {
    var out = new StringBuilder("{\"learner\":{\"attributes\":{},\"feature_names\":[],");
    out.append("\"feature_types\":[],\"gradient_booster\":{\"model\":{\"gbtree_model_param\":");
    out.append("{\"num_parallel_tree\":\"1\",\"num_trees\":\"%d\"},".formatted(trees.size()));
    out.append("\"iteration_indptr\":").append(numbers(trees.size() + 1, i -> i));
    out.append(",\"tree_info\":").append(numbers(trees.size(), i -> 0)).append(",\"trees\":[");
    for (int t = 0; t < trees.size(); t++) out.append(t > 0 ? "," : "").append(json(t));
    out.append("]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"[0E0]\",");
    out.append(
        "\"boost_from_average\":\"0\",\"num_class\":\"0\",\"num_feature\":\"%d\","
            .formatted(width));
    out.append("\"num_target\":\"1\"},\"objective\":{\"name\":\"reg:squarederror\",");
    out.append("\"reg_loss_param\":{\"scale_pos_weight\":\"1\"}}},\"version\":[3,1,1]}");
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private String json(int t) {
    Tree tree = trees.get(t);
    int count = tree.nodes();
    int[] parent = new int[count];
    parent[0] = Integer.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      if (tree.isLeaf(i)) continue;
      parent[tree.left()[i]] = i;
      parent[tree.left()[i] + 1] = i;
    }
    // XGBoost tells whole numbers from others by how they are written.
    String zeros = numbers(count, i -> 0);
    String reals = numbers(count, i -> 0f);
    return ("{\"base_weights\":%s,\"categories\":[],\"categories_nodes\":[],"
            + "\"categories_segments\":[],\"categories_sizes\":[],\"default_left\":%s,\"id\":%d,"
            + "\"left_children\":%s,\"loss_changes\":%s,\"parents\":%s,\"right_children\":%s,"
            + "\"split_conditions\":%s,\"split_indices\":%s,\"split_type\":%s,\"sum_hessian\":%s,"
            + "\"tree_param\":{\"num_deleted\":\"0\",\"num_feature\":\"%d\",\"num_nodes\":\"%d\","
            + "\"size_leaf_vector\":\"1\"}}")
        .formatted(
            reals,
            zeros,
            t,
            numbers(count, i -> tree.left()[i]),
            reals,
            numbers(count, i -> parent[i]),
            numbers(count, i -> tree.isLeaf(i) ? -1 : tree.left()[i] + 1),
            numbers(count, i -> tree.value()[i]),
            numbers(count, i -> tree.feature()[i]),
            zeros,
            reals,
            width,
            count);
  }

  private interface Values {
    Number at(int i);
  }

  private static String numbers(int count, Values values) {
    var out = new StringBuilder("[");
    for (int i = 0; i < count; i++) out.append(i > 0 ? "," : "").append(values.at(i));
    return out.append(']').toString();
  }

  /// A model of ONNX: one TreeEnsembleRegressor from `x`, floats, to `y`.
  byte[] onnx() {
    var ints = new ByteArrayOutputStream();
    int total = trees.stream().mapToInt(Tree::nodes).sum();
    var modes = new ByteArrayOutputStream();
    var values = ByteBuffer.allocate(4 * total).order(ByteOrder.LITTLE_ENDIAN);
    int leaves = trees.stream().mapToInt(Tree::leaves).sum();
    var weights = ByteBuffer.allocate(4 * leaves).order(ByteOrder.LITTLE_ENDIAN);
    var columns = new long[8][];
    for (int c = 0; c < 8; c++) columns[c] = new long[c < 5 ? total : leaves];
    int at = 0;
    int leaf = 0;
    for (int t = 0; t < trees.size(); t++) {
      Tree tree = trees.get(t);
      for (int i = 0; i < tree.nodes(); i++, at++) {
        boolean isLeaf = tree.isLeaf(i);
        columns[0][at] = t;
        columns[1][at] = i;
        columns[2][at] = tree.feature()[i];
        columns[3][at] = isLeaf ? 0 : tree.left()[i];
        columns[4][at] = isLeaf ? 0 : tree.left()[i] + 1;
        modes.writeBytes(text(9, isLeaf ? "LEAF" : "BRANCH_LEQ"));
        values.putFloat(isLeaf ? 0 : tree.value()[i]);
        if (!isLeaf) continue;
        columns[5][leaf] = t;
        columns[6][leaf++] = i;
        weights.putFloat(tree.value()[i]);
      }
    }
    String[] names = {
      "nodes_treeids",
      "nodes_nodeids",
      "nodes_featureids",
      "nodes_truenodeids",
      "nodes_falsenodeids",
      "target_treeids",
      "target_nodeids",
      "target_ids"
    };
    for (int c = 0; c < 8; c++) {
      var packed = new ByteArrayOutputStream();
      for (long value : columns[c]) packed.writeBytes(varint(value));
      ints.writeBytes(attribute(names[c], bytes(8, packed.toByteArray()), 7));
    }
    byte[] node =
        join(
            text(1, "x"),
            text(2, "y"),
            text(4, "TreeEnsembleRegressor"),
            text(7, "ai.onnx.ml"),
            ints.toByteArray(),
            attribute("nodes_modes", modes.toByteArray(), 8),
            attribute("nodes_values", bytes(7, values.array()), 6),
            attribute("target_weights", bytes(7, weights.array()), 6),
            attribute("n_targets", field(3, 1), 2));
    byte[] graph =
        join(bytes(1, node), text(2, "g"), bytes(11, port("x", width)), bytes(12, port("y", 1)));
    byte[] opsets =
        join(bytes(8, join(text(1, "ai.onnx.ml"), field(2, 3))), bytes(8, field(2, 17)));
    return join(field(1, 8), bytes(7, graph), opsets);
  }

  private static byte[] port(String name, int columns) {
    byte[] shape = join(bytes(1, text(2, "n")), bytes(1, field(1, columns)));
    return join(text(1, name), bytes(2, bytes(1, join(field(1, 1), bytes(2, shape)))));
  }

  private static byte[] attribute(String name, byte[] content, int type) {
    return bytes(5, join(text(1, name), content, field(20, type)));
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) out.writeBytes(part);
    return out.toByteArray();
  }

  private static byte[] varint(long value) {
    var out = new ByteArrayOutputStream();
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) out.write((int) (rest & 0x7f) | 0x80);
    out.write((int) rest);
    return out.toByteArray();
  }

  private static byte[] field(int number, long value) {
    return join(varint((long) number << 3), varint(value));
  }

  private static byte[] bytes(int number, byte[] content) {
    return join(varint((long) number << 3 | 2), varint(content.length), content);
  }

  private static byte[] text(int number, String text) {
    return bytes(number, text.getBytes(StandardCharsets.UTF_8));
  }
}
