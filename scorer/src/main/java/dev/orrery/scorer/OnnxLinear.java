package dev.orrery.scorer;

import static dev.orrery.scorer.BadModelException.require;
import static dev.orrery.scorer.BadModelException.shown;
import static dev.orrery.scorer.OnnxModel.fits;
import static dev.orrery.scorer.OnnxModel.other;

import dev.orrery.scorer.OnnxGraph.Constant;
import dev.orrery.scorer.OnnxGraph.Node;
import dev.orrery.scorer.RowOps.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An ONNX graph of one linear model over one matrix, with what converters put before it (scalers,
/// imputers, normalizers) and behind (links, labels): LogisticRegression, LinearRegression, Ridge,
/// SGD, LinearSVC and their kin as skl2onnx writes them.
///
/// The sums of the linear model are the margins. Every step is one on the values of a row, in
/// floats; a graph with any other step is of another sort, for ONNX Runtime to run.
final class OnnxLinear {
  private static final String ML = "ai.onnx.ml";
  private static final int WIDTH_MAX = 100_000;
  private static final int VALUES_MAX = 1 << 20;

  /// What a value of the graph is.
  private enum Kind {
    DOUBLES,
    FLOATS,
    BOOLEANS,
    /// The place of a class.
    PLACE,
    /// The same, as a label.
    LABEL
  }

  /// Where a value stands among those of a row.
  private record Slot(int at, int width, Kind kind) {}

  private final OnnxGraph graph;
  private final Map<String, Slot> slots = new HashMap<>();
  private final List<Step> before = new ArrayList<>();
  private final List<Step> behind = new ArrayList<>();
  private int sizeBefore;
  private int size;
  private float @Nullable [] weights;
  private float[] intercepts = new float[0];
  private int groups;
  private @Nullable Slot features;
  private List<Object> labels = List.of();

  OnnxLinear(OnnxGraph graph) {
    this.graph = graph;
  }

  Core core() {
    fits(graph.plain(), "it has functions or sparse tensors");
    fits(graph.opset() <= OnnxModel.OPSET_MAX, "its operators are of version " + graph.opset());
    fits(graph.inputs().size() == 1, "it has " + graph.inputs().size() + " inputs");
    OnnxGraph.Value input = graph.inputs().get(0);
    boolean isDouble = input.type() == OnnxGraph.DOUBLE;
    fits(isDouble || input.type() == OnnxGraph.FLOAT, "its input holds no floating numbers");
    fits(input.shape().size() == 2, "its input is no matrix");
    long width = input.shape().get(1);
    fits(width > 0 && width <= WIDTH_MAX, "its input has no fixed number of values");
    slots.put(input.name(), slot((int) width, isDouble ? Kind.DOUBLES : Kind.FLOATS));
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      require(
          !node.in().isEmpty() && !node.out().isEmpty(), "an operator lacks an input or output");
      if (weights == null && isLinear(node)) {
        // The sum that follows a product belongs to it.
        if (linear(node, i + 1 < graph.nodes().size() ? graph.nodes().get(i + 1) : null)) i++;
      } else {
        step(node);
      }
    }
    float[] matrix = weights;
    Slot read = features;
    if (matrix == null || read == null) throw other("it has no linear model");
    var margins =
        new OnnxLinearMargins(
            (int) width,
            sizeBefore,
            List.copyOf(before),
            read.at(),
            read.width(),
            matrix,
            intercepts);
    return face(input, margins);
  }

  private Core face(OnnxGraph.Value input, Margins margins) {
    Slot score = null;
    Slot label = null;
    String scoreName = "";
    String labelName = "";
    for (OnnxGraph.Value output : graph.outputs()) {
      Slot slot = slots.get(output.name());
      if (slot == null) throw other("its output '" + shown(output.name()) + "' is no score");
      if (slot.kind() == Kind.LABEL) {
        fits(label == null, "it gives its labels twice");
        fits(
            output.type() == OnnxGraph.INT64 || output.type() == OnnxGraph.STRING,
            "its labels are of type " + output.type());
        label = slot;
        labelName = output.name();
      } else {
        fits(slot.kind() == Kind.FLOATS && score == null, "it gives several scores");
        fits(output.type() == OnnxGraph.FLOAT || output.type() == 0, "its scores are no floats");
        score = slot;
        scoreName = output.name();
      }
    }
    if (score == null) throw other("it gives no scores");
    var link =
        new OnnxLinearLink(
            size, List.copyOf(behind), score.at(), score.width(), label == null ? -1 : label.at());
    boolean isDouble = input.type() == OnnxGraph.DOUBLE;
    List<Object> told = label == null ? List.of() : labels;
    return new Core(
        List.of(),
        margins,
        link,
        new Face(input.name(), isDouble, scoreName, false, labelName, told));
  }

  private Slot slot(int width, Kind kind) {
    var slot = new Slot(size, width, kind);
    size += width;
    fits(size <= VALUES_MAX, "it makes more than a million values of a row");
    return slot;
  }

  private static boolean isLinear(Node node) {
    return switch (node.op()) {
      case "LinearClassifier", "LinearRegressor" -> node.domain().equals(ML);
      case "MatMul", "Gemm" -> isPlain(node);
      default -> false;
    };
  }

  static boolean isPlain(Node node) {
    return node.domain().isEmpty() || node.domain().equals("ai.onnx");
  }

  /// Takes up the linear model.
  ///
  /// @return whether the node that follows was a part of it
  private boolean linear(Node node, @Nullable Node next) {
    Slot given = floats(node.in().get(0));
    features = given;
    OnnxWeights found = OnnxWeights.of(node, next, given.width(), graph);
    weights = found.weights();
    intercepts = found.intercepts();
    groups = intercepts.length;
    sizeBefore = size;
    size = 0;
    slots.clear();
    Slot sums = slot(groups, Kind.FLOATS);
    switch (node.op()) {
      case "LinearClassifier" -> classifier(node, sums);
      case "LinearRegressor" -> put(node.out().get(0), transformed(node, sums));
      default -> put((found.isSum() && next != null ? next : node).out().get(0), sums);
    }
    return found.isSum();
  }

  private void classifier(Node node, Slot sums) {
    require(node.out().size() == 2, "a classifier lacks an output");
    long[] numbers = node.integers("classlabels_ints");
    List<String> texts = node.texts("classlabels_strings");
    List<Object> classes = new ArrayList<>(texts);
    if (texts.isEmpty()) for (long number : numbers) classes.add(number);
    // One row of weights for two classes has rules of its own; the runtime knows them.
    fits(classes.size() == groups && groups >= 2, "it has one sum for two classes");
    labels = List.copyOf(classes);
    Slot label = slot(1, Kind.LABEL);
    behind.add(RowOps.greatest(sums.at(), groups, label.at()));
    put(node.out().get(0), label);
    put(node.out().get(1), transformed(node, sums));
  }

  private Slot transformed(Node node, Slot sums) {
    String link = node.text("post_transform", "NONE");
    if (link.equals("NONE")) return sums;
    fits(groups >= 2, "one sum with the link " + shown(link));
    Slot made = slot(groups, Kind.FLOATS);
    switch (link) {
      case "LOGISTIC" -> behind.add(RowOps.each(sums.at(), groups, made.at(), RowOps::logistic));
      case "SOFTMAX" -> behind.add(RowOps.softmax(sums.at(), groups, made.at()));
      default -> throw other("its link is " + shown(link));
    }
    return made;
  }

  private void put(String name, Slot slot) {
    require(slots.put(name, slot) == null, "two operators give the same value");
  }

  private Slot given(String name) {
    Slot slot = slots.get(name);
    if (slot == null) throw other("'" + shown(name) + "' is not made of its sums alone");
    return slot;
  }

  private Slot floats(String name) {
    Slot slot = given(name);
    fits(slot.kind() == Kind.FLOATS, "'" + shown(name) + "' holds no floats");
    return slot;
  }

  private Constant constant(Node node, int input) {
    return OnnxWeights.constant(graph, node, input);
  }

  private void run(Step step) {
    (weights == null ? before : behind).add(step);
  }

  /// A step before the linear model or behind it.
  private void step(Node node) {
    fits(node.domain().equals(ML) || isPlain(node), "it has operators of other domains");
    String name = node.in().get(0);
    Slot made =
        switch (node.op()) {
          case "Identity" -> given(name);
          case "ZipMap" -> zipped(node);
          case "Cast" -> cast(given(name), (int) node.integer("to", 0));
          case "Reshape" -> reshaped(node);
          case "Scaler" -> scaler(node, floats(name));
          case "Imputer" -> imputer(node, floats(name));
          case "Normalizer" -> normalizer(node, floats(name));
          case "Sigmoid" -> each(floats(name), RowOps::logistic);
          case "Exp" -> each(floats(name), RowOps::exp);
          case "Reciprocal" -> each(floats(name), x -> 1 / x);
          case "Neg" -> each(floats(name), x -> -x);
          case "Not" -> not(given(name));
          case "Clip" -> clip(node);
          case "Add" -> both(node, (a, b) -> a + b);
          case "Sub" -> both(node, (a, b) -> a - b);
          case "Mul" -> both(node, (a, b) -> a * b);
          case "Div" -> both(node, (a, b) -> a / b);
          case "Concat" -> concat(node);
          case "ReduceSum" -> sum(node);
          case "ArgMax" -> greatest(node);
          case "ArrayFeatureExtractor" -> extracted(node);
          default -> throw other("it has the operator '" + shown(node.op()) + "'");
        };
    require(node.out().size() == 1, "an operator has " + node.out().size() + " outputs");
    put(node.out().get(0), made);
  }

  private Slot zipped(Node node) {
    Slot scores = floats(node.in().get(0));
    int keys =
        node.texts("classlabels_strings").size() + node.integers("classlabels_int64s").length;
    fits(weights != null && keys == scores.width(), "a ZipMap has other labels than scores");
    return scores;
  }

  private Slot cast(Slot slot, int to) {
    boolean fits =
        switch (slot.kind()) {
          case DOUBLES, FLOATS, BOOLEANS -> to == OnnxGraph.FLOAT || to == OnnxGraph.BOOL;
          case PLACE, LABEL -> to == OnnxGraph.INT64;
        };
    fits(fits, "it casts to type " + to);
    if (to == OnnxGraph.INT64 || to == OnnxGraph.FLOAT) {
      Kind kind = to == OnnxGraph.FLOAT ? Kind.FLOATS : slot.kind();
      fits(
          kind != Kind.LABEL || labels.isEmpty() || labels.get(0) instanceof Long,
          "it casts texts");
      return new Slot(slot.at(), slot.width(), kind);
    }
    fits(slot.kind() == Kind.FLOATS, "it casts to truth values");
    Slot made = slot(slot.width(), Kind.BOOLEANS);
    run(RowOps.each(slot.at(), slot.width(), made.at(), x -> x == 0 ? 0 : 1));
    return made;
  }

  private Slot reshaped(Node node) {
    Slot slot = given(node.in().get(0));
    boolean isLabel = slot.kind() == Kind.LABEL || slot.kind() == Kind.PLACE;
    fits(constant(node, 1).data() instanceof long[], "it reshapes by no constant");
    long[] shape = (long[]) constant(node, 1).data();
    boolean isRow = shape.length == 2 && shape[0] == -1 && shape[1] == slot.width();
    fits(isRow || isLabel && shape.length == 1 && shape[0] == -1, "it reshapes rows");
    return slot;
  }

  private Slot scaler(Node node, Slot slot) {
    float[] offset = sized(OnnxWeights.reals(node, "offset"), slot, "offsets");
    float[] scale = sized(OnnxWeights.reals(node, "scale"), slot, "scales");
    Slot made = slot(slot.width(), Kind.FLOATS);
    run(RowOps.scale(offset, scale, slot.at(), slot.width(), made.at()));
    return made;
  }

  private static float[] sized(float[] values, Slot slot, String what) {
    require(
        values.length == 1 || values.length == slot.width(),
        "its " + what + " are of another width");
    return values;
  }

  private Slot imputer(Node node, Slot slot) {
    float[] instead = OnnxWeights.reals(node, "imputed_value_floats");
    fits(instead.length > 0, "it imputes whole numbers");
    Object missing = node.attributes().getOrDefault("replaced_value_float", 0.0);
    fits(missing instanceof Double, "what it imputes is no number");
    Slot made = slot(slot.width(), Kind.FLOATS);
    run(
        RowOps.impute(
            ((Double) missing).floatValue(),
            sized(instead, slot, "imputed values"),
            slot.at(),
            slot.width(),
            made.at()));
    return made;
  }

  private Slot normalizer(Node node, Slot slot) {
    String norm = node.text("norm", "MAX");
    fits(norm.equals("L1") || norm.equals("L2"), "it normalizes by " + shown(norm));
    Slot made = slot(slot.width(), Kind.FLOATS);
    run(RowOps.normalize(norm.equals("L2"), slot.at(), slot.width(), made.at()));
    return made;
  }

  private Slot each(Slot slot, RowOps.One one) {
    Slot made = slot(slot.width(), Kind.FLOATS);
    run(RowOps.each(slot.at(), slot.width(), made.at(), one));
    return made;
  }

  private Slot not(Slot slot) {
    fits(slot.kind() == Kind.BOOLEANS, "it negates numbers");
    Slot made = slot(slot.width(), Kind.BOOLEANS);
    run(RowOps.each(slot.at(), slot.width(), made.at(), x -> 1 - x));
    return made;
  }

  private Slot clip(Node node) {
    float least = limit(node, 1, Float.NEGATIVE_INFINITY);
    float most = limit(node, 2, Float.POSITIVE_INFINITY);
    return each(floats(node.in().get(0)), x -> Math.min(most, Math.max(least, x)));
  }

  private float limit(Node node, int input, float otherwise) {
    if (node.in().size() <= input || node.in().get(input).isEmpty()) return otherwise;
    float[] values = constant(node, input).floats(node.in().get(input));
    fits(values.length == 1, "it clips by several limits");
    return values[0];
  }

  /// Two values, one of which may be a constant.
  private Slot both(Node node, RowOps.Two two) {
    fits(node.in().size() == 2, "an operator has " + node.in().size() + " inputs");
    Slot a = operand(node.in().get(0));
    Slot b = operand(node.in().get(1));
    fits(a.width() == b.width() || a.width() == 1 || b.width() == 1, "it adds unlike rows");
    Slot made = slot(Math.max(a.width(), b.width()), Kind.FLOATS);
    run(RowOps.both(a.at(), a.width(), b.at(), b.width(), made.at(), two));
    return made;
  }

  private Slot operand(String name) {
    Constant constant = graph.constants().get(name);
    if (constant == null) return floats(name);
    long[] shape = constant.shape();
    boolean isRow = shape.length <= 1 || shape.length == 2 && shape[0] == 1;
    float[] values = constant.floats(name);
    fits(isRow && values.length > 0, "'" + shown(name) + "' is no row");
    Slot slot = slot(values.length, Kind.FLOATS);
    run(RowOps.constant(values, slot.at()));
    return slot;
  }

  private Slot concat(Node node) {
    long axis = node.integer("axis", 0);
    fits(axis == 1 || axis == -1, "it puts rows below each other");
    List<Slot> parts = node.in().stream().map(this::floats).toList();
    Slot made = slot(parts.stream().mapToInt(Slot::width).sum(), Kind.FLOATS);
    int to = made.at();
    for (Slot part : parts) {
      run(RowOps.copy(part.at(), part.width(), to));
      to += part.width();
    }
    return made;
  }

  private Slot sum(Node node) {
    long[] axes = node.integers("axes");
    if (node.in().size() > 1 && constant(node, 1).data() instanceof long[] told) axes = told;
    boolean isRow = axes.length == 1 && (axes[0] == 1 || axes[0] == -1);
    fits(isRow && node.integer("keepdims", 1) == 1, "it sums over rows");
    Slot slot = floats(node.in().get(0));
    Slot made = slot(1, Kind.FLOATS);
    run(RowOps.sum(slot.at(), slot.width(), made.at()));
    return made;
  }

  private Slot greatest(Node node) {
    long axis = node.integer("axis", 0);
    fits(axis == 1 || axis == -1, "it looks for the greatest row");
    fits(node.integer("select_last_index", 0) == 0, "it takes the last of the greatest");
    Slot slot = floats(node.in().get(0));
    Slot made = slot(1, Kind.PLACE);
    run(RowOps.greatest(slot.at(), slot.width(), made.at()));
    return made;
  }

  /// Some columns of the scores, or the label of a place.
  private Slot extracted(Node node) {
    fits(node.in().size() == 2, "an operator has " + node.in().size() + " inputs");
    Constant classes = graph.constants().get(node.in().get(0));
    if (classes != null) {
      Slot place = given(node.in().get(1));
      fits(place.kind() == Kind.PLACE && labels.isEmpty(), "it picks by no place");
      List<Object> told = new ArrayList<>();
      if (classes.data() instanceof long[] numbers) for (long number : numbers) told.add(number);
      if (classes.data() instanceof List<?> texts) told.addAll(texts);
      fits(!told.isEmpty(), "its labels are neither whole numbers nor texts");
      labels = List.copyOf(told);
      return new Slot(place.at(), 1, Kind.LABEL);
    }
    Slot slot = floats(node.in().get(0));
    fits(constant(node, 1).data() instanceof long[], "it picks by no constant");
    long[] columns = (long[]) constant(node, 1).data();
    require(columns.length > 0 && columns.length <= WIDTH_MAX, "it picks nothing");
    Slot made = slot(columns.length, Kind.FLOATS);
    for (int i = 0; i < columns.length; i++) {
      require(columns[i] >= 0 && columns[i] < slot.width(), "it picks a column that is not there");
      run(RowOps.copy(slot.at() + (int) columns[i], 1, made.at() + i));
    }
    return made;
  }
}
