package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScorerTest {
  @ParameterizedTest
  @CsvSource({
    "lightgbm,4,LIGHTGBM_TEXT",
    "xgboost-json,1,XGBOOST_JSON",
    "xgboost-ubj,4,XGBOOST_UBJ",
    "xgboost-linear,1,XGBOOST_JSON",
    "onnx-words,3,ONNX",
    "onnx-boosted,2,ONNX",
    "onnx-modes,1,ONNX",
    "onnx-linear-logistic,2,ONNX",
    "onnx-linear-softmax,4,ONNX",
    "onnx-linear-imputed,2,ONNX",
    "onnx-linear-sgd-log,2,ONNX",
    "onnx-linear-two,2,ONNX",
  })
  void scores_are_those_of_the_library_within_two_ulp(
      String name, int outputs, Scorer.Format format) throws Exception {
    Scorer scorer = Scorer.read(Fixtures.model(name));
    assertThat(scorer.format()).isEqualTo(format);
    assertThat(scorer.width()).isEqualTo(Fixtures.WIDTH);
    assertThat(scorer.outputs()).isEqualTo(outputs);
    double[][] answers = Fixtures.answers(name);
    double[] rows =
        Arrays.stream(answers).flatMapToDouble(a -> Arrays.stream(a, 0, Fixtures.WIDTH)).toArray();
    double[] scores = new double[answers.length * outputs];
    scorer.scores(rows, Fixtures.WIDTH, scores);
    for (int i = 0; i < answers.length; i++) {
      double[] expected = Arrays.copyOfRange(answers[i], Fixtures.WIDTH, answers[i].length);
      double[] own = Arrays.copyOfRange(scores, i * outputs, (i + 1) * outputs);
      assertThat(expected).hasSize(outputs);
      for (int k = 0; k < outputs; k++) {
        double ulp =
            format == Scorer.Format.LIGHTGBM_TEXT
                ? Math.ulp(expected[k])
                : Math.ulp((float) expected[k]);
        assertThat(Math.abs(own[k] - expected[k]))
            .as("row %d of %s", i, name)
            .isLessThanOrEqualTo(2 * ulp);
      }
      assertThat(scorer.scores(Arrays.copyOf(answers[i], Fixtures.WIDTH))).isEqualTo(own);
    }
  }

  @Test
  void a_classifier_of_onnx_tells_its_labels() throws Exception {
    Scorer scorer = Scorer.read(Fixtures.model("onnx-words"));
    Face face = scorer.face().orElseThrow();
    assertThat(face.labels()).containsExactly("high", "low", "middle");
    assertThat(face.input()).isEqualTo("X");
    assertThat(face.score()).isEqualTo("probabilities");
    double[][] answers = Fixtures.answers("onnx-words");
    double[] scores = new double[3];
    int[] label = new int[1];
    double[] row = Arrays.copyOf(answers[0], Fixtures.WIDTH);
    scorer.scores(row, Fixtures.WIDTH, scores, label);
    for (double score : scores) assertThat(scores[label[0]]).isGreaterThanOrEqualTo(score);
  }

  @Test
  void rows_may_be_longer_than_the_model_is_wide_and_not_shorter() throws Exception {
    Scorer scorer = Scorer.read(Fixtures.model("xgboost-json"));
    double[] row = new double[Fixtures.WIDTH + 2];
    assertThat(scorer.score(row)).isEqualTo(scorer.score(new double[Fixtures.WIDTH]));
    assertThatThrownBy(() -> scorer.score(new double[Fixtures.WIDTH - 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a row has 7 values, and the model takes 8");
    assertThatThrownBy(() -> scorer.scores(new double[9], 8, new double[1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void several_outputs_are_not_taken_for_one() throws Exception {
    Scorer scorer = Scorer.read(Fixtures.model("lightgbm"));
    assertThatThrownBy(() -> scorer.score(new double[Fixtures.WIDTH]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("4 outputs");
  }
}
