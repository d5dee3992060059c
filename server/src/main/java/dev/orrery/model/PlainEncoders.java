package dev.orrery.model;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.OnnxGraph.Node;
import dev.orrery.model.PlainOp.Kind;
import dev.orrery.model.PlainOp.Prepared;
import dev.orrery.model.PlainOp.Single;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The operators of `ai.onnx.ml` that [OnnxPlain] computes: linear models, scalers and encoders.
final class PlainEncoders {
  private PlainEncoders() {}

  /// The operator, or null if it is not computed here over such values.
  ///
  /// @param unseen is told how many texts of a call the operator had no category for
  static @Nullable Prepared prepare(Node node, Kind[] in, IntConsumer unseen) {
    if (node.op().equals("ArrayFeatureExtractor")) return extractor(in);
    if (in.length != 1) return null;
    return switch (node.op()) {
      case "LinearClassifier" -> classifier(node, in[0]);
      case "LinearRegressor" -> regressor(node, in[0]);
      case "Scaler" -> scaler(node, in[0]);
      case "Normalizer" -> normalizer(node, in[0]);
      case "Imputer" -> imputer(node, in[0]);
      case "OneHotEncoder" -> oneHot(node, in[0], unseen);
      case "LabelEncoder" -> labels(node, in[0], unseen);
      default -> null;
    };
  }

  private static int[] matrix(PlainValue rows, int inner, int width) {
    if (rows.last() != inner) {
      throw new Problem(
          Fault.SCORING_FAILED,
          "a row has %d values, and the model takes %d".formatted(rows.last(), inner),
          "Send as many values in a row as the model takes");
    }
    return new int[] {rows.shape()[0], width};
  }

  private static @Nullable Prepared classifier(Node node, Kind kind) {
    float[] intercepts = node.floats("intercepts");
    long[] numbers = node.integers("classlabels_ints");
    List<String> texts = node.texts("classlabels_strings");
    int classes = numbers.length + texts.size();
    String link = node.text("post_transform", "NONE");
    boolean isKnown = link.equals("NONE") || link.equals("LOGISTIC") || link.equals("SOFTMAX");
    // One row of weights for two classes has rules of its own; the runtime knows them.
    if (!kind.isNumber() || kind.rank() != 2 || classes < 2 || intercepts.length != classes) {
      return null;
    }
    if (!isKnown) return null;
    int inner = node.floats("coefficients").length / classes;
    float[] weights = PlainMath.transposed(node.floats("coefficients"), classes, inner);
    Datatype labelType = texts.isEmpty() ? Datatype.INT64 : Datatype.BYTES;
    String[] names = texts.toArray(String[]::new);
    PlainOp op =
        v -> {
          int[] shape = matrix(v[0], inner, classes);
          float[] scores = PlainMath.times(v[0].asFloats(), weights, inner, classes, 1, intercepts);
          Object labels = texts.isEmpty() ? new long[shape[0]] : new String[shape[0]];
          for (int i = 0; i < shape[0]; i++) {
            int best = 0;
            for (int j = 1; j < classes; j++) {
              if (scores[i * classes + j] > scores[i * classes + best]) best = j;
            }
            if (labels instanceof long[] own) own[i] = numbers[best];
            else ((String[]) labels)[i] = names[best];
            if (link.equals("SOFTMAX")) PlainMath.softmax(scores, i * classes, classes);
          }
          if (link.equals("LOGISTIC")) {
            for (int i = 0; i < scores.length; i++) scores[i] = PlainMath.logistic(scores[i]);
          }
          return new PlainValue[] {
            new PlainValue(labelType, new int[] {shape[0]}, labels),
            new PlainValue(Datatype.FP32, shape, scores)
          };
        };
    return new Prepared(op, new Kind[] {new Kind(labelType, 1), new Kind(Datatype.FP32, 2)});
  }

  private static @Nullable Prepared regressor(Node node, Kind kind) {
    int targets = (int) node.integer("targets", 1);
    if (!kind.isFloat() || kind.rank() != 2) return null;
    if (!node.text("post_transform", "NONE").equals("NONE")) return null;
    int inner = node.floats("coefficients").length / targets;
    float[] weights = PlainMath.transposed(node.floats("coefficients"), targets, inner);
    float[] told = node.floats("intercepts");
    float[] intercepts = told.length == 0 ? new float[targets] : told;
    Single op =
        v ->
            new PlainValue(
                Datatype.FP32,
                matrix(v[0], inner, targets),
                PlainMath.times(v[0].floats(), weights, inner, targets, 1, intercepts));
    return Prepared.of(Datatype.FP32, 2, op);
  }

  private static @Nullable Prepared scaler(Node node, Kind kind) {
    float[] offset = node.floats("offset");
    float[] scale = node.floats("scale");
    if (!kind.isNumber() || kind.rank() != 2) return null;
    Single op =
        v -> {
          int width = v[0].last();
          int[] shape = matrix(v[0], offset.length == 1 ? width : offset.length, width);
          float[] x = v[0].asFloats();
          float[] y = new float[x.length];
          for (int i = 0; i < y.length; i++) {
            int j = offset.length == 1 ? 0 : i % width;
            y[i] = (x[i] - offset[j]) * scale[j];
          }
          return new PlainValue(Datatype.FP32, shape, y);
        };
    return Prepared.of(Datatype.FP32, 2, op);
  }

  private static @Nullable Prepared normalizer(Node node, Kind kind) {
    String norm = node.text("norm", "MAX");
    boolean isSquare = norm.equals("L2");
    if (!kind.isFloat() || kind.rank() != 2 || !(isSquare || norm.equals("L1"))) return null;
    Single op =
        v -> {
          float[] x = v[0].floats();
          float[] y = new float[x.length];
          int width = v[0].last();
          for (int i = 0; i < v[0].shape()[0]; i++) {
            float sum = 0;
            for (int j = i * width; j < (i + 1) * width; j++) {
              sum += isSquare ? x[j] * x[j] : Math.abs(x[j]);
            }
            for (int j = i * width; j < (i + 1) * width; j++) {
              if (sum == 0) y[j] = x[j];
              else if (isSquare) y[j] = Math.copySign((float) Math.sqrt(x[j] * x[j] / sum), x[j]);
              else y[j] = x[j] / sum;
            }
          }
          return new PlainValue(Datatype.FP32, v[0].shape(), y);
        };
    return Prepared.of(Datatype.FP32, 2, op);
  }

  private static @Nullable Prepared imputer(Node node, Kind kind) {
    float[] instead = node.floats("imputed_value_floats");
    float missing = node.number("replaced_value_float", 0);
    if (!kind.isFloat() || kind.rank() != 2 || instead.length == 0) return null;
    Single op =
        v -> {
          int width = v[0].last();
          int[] shape = matrix(v[0], instead.length == 1 ? width : instead.length, width);
          float[] y = v[0].floats().clone();
          for (int i = 0; i < y.length; i++) {
            boolean isMissing = Float.isNaN(missing) ? Float.isNaN(y[i]) : y[i] == missing;
            if (isMissing) y[i] = instead[instead.length == 1 ? 0 : i % width];
          }
          return new PlainValue(Datatype.FP32, shape, y);
        };
    return Prepared.of(Datatype.FP32, 2, op);
  }

  private static @Nullable Prepared oneHot(Node node, Kind kind, IntConsumer unseen) {
    List<String> texts = node.texts("cats_strings");
    long[] numbers = node.integers("cats_int64s");
    boolean isText = kind.type() == Datatype.BYTES;
    if (isText ? texts.isEmpty() : numbers.length == 0 || kind.type() != Datatype.INT64)
      return null;
    Map<Object, Integer> places = new HashMap<>();
    for (String text : texts) places.put(text, places.size());
    if (!isText) {
      places.clear();
      for (long number : numbers) places.put(number, places.size());
    }
    int width = isText ? texts.size() : numbers.length;
    if (places.size() != width || kind.rank() > 3) return null;
    boolean isZeros = node.integer("zeros", 1) != 0;
    Single op =
        v -> {
          int count = v[0].count();
          int[] shape = java.util.Arrays.copyOf(v[0].shape(), v[0].shape().length + 1);
          shape[shape.length - 1] = width;
          float[] y = new float[PlainValue.count(shape)];
          int others = 0;
          for (int i = 0; i < count; i++) {
            Object key = isText ? ((String[]) v[0].data())[i] : (Object) ((long[]) v[0].data())[i];
            Integer place = places.get(key);
            if (place != null) y[i * width + place] = 1;
            else if (!isZeros) throw unseen(key);
            else others++;
          }
          if (others > 0 && isText) unseen.accept(others);
          return new PlainValue(Datatype.FP32, shape, y);
        };
    return Prepared.of(Datatype.FP32, kind.rank() + 1, op);
  }

  private static Problem unseen(Object value) {
    return new Problem(
        Fault.SCORING_FAILED,
        "'%s' is no category that the model was trained on"
            .formatted(Texts.shown(value.toString())),
        "Send a known category, or train the model with handle_unknown='ignore'");
  }

  /// From texts or whole numbers to texts, whole numbers or floats.
  private static @Nullable Prepared labels(Node node, Kind kind, IntConsumer unseen) {
    List<String> keyTexts = node.texts("keys_strings");
    long[] keyNumbers = node.integers("keys_int64s");
    boolean isText = kind.type() == Datatype.BYTES;
    if (isText ? keyTexts.isEmpty() : kind.type() != Datatype.INT64 || keyNumbers.length == 0) {
      return null;
    }
    int count = isText ? keyTexts.size() : keyNumbers.length;
    Map<Object, Integer> places = new HashMap<>();
    for (int i = 0; i < count; i++) {
      places.put(isText ? keyTexts.get(i) : (Object) keyNumbers[i], i);
    }
    if (places.size() != count) return null;
    float[] floats = node.floats("values_floats");
    long[] numbers = node.integers("values_int64s");
    String[] texts = node.texts("values_strings").toArray(String[]::new);
    boolean isFit = floats.length == count || numbers.length == count || texts.length == count;
    if (!isFit) return null;
    Datatype type =
        floats.length == count
            ? Datatype.FP32
            : numbers.length == count ? Datatype.INT64 : Datatype.BYTES;
    float otherFloat = node.number("default_float", -0f);
    long otherNumber = node.integer("default_int64", -1);
    String otherText = node.text("default_string", "_Unused");
    Single op =
        v -> {
          int size = v[0].count();
          Object out =
              switch (type) {
                case FP32 -> new float[size];
                case INT64 -> new long[size];
                default -> new String[size];
              };
          int others = 0;
          for (int i = 0; i < size; i++) {
            Object key = isText ? ((String[]) v[0].data())[i] : (Object) ((long[]) v[0].data())[i];
            Integer place = places.get(key);
            if (place == null) others++;
            switch (out) {
              case float[] own -> own[i] = place == null ? otherFloat : floats[place];
              case long[] own -> own[i] = place == null ? otherNumber : numbers[place];
              default -> ((String[]) out)[i] = place == null ? otherText : texts[place];
            }
          }
          if (others > 0 && isText) unseen.accept(others);
          return new PlainValue(type, v[0].shape(), out);
        };
    return Prepared.of(type, kind.rank(), op);
  }

  /// The columns of the last dimension that a list of places names.
  private static @Nullable Prepared extractor(Kind[] in) {
    if (in.length != 2 || in[1].type() != Datatype.INT64 || in[0].rank() > 2 || in[0].rank() < 1) {
      return null;
    }
    Single op =
        v -> {
          long[] wanted = (long[]) v[1].data();
          int width = v[0].last();
          int rows = v[0].shape().length == 1 ? 1 : v[0].shape()[0];
          Class<?> element = v[0].data().getClass().getComponentType();
          Object y = java.lang.reflect.Array.newInstance(element, rows * wanted.length);
          for (int j = 0; j < wanted.length; j++) {
            if (wanted[j] < 0 || wanted[j] >= width) {
              throw new Problem(
                  Fault.SCORING_FAILED,
                  "the model asks for the column %d of %d".formatted(wanted[j], width),
                  "Send as many values in a row as the model takes");
            }
            for (int i = 0; i < rows; i++) {
              System.arraycopy(
                  v[0].data(), i * width + (int) wanted[j], y, i * wanted.length + j, 1);
            }
          }
          return new PlainValue(v[0].type(), new int[] {rows, wanted.length}, y);
        };
    return Prepared.of(in[0].type(), 2, op);
  }
}
