package dev.orrery.scorer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Small models with rows and what their own libraries answered, as `conformance/engines/models.py`
/// makes them: LightGBM 4.7.0, XGBoost 3.2.0, scikit-learn 1.9.1 through skl2onnx 1.20.0 and ONNX
/// Runtime 1.32.0.
final class Fixtures {
  static final int WIDTH = 8;

  static final List<String> NAMES =
      List.of(
          "lightgbm",
          "xgboost-json",
          "xgboost-ubj",
          "xgboost-linear",
          "onnx-words",
          "onnx-boosted",
          "onnx-modes",
          "onnx-linear-logistic",
          "onnx-linear-softmax",
          "onnx-linear-imputed",
          "onnx-linear-sgd-log",
          "onnx-linear-two");

  private Fixtures() {}

  static byte[] model(String name) throws IOException {
    return bytes(name + ".model");
  }

  /// Rows, each of [#WIDTH] values and the scores.
  static double[][] answers(String name) throws IOException {
    String text = new String(bytes(name + ".csv"), StandardCharsets.US_ASCII);
    return text.lines()
        .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
        .toArray(double[][]::new);
  }

  /// A text of the data frames, by its place.
  static String text(int place) throws IOException {
    return new String(bytes("frame.texts"), StandardCharsets.UTF_8).split("\0", -1)[place];
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = Fixtures.class.getResourceAsStream("models/" + file)) {
      if (in == null) throw new IOException("there is no " + file);
      return in.readAllBytes();
    }
  }
}
