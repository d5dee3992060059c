package dev.orrery.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RulesScorerTest {
  private static final String RULES =
      """
      # Who leaves, as the people of support know it.
      inputs: {tenure: number, monthly_charges: number, plan: string}
      rules:
        - {if: "tenure < 3 and monthly_charges > 80", then: 0.9}
        - {if: "plan = 'free'", then: "0.3 + tenure / 100"}
        - if: tenure is null
          then: 0.5
      else: 0.1
      """;

  private static SequencedMap<String, Tensor> rows(
      double[] tenure, double[] charges, String... plans) {
    byte[][] texts = new byte[plans.length][];
    for (int i = 0; i < plans.length; i++) {
      if (!plans[i].equals("-")) texts[i] = plans[i].getBytes(StandardCharsets.UTF_8);
    }
    var rows = new LinkedHashMap<String, Tensor>();
    rows.put("tenure", Tensor.of(tenure, tenure.length));
    rows.put("monthly_charges", Tensor.of(charges, charges.length));
    rows.put("plan", new Tensor(Datatype.BYTES, new long[] {plans.length}, texts));
    return rows;
  }

  @Test
  void the_first_rule_that_holds_gives_the_score_and_a_missing_value_fulfils_none(
      @TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("rules.yaml"), RULES);
    Scorer scorer = ModelFile.read(file);
    assertThat(scorer.platform()).isEqualTo("orrery_rules");
    assertThat(scorer.inputs())
        .containsExactly(
            Port.of("tenure", Datatype.FP64, -1),
            Port.of("monthly_charges", Datatype.FP64, -1),
            Port.of("plan", Datatype.BYTES, -1));
    double missing = Double.NaN;
    var rows =
        rows(
            new double[] {1, 1, 20, missing, missing, 2, 30},
            new double[] {90, missing, 10, 90, 90, 80, 500},
            "free",
            "pro",
            "free",
            "pro",
            "-",
            "free",
            "-");
    double[] scores = (double[]) OnnxTest.named("score", scorer.score(rows)).data();
    assertThat(scores).containsExactly(0.9, 0.1, 0.5, 0.5, 0.5, 0.32, 0.1);
  }

  @Test
  void mistakes_are_told_with_their_line_and_column() {
    said(RULES.replace("tenure < 3", "tenur < 3"), 4, 10, "tenur");
    said(RULES.replace("plan = 'free'", "plan = "), 5, 10, "ends too early");
    said(RULES.replace("then: 0.5", "than: 0.5"), 7, 5, "than");
    said(RULES.replace("else: 0.1\n", ""), 2, 1, "'else' is missing");
    said(RULES.replace("plan: string", "plan: text"), 2, 57, "'number' or a 'string'");
    said(RULES.replace("else: 0.1", "else: plan"), 8, 7, "not a number");
    said(RULES.replace("then: 0.9}", "then: 0.9"), 5, 5, "");
    said(RULES.replace("else: 0.1", "else: *a"), 8, 7, "");
  }

  private static void said(String text, int line, int column, String what) {
    assertThatThrownBy(() -> ModelFile.read(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            Problem.class,
            e -> {
              assertThat(e.fault()).isEqualTo(Fault.BAD_RULES);
              assertThat(e.what()).contains(what);
              assertThat(e.place().orElseThrow().line()).as(e.what()).isEqualTo(line);
              assertThat(e.place().orElseThrow().column()).as(e.what()).isEqualTo(column);
            });
  }
}
