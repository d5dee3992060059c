package dev.orrery.inference;

import dev.orrery.model.Tensor;
import java.util.Base64;
import java.util.Map;
import java.util.SequencedMap;

/// Outputs as the protocols write them that know rows and columns.
final class Answers {
  private Answers() {}

  /// Row by row: the values themselves of a single output, objects of several.
  ///
  /// @param base64 whether outputs whose name ends in `_bytes` are no text
  static void rows(JsonOut out, SequencedMap<String, Tensor> outputs, boolean base64) {
    long rows = Fit.rows(outputs);
    out.put('[');
    for (int row = 0; row < rows; row++) {
      if (row > 0) out.put(',');
      if (outputs.size() == 1) {
        Map.Entry<String, Tensor> only = outputs.firstEntry();
        row(out, only.getKey(), only.getValue(), row, base64);
        continue;
      }
      out.put('{');
      boolean first = true;
      for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
        if (!first) out.put(',');
        first = false;
        out.string(output.getKey()).put(':');
        row(out, output.getKey(), output.getValue(), row, base64);
      }
      out.put('}');
    }
    out.put(']');
  }

  private static void row(JsonOut out, String name, Tensor tensor, int row, boolean base64) {
    int width = width(tensor);
    if (base64 && name.endsWith("_bytes") && tensor.data() instanceof byte[][] texts) {
      if (tensor.shape().length > 1) out.put('[');
      for (int i = 0; i < width; i++) {
        if (i > 0) out.put(',');
        byte[] text = texts[row * width + i];
        out.raw("{\"b64\":\"")
            .raw(Base64.getEncoder().encodeToString(text == null ? new byte[0] : text))
            .raw("\"}");
      }
      if (tensor.shape().length > 1) out.put(']');
      return;
    }
    int unused = TensorJson.nested(out, tensor, Math.min(1, tensor.shape().length), row * width);
  }

  private static int width(Tensor tensor) {
    return tensor.rows() == 0 ? 0 : Math.toIntExact(tensor.count() / tensor.rows());
  }

  /// Column by column: the tensor itself of a single output, an object of several.
  static void columns(JsonOut out, SequencedMap<String, Tensor> outputs) {
    if (outputs.size() == 1) {
      int unused = TensorJson.nested(out, outputs.firstEntry().getValue(), 0, 0);
      return;
    }
    out.put('{');
    boolean first = true;
    for (Map.Entry<String, Tensor> output : outputs.entrySet()) {
      if (!first) out.put(',');
      first = false;
      out.string(output.getKey()).put(':');
      int unused = TensorJson.nested(out, output.getValue(), 0, 0);
    }
    out.put('}');
  }

  /// Each row a list of labels with their probabilities. A single score is the probability of label
  /// 1.
  ///
  /// @throws dev.orrery.base.Problem of kind INVALID if the model gives no probabilities
  static void classes(JsonOut out, SequencedMap<String, Tensor> outputs) {
    Tensor scores = probabilities(outputs);
    double[] values = scores.doubles();
    int width = width(scores);
    out.put('[');
    for (int row = 0; row < scores.rows(); row++) {
      if (row > 0) out.put(',');
      out.put('[');
      if (width == 1) {
        label(out, 0, 1 - values[row]);
        out.put(',');
        label(out, 1, values[row]);
      } else {
        for (int i = 0; i < width; i++) {
          if (i > 0) out.put(',');
          label(out, i, values[row * width + i]);
        }
      }
      out.put(']');
    }
    out.put(']');
  }

  private static void label(JsonOut out, int label, double score) {
    out.raw("[\"").number((long) label).raw("\",").number(score).put(']');
  }

  private static Tensor probabilities(SequencedMap<String, Tensor> outputs) {
    for (Tensor output : outputs.values()) {
      if (!output.type().isFloating() || output.shape().length > 2) continue;
      boolean shares = true;
      for (double value : output.doubles()) shares &= value >= 0 && value <= 1;
      if (shares) return output;
    }
    throw JsonIn.bad(
        "the model gives no probabilities of classes", "Ask it with :regress or :predict");
  }

  /// Each row one value.
  static void regression(JsonOut out, SequencedMap<String, Tensor> outputs) {
    Tensor score = outputs.firstEntry().getValue();
    if (!score.type().isNumeric() || width(score) != 1) {
      throw JsonIn.bad("the model gives no single number for a row", "Ask it with :predict");
    }
    out.put('[');
    TensorJson.write(out, score, 0, Math.toIntExact(score.count()));
    out.put(']');
  }
}
