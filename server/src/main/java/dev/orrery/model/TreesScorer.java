package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.scorer.BadModelException;
import dev.orrery.scorer.Face;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/// A model that the own engine scores: trees of LightGBM, XGBoost or ONNX, and linear models of
/// XGBoost or ONNX.
///
/// One matrix `[rows, features]` gives the score, `[rows]` of a model with one output and `[rows,
/// outputs]` of others; a classifier of ONNX gives the labels, `[rows]`, as well. ONNX names its
/// inputs and outputs; else they are `input` and `score`. Types are those that the library takes
/// and gives.
record TreesScorer(dev.orrery.scorer.Scorer engine, Face face) implements Scorer {
  /// @throws Problem of kind INVALID or UNSUPPORTED if it cannot be scored safely
  static Scorer read(byte[] bytes) {
    try {
      var engine = dev.orrery.scorer.Scorer.read(bytes);
      if (engine.format() == dev.orrery.scorer.Scorer.Format.ORRERY_PACKAGE) {
        throw new Problem(
            Fault.UNSUPPORTED_MODEL,
            "this is a package of Orrery's own training, which knows texts and a threshold",
            "Serve it from its project with 'orrery up', or embed the scorer");
      }
      TreesScorer trees = of(engine);
      return engine.hasCategories() ? new CategoryScorer(trees) : trees;
    } catch (BadModelException e) {
      throw Trees.problem(e, Fault.BAD_MODEL_FILE);
    }
  }

  static TreesScorer of(dev.orrery.scorer.Scorer engine) {
    boolean doubles = !engine.takesFloats();
    Face plain = new Face("input", doubles, "score", doubles, "", List.of());
    return new TreesScorer(engine, engine.face().orElse(plain));
  }

  @Override
  public String platform() {
    return switch (engine.format()) {
      case ONNX -> "onnx_onnxv1";
      default -> engine.format().name().toLowerCase(Locale.ROOT);
    };
  }

  private static Datatype type(boolean isDouble) {
    return isDouble ? Datatype.FP64 : Datatype.FP32;
  }

  private boolean isMatrix() {
    return engine.outputs() > 1 || engine.face().isPresent();
  }

  private boolean hasTextLabels() {
    return face.labels().getFirst() instanceof String;
  }

  @Override
  public List<Port> inputs() {
    return List.of(Port.of(face.input(), type(face.takesDoubles()), -1, engine.width()));
  }

  @Override
  public List<Port> outputs() {
    List<Port> ports = new ArrayList<>();
    Datatype type = type(face.givesDoubles());
    ports.add(
        isMatrix()
            ? Port.of(face.score(), type, -1, engine.outputs())
            : Port.of(face.score(), type, -1));
    if (!face.label().isEmpty()) {
      ports.add(Port.of(face.label(), hasTextLabels() ? Datatype.BYTES : Datatype.INT64, -1));
    }
    return List.copyOf(ports);
  }

  @Override
  public List<String> features() {
    return engine.names();
  }

  @Override
  public SequencedMap<String, Tensor> score(SequencedMap<String, Tensor> inputs) {
    Tensor given = inputs.firstEntry().getValue();
    int rows = Math.toIntExact(given.rows());
    double[] values = given.doubles();
    int stride = rows == 0 ? engine.width() : values.length / rows;
    if (stride < engine.width()) {
      throw new Problem(
          Fault.FEATURE_MISSING,
          "a row has %d features, and the model takes %d".formatted(stride, engine.width()),
          "Give every feature of the signature, in its order");
    }
    double[] scores = new double[Math.multiplyExact(rows, engine.outputs())];
    int[] labels = new int[face.label().isEmpty() ? 0 : rows];
    if (rows > 0 && stride > 0) engine.scores(values, stride, scores, labels);
    var outputs = new LinkedHashMap<String, Tensor>();
    outputs.put(face.score(), scores(scores, rows));
    if (!face.label().isEmpty()) outputs.put(face.label(), labels(labels));
    return outputs;
  }

  private Tensor scores(double[] scores, int rows) {
    long[] shape = isMatrix() ? new long[] {rows, engine.outputs()} : new long[] {rows};
    if (face.givesDoubles()) return Tensor.of(scores, shape);
    float[] floats = new float[scores.length];
    for (int i = 0; i < floats.length; i++) floats[i] = (float) scores[i];
    return Tensor.of(floats, shape);
  }

  private Tensor labels(int[] places) {
    if (hasTextLabels()) {
      byte[][] texts = new byte[places.length][];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = ((String) face.labels().get(places[i])).getBytes(StandardCharsets.UTF_8);
      }
      return new Tensor(Datatype.BYTES, new long[] {texts.length}, texts);
    }
    long[] numbers = new long[places.length];
    for (int i = 0; i < numbers.length; i++) numbers[i] = (Long) face.labels().get(places[i]);
    return Tensor.of(numbers, numbers.length);
  }
}
