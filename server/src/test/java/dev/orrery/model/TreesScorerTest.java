package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Models of trees as tensors in and out: XGBoost's and, through skl2onnx, scikit-learn's, trained
/// by `conformance/engines/models.py`.
class TreesScorerTest {
  private static byte[] file(String name) throws IOException {
    try (InputStream in = TreesScorerTest.class.getResourceAsStream("/trees/" + name)) {
      return in == null ? new byte[0] : in.readAllBytes();
    }
  }

  private static LinkedHashMap<String, Tensor> input(String name, Tensor tensor) {
    var inputs = new LinkedHashMap<String, Tensor>();
    inputs.put(name, tensor);
    return inputs;
  }

  private static Tensor scores(Scorer scorer, Tensor rows) {
    return Objects.requireNonNull(scorer.score(input("input", rows)).get("score"));
  }

  @Test
  void a_model_of_one_output_gives_a_score_for_each_row() throws IOException {
    Scorer scorer = ModelFile.read(file("dart.json"));
    assertThat(scorer.platform()).isEqualTo("xgboost_json");
    assertThat(scorer.inputs()).containsExactly(Port.of("input", Datatype.FP32, -1, 8));
    assertThat(scorer.outputs()).containsExactly(Port.of("score", Datatype.FP32, -1));
    Tensor scores = scores(scorer, Tensor.of(new float[16], 2, 8));
    assertThat(scores.shape()).containsExactly(2);
    assertThat(scores.doubles()).hasSize(2);
    assertThat(scores.doubles()[0]).isEqualTo(scores.doubles()[1]);
  }

  @Test
  void several_classes_are_columns() throws IOException {
    Scorer scorer = ModelFile.read(file("classes.ubj"));
    assertThat(scorer.platform()).isEqualTo("xgboost_ubj");
    assertThat(scorer.outputs()).containsExactly(Port.of("score", Datatype.FP32, -1, 4));
    double[] rows = new double[24];
    Arrays.fill(rows, 8, 16, Double.NaN);
    Tensor scores = scores(scorer, Tensor.of(rows, 3, 8));
    assertThat(scores.shape()).containsExactly(3, 4);
    for (int i = 0; i < 3; i++) {
      double sum = Arrays.stream(scores.doubles(), 4 * i, 4 * i + 4).sum();
      assertThat(sum).isBetween(0.999999, 1.000001);
    }
  }

  @Test
  void a_classifier_of_onnx_keeps_its_names_and_gives_labels_behind_the_scores()
      throws IOException {
    Scorer scorer = ModelFile.read(file("words.onnx"));
    assertThat(scorer.platform()).isEqualTo("onnx_onnxv1");
    assertThat(scorer.inputs()).containsExactly(Port.of("X", Datatype.FP32, -1, 8));
    assertThat(scorer.outputs())
        .containsExactly(
            Port.of("probabilities", Datatype.FP32, -1, 3), Port.of("label", Datatype.BYTES, -1));
    var outputs = scorer.score(input("X", Tensor.of(new float[16], 2, 8)));
    assertThat(outputs.sequencedKeySet()).containsExactly("probabilities", "label");
    double[] scores = Objects.requireNonNull(outputs.get("probabilities")).doubles();
    int best = 0;
    for (int k = 1; k < 3; k++) if (scores[k] > scores[best]) best = k;
    byte[][] labels = (byte[][]) Objects.requireNonNull(outputs.get("label")).data();
    assertThat(new String(labels[0], StandardCharsets.UTF_8))
        .isEqualTo(new String[] {"high", "low", "middle"}[best]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dart.json", "classes.ubj", "words.onnx"})
  void no_rows_give_no_scores(String name) throws IOException {
    Scorer scorer = ModelFile.read(file(name));
    String input = scorer.inputs().getFirst().name();
    var outputs = scorer.score(input(input, Tensor.of(new float[0], 0, 8)));
    assertThat(outputs.firstEntry().getValue().count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dart.json", "classes.ubj", "words.onnx"})
  void rows_too_short_are_refused(String name) throws IOException {
    Scorer scorer = ModelFile.read(file(name));
    String input = scorer.inputs().getFirst().name();
    assertThatThrownBy(() -> scorer.score(input(input, Tensor.of(new float[7], 1, 7))))
        .isInstanceOfSatisfying(
            Problem.class, p -> assertThat(p.fault()).isEqualTo(Fault.FEATURE_MISSING));
  }

  @ParameterizedTest
  @ValueSource(strings = {"dart.json", "classes.ubj"})
  void a_file_cut_short_is_a_problem(String name) throws IOException {
    byte[] whole = file(name);
    for (int length : new int[] {1, 2, 10, whole.length / 2, whole.length - 1}) {
      assertThatThrownBy(() -> ModelFile.read(Arrays.copyOf(whole, length)))
          .isInstanceOf(Problem.class);
    }
  }
}
