package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrreryPackageTest {
  private static final String PACKAGE =
      """
      {"orrery_model":1,"kind":"logistic_regression","positive":"late","threshold":0.4,
       "inputs":[{"name":"speed","type":"number","mean":100.0,"deviation":50.0},
         {"name":"line","type":"string","categories":["L1","L2"],"rare":["L9"]},
         {"name":"note","type":"string","categories":[],"rare":[]}],
       "model":{"logistic_regression":{"intercept":0.5,"weights":[-2.0,0.25,0.1,0.2,0.3,0.4,8.0,16.0]}}}
      """;

  private static Scorer read(String text) {
    return Scorer.read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static double logistic(double margin) {
    return 1 / (1 + StrictMath.exp(-margin));
  }

  @Test
  void a_logistic_regression_is_scored_with_texts_as_their_codes() {
    Scorer scorer = read(PACKAGE);
    assertThat(scorer.format()).isEqualTo(Scorer.Format.ORRERY_PACKAGE);
    assertThat(scorer.names()).containsExactly("speed", "line", "note");
    assertThat(scorer.isText(0)).isFalse();
    assertThat(scorer.isText(1)).isTrue();
    assertThat(scorer.isText(2)).isTrue();
    assertThat(scorer.code(1, "L2")).isEqualTo(2);
    assertThat(scorer.code(1, "L9")).isZero();
    assertThat(scorer.code(1, "never")).isZero();
    assertThat(scorer.code(1, null)).isNaN();

    double none = Double.NaN;
    assertThat(scorer.score(new double[] {150, 2, 0})).isEqualTo(logistic(0.5 - 2 + 0.3 + 8));
    assertThat(scorer.score(new double[] {none, none, none}))
        .isEqualTo(logistic(0.5 + 0.25 + 0.4 + 16));
    // A code that is none is the bucket's.
    assertThat(scorer.margin(new double[] {100, 77, -1})).isEqualTo(0.5 + 0 + 0.1 + 8);
    assertThat(scorer.takesFloats()).isFalse();
    assertThatThrownBy(() -> scorer.code(0, "fast")).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"orrery_model\":1|\"orrery_model\":2|UNSUPPORTED|version 2",
        "\"logistic_regression\":{|\"rule\":{|UNSUPPORTED|of the kind 'rule'",
        "0.4,8.0|0.4|DAMAGED|weights are not those of its inputs",
        "\"deviation\":50.0|\"deviation\":0.0|DAMAGED|deviation",
        "\"L2\"]|\"L1\"]|DAMAGED|twice",
        "\"type\":\"number\"|\"type\":\"time\"|DAMAGED|neither a number nor a string",
        "\"intercept\":0.5|\"intercept\":null|DAMAGED|'intercept' is not a number",
      })
  void what_does_not_hold_together_is_refused(
      String what, String other, BadModelException.Kind kind, String why) {
    assertThat(PACKAGE).contains(what);
    assertThatThrownBy(() -> read(PACKAGE.replace(what, other)))
        .isInstanceOfSatisfying(BadModelException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(why);
  }

  @Test
  void a_package_cut_short_anywhere_is_refused() {
    for (int length = 1; length < PACKAGE.length() - 2; length++) {
      String cut = PACKAGE.substring(0, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(BadModelException.class);
    }
  }
}
