package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// An ONNX graph that is one ensemble of trees and what converters put around it: casts and
/// identities before, casts, identities and a ZipMap behind. One without trees may be a linear
/// model: see [OnnxLinear].
///
/// Whatever else a graph holds makes it one of another sort, for ONNX Runtime to run.
final class OnnxModel {
  private static final String REMEDY = "Run it with ONNX Runtime";
  private static final String ML = "ai.onnx.ml";
  static final long OPSET_MAX = 5;

  /// A larger file is of something else.
  private static final int LINEAR_BYTES_MAX = 32 << 20;

  private final OnnxGraph graph;

  /// What the values of the graph are, by name: the input on its way to the trees, then theirs.
  private final Map<String, Meaning> meanings = new HashMap<>();

  private enum Meaning {
    FLOATS,
    DOUBLES,
    /// Doubles that are floats, which come of a cast.
    WIDENED_FLOATS,
    SCORE,
    DOUBLE_SCORE,
    LABEL
  }

  private OnnxModel(OnnxGraph graph) {
    this.graph = graph;
  }

  /// Whether bytes begin like an ONNX model: with the version of its format.
  static boolean looksLike(byte[] bytes) {
    return bytes.length > 2 && bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 100;
  }

  static Core read(byte[] bytes) {
    // Models of other sorts are not judged here, be they whole or not.
    if (!contains(bytes, "TreeEnsemble")) {
      boolean may =
          contains(bytes, "Linear") || contains(bytes, "MatMul") || contains(bytes, "Gemm");
      fits(may && bytes.length <= LINEAR_BYTES_MAX, "it has neither trees nor one linear model");
      return new OnnxLinear(OnnxGraph.read(bytes)).core();
    }
    return new OnnxModel(OnnxGraph.read(bytes)).core();
  }

  private static boolean contains(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i <= bytes.length - wanted.length; i++) {
      if (bytes[i] == wanted[0]
          && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  static BadModelException other(String what) {
    return BadModelException.unsupported(what, REMEDY);
  }

  static void fits(boolean holds, String otherwise) {
    if (!holds) throw other(otherwise);
  }

  private Core core() {
    fits(graph.plain(), "it has functions or sparse tensors");
    fits(graph.opset() <= OPSET_MAX, "its operators are of version " + graph.opset());
    fits(graph.inputs().size() == 1, "it has " + graph.inputs().size() + " inputs");
    OnnxGraph.Value input = graph.inputs().get(0);
    fits(
        input.type() == OnnxGraph.FLOAT || input.type() == OnnxGraph.DOUBLE,
        "its input holds neither floats nor doubles");
    fits(input.shape().size() == 2, "its input is no matrix");
    meanings.put(input.name(), input.type() == OnnxGraph.FLOAT ? Meaning.FLOATS : Meaning.DOUBLES);
    OnnxTrees trees = null;
    for (OnnxGraph.Node node : graph.nodes()) {
      if (isTrees(node)) {
        fits(trees == null, "it has two ensembles of trees");
        trees = trees(node, input);
      } else {
        around(node, trees != null);
      }
    }
    if (trees == null) throw other("it has no ensemble of trees");
    return new Core(List.of(), trees.margins(), trees.link(), face(input, trees));
  }

  private static boolean isTrees(OnnxGraph.Node node) {
    return node.domain().equals(ML)
        && (node.op().equals("TreeEnsembleClassifier")
            || node.op().equals("TreeEnsembleRegressor"));
  }

  private OnnxTrees trees(OnnxGraph.Node node, OnnxGraph.Value input) {
    require(node.in().size() == 1, "an ensemble of trees has " + node.in().size() + " inputs");
    boolean classifies = node.op().equals("TreeEnsembleClassifier");
    require(node.out().size() == (classifies ? 2 : 1), "an ensemble lacks an output");
    Meaning given = meanings.get(node.in().get(0));
    if (given == null) throw other("the trees are fed by '" + shown(node.in().get(0)) + "'");
    boolean isDouble = given == Meaning.DOUBLES || given == Meaning.WIDENED_FLOATS;
    Ensemble.Reading reading =
        given == Meaning.DOUBLES ? Ensemble.Reading.DOUBLE : Ensemble.Reading.FLOAT;
    meanings.clear();
    if (classifies) meanings.put(node.out().get(0), Meaning.LABEL);
    meanings.put(node.out().get(classifies ? 1 : 0), Meaning.SCORE);
    return new OnnxTrees(node, classifies, input.shape().get(1), reading, isDouble);
  }

  /// A node before or behind the trees.
  private void around(OnnxGraph.Node node, boolean behind) {
    require(!node.in().isEmpty() && !node.out().isEmpty(), "an operator lacks an input or output");
    Meaning given = meanings.get(node.in().get(0));
    if (given == null || node.in().size() != 1 || node.out().size() != 1) {
      throw other("it has an operator '" + shown(node.op()) + "' aside from the trees");
    }
    boolean isPlain = node.domain().isEmpty() || node.domain().equals("ai.onnx");
    Meaning made = null;
    if (isPlain && node.op().equals("Identity")) made = given;
    if (isPlain && node.op().equals("Cast")) made = cast(given, (int) node.integer("to", 0));
    boolean isZip = node.domain().equals(ML) && node.op().equals("ZipMap");
    if (isZip && behind && given == Meaning.SCORE) made = given;
    if (made == null) throw other("it has the operator '" + shown(node.op()) + "'");
    require(meanings.put(node.out().get(0), made) == null, "two operators give the same value");
  }

  private static Meaning cast(Meaning given, int to) {
    return switch (given) {
      case FLOATS, WIDENED_FLOATS ->
          to == OnnxGraph.FLOAT
              ? Meaning.FLOATS
              : to == OnnxGraph.DOUBLE ? Meaning.WIDENED_FLOATS : refuse(to);
      case DOUBLES ->
          to == OnnxGraph.DOUBLE
              ? Meaning.DOUBLES
              : to == OnnxGraph.FLOAT ? Meaning.FLOATS : refuse(to);
      case SCORE, DOUBLE_SCORE ->
          to == OnnxGraph.FLOAT
              ? Meaning.SCORE
              : to == OnnxGraph.DOUBLE ? Meaning.DOUBLE_SCORE : refuse(to);
      case LABEL -> to == OnnxGraph.INT64 ? Meaning.LABEL : refuse(to);
    };
  }

  private static Meaning refuse(int type) {
    throw other("it casts to type " + type);
  }

  private Face face(OnnxGraph.Value input, OnnxTrees trees) {
    String score = "";
    String label = "";
    boolean isDouble = false;
    for (OnnxGraph.Value output : graph.outputs()) {
      Meaning meaning = meanings.get(output.name());
      if (meaning == null) throw other("its output '" + shown(output.name()) + "' is no score");
      switch (meaning) {
        case LABEL -> {
          fits(label.isEmpty(), "it gives its labels twice");
          label = output.name();
        }
        case SCORE, DOUBLE_SCORE -> {
          fits(score.isEmpty(), "it gives its scores twice");
          score = output.name();
          isDouble = meaning == Meaning.DOUBLE_SCORE;
          // The trees give floats, also those that compare doubles.
          boolean declared = output.type() == OnnxGraph.DOUBLE;
          fits(isDouble == declared || output.type() == 0, "its scores are of another type");
        }
        default -> throw other("its output '" + shown(output.name()) + "' is its input");
      }
    }
    fits(!score.isEmpty(), "it gives no scores");
    return new Face(
        input.name(), input.type() == OnnxGraph.DOUBLE, score, isDouble, label, trees.labels());
  }
}
