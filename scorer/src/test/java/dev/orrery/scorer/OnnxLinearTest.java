package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxLinearTest {
  @Test
  void a_classifier_tells_margins_scores_and_labels() throws Exception {
    Scorer scorer = Scorer.read(Fixtures.model("onnx-linear-sgd-log"));
    assertThat(scorer.trees()).isZero();
    assertThat(scorer.groups()).isEqualTo(1);
    assertThat(scorer.outputs()).isEqualTo(2);
    Face face = scorer.face().orElseThrow();
    assertThat(face.labels()).containsExactly("high", "low");
    assertThat(face.label()).isEqualTo("label");
    double[] row = new double[8];
    for (double shift : new double[] {-30, 0, 30}) {
      Arrays.fill(row, shift);
      double margin = scorer.margin(row);
      double[] scores = new double[2];
      int[] label = new int[1];
      scorer.scores(row, 8, scores, label);
      assertThat(scores[1]).isCloseTo(1 / (1 + Math.exp(-margin)), within(1e-6));
      assertThat(label[0]).isEqualTo(scores[1] > scores[0] ? 1 : 0);
    }
  }

  @Test
  void a_missing_value_is_imputed_where_the_model_has_that_and_spreads_where_not()
      throws Exception {
    double[] row = new double[8];
    Arrays.fill(row, Double.NaN);
    assertThat(Scorer.read(Fixtures.model("onnx-linear-imputed")).scores(row)[0])
        .isBetween(0.0, 1.0);
    assertThat(Scorer.read(Fixtures.model("onnx-linear-two")).scores(row)).containsOnly(Double.NaN);
  }

  @Test
  void the_logistic_and_the_exponential_function_are_near_the_true_ones_and_keep_their_ends() {
    var random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * 8);
      assertThat(RowOps.logistic(x)).isCloseTo((float) (1 / (1 + Math.exp(-x))), within(2e-7f));
      float power = (float) Math.exp(x);
      assertThat(RowOps.exp(x)).isCloseTo(power, within(2 * Math.ulp(power)));
    }
    assertThat(RowOps.logistic(Float.POSITIVE_INFINITY)).isEqualTo(1);
    assertThat(RowOps.logistic(Float.NEGATIVE_INFINITY)).isBetween(0f, 1e-7f);
    assertThat(RowOps.logistic(Float.NaN)).isNaN();
    assertThat(RowOps.exp(Float.NaN)).isNaN();
    assertThat(RowOps.exp(0)).isEqualTo(1);
    assertThat(RowOps.exp(-200)).isZero();
  }

  /// Puts another text of the same length into a file.
  private static byte[] with(byte[] model, String what, String other) {
    String text = new String(model, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(what);
    return text.replace(what, other).getBytes(StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "onnx-linear-logistic,LOGISTIC,LOGISTIK,UNSUPPORTED,its link is LOGISTIK",
    "onnx-linear-logistic,Scaler,Skaler,UNSUPPORTED,the operator 'Skaler'",
    "onnx-linear-logistic,offset,offzet,DAMAGED,offsets are of another width",
    "onnx-linear-logistic,intercepts,interceptz,DAMAGED,it has 0 outputs",
    "onnx-linear-logistic,coefficients,coefficientz,DAMAGED,coefficients are not one for each",
    "onnx-linear-two,targets,targetz,DAMAGED,intercepts are not one for each output",
    "onnx-linear-imputed,imputed_value_floats,imputed_value_floatz,UNSUPPORTED,whole numbers",
    "onnx-linear-sgd-log,axis,axiz,UNSUPPORTED,rows below each other",
  })
  void what_does_not_fit_together_is_refused(
      String name, String what, String other, BadModelException.Kind kind, String why)
      throws Exception {
    byte[] changed = with(Fixtures.model(name), what, other);
    assertThatThrownBy(() -> Scorer.read(changed))
        .isInstanceOfSatisfying(BadModelException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why);
  }
}
