package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.OnnxModel.fits;
import static dev.orrery.scorer.OnnxModel.other;

import dev.orrery.scorer.OnnxGraph.Constant;
import dev.orrery.scorer.OnnxGraph.Node;
import org.jspecify.annotations.Nullable;

/// The weights of a linear model in ONNX: the attributes of a LinearClassifier or LinearRegressor,
/// or the constant of a matrix product with the constant that is added to it.
///
/// @param weights of the first output, one for each value, then of the second
/// @param isSum whether the node behind the product was the sum that belongs to it
record OnnxWeights(float[] weights, float[] intercepts, boolean isSum) {
  private static final int GROUPS_MAX = 10_000;

  /// @param next the node behind it in the file; null if it is the last
  /// @param width how many values a row has there
  static OnnxWeights of(Node node, @Nullable Node next, int width, OnnxGraph graph) {
    OnnxWeights made =
        OnnxLinear.isPlain(node) ? product(node, next, width, graph) : attributes(node);
    require(
        made.weights.length == (long) made.intercepts.length * width,
        "its coefficients are not one for each value and output");
    return made;
  }

  private static OnnxWeights attributes(Node node) {
    require(node.in().size() == 1, "a linear model has " + node.in().size() + " inputs");
    float[] intercepts = reals(node, "intercepts");
    boolean classifies = node.op().equals("LinearClassifier");
    long count = classifies ? intercepts.length : node.integer("targets", 1);
    require(count >= 1 && count <= GROUPS_MAX, "it has " + count + " outputs");
    if (intercepts.length == 0) intercepts = new float[(int) count];
    require(intercepts.length == count, "its intercepts are not one for each output");
    return new OnnxWeights(reals(node, "coefficients"), intercepts, false);
  }

  private static OnnxWeights product(Node node, @Nullable Node next, int width, OnnxGraph graph) {
    Constant matrix = constant(graph, node, 1);
    long[] shape = matrix.shape();
    boolean isGemm = node.op().equals("Gemm");
    boolean isTurned = isGemm && node.integer("transB", 0) == 1;
    fits(shape.length == 2 && (!isGemm || isUsual(node)), "its product is of another sort");
    fits(shape[isTurned ? 1 : 0] == width, "its product is of another width");
    long count = shape[isTurned ? 0 : 1];
    require(count >= 1 && count <= GROUPS_MAX, "it has " + count + " outputs");
    int groups = (int) count;
    float[] given = matrix.floats(node.in().get(1));
    float[] weights = new float[given.length];
    for (int f = 0; f < width; f++) {
      for (int g = 0; g < groups; g++) {
        weights[g * width + f] = given[isTurned ? g * width + f : f * groups + g];
      }
    }
    if (isGemm) {
      float[] added = new float[groups];
      if (node.in().size() == 3) added = addend(constant(graph, node, 2), node.in().get(2), groups);
      return new OnnxWeights(weights, added, false);
    }
    if (next == null || !isSumOf(next, node, graph)) {
      return new OnnxWeights(weights, new float[groups], false);
    }
    float[] added = addend(constant(graph, next, 1), next.in().get(1), groups);
    return new OnnxWeights(weights, added, true);
  }

  /// Whether a node adds a constant to what another gives, and nobody else reads that.
  private static boolean isSumOf(Node next, Node product, OnnxGraph graph) {
    String name = product.out().get(0);
    long uses =
        graph.nodes().stream().flatMap(n -> n.in().stream()).filter(name::equals).count()
            + graph.outputs().stream().filter(output -> output.name().equals(name)).count();
    return OnnxLinear.isPlain(next)
        && next.op().equals("Add")
        && next.in().size() == 2
        && next.in().get(0).equals(name)
        && !next.out().isEmpty()
        && graph.constants().containsKey(next.in().get(1))
        && uses == 1;
  }

  private static boolean isUsual(Node node) {
    return node.integer("transA", 0) == 0 && isOne(node, "alpha") && isOne(node, "beta");
  }

  private static boolean isOne(Node node, String name) {
    return !(node.attributes().get(name) instanceof Double number) || number == 1;
  }

  private static float[] addend(Constant constant, String name, int groups) {
    float[] values = constant.floats(name);
    fits(values.length == 1 || values.length == groups, "what is added is of another width");
    float[] added = new float[groups];
    for (int g = 0; g < groups; g++) added[g] = values[values.length == 1 ? 0 : g];
    return added;
  }

  static float[] reals(Node node, String name) {
    double[] values = node.reals(name);
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) values[i];
    return floats;
  }

  /// An input of a node that stands in the file.
  static Constant constant(OnnxGraph graph, Node node, int input) {
    Constant found = node.in().size() > input ? graph.constants().get(node.in().get(input)) : null;
    if (found == null) throw other("the operator '" + shown(node.op()) + "' has no constant");
    return found;
  }
}
