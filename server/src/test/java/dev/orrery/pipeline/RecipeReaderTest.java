package dev.orrery.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import dev.orrery.train.Candidate;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeReaderTest {
  @TempDir Path folder;

  private Recipe read(String yaml) {
    Home.write(folder, _ -> yaml);
    return RecipeReader.read(Project.load(folder));
  }

  @Test
  void a_project_is_read_whole() {
    Recipe recipe = read(Home.YAML);
    assertThat(recipe.candidates())
        .extracting(Candidate::kind)
        .containsExactly("majority", "rule", "logistic_regression", "lightgbm");
    assertThat(recipe.candidates().getLast())
        .isInstanceOfSatisfying(Candidate.LightGbm.class, c -> assertThat(c.trees()).isEqualTo(30));
    assertThat(recipe.target()).isEqualTo("late");
    assertThat(recipe.successMetric()).isEqualTo("precision_at_recall_50");
    assertThat(recipe.validation())
        .isEqualTo(new Recipe.Validation(Duration.ofDays(4), 3, 0, 3_000));
    assertThat(recipe.gates().plain().beats()).containsExactly("majority", "rule");
    assertThat(recipe.gates().plain().latencyP99MaxMs()).isEqualTo(10);
    assertThat(recipe.gates().success()).hasSize(1);
    assertThat(recipe.gates().constraints()).hasSize(3);
    assertThat(recipe.gates().baseline()).isEqualTo(0.3);
  }

  @Test
  void the_usual_holds_where_nothing_is_said() {
    String yaml = Home.YAML.replaceAll("(?m)^  validation:.*\\n|^gates:.*\\n", "");
    Recipe recipe = read(yaml);
    assertThat(recipe.validation()).isEqualTo(Recipe.Validation.USUAL);
    assertThat(recipe.gates().plain().beats()).containsExactly("majority", "rule");
  }

  @Test
  void a_gate_may_have_a_least_and_a_target() {
    Recipe recipe =
        read(Home.YAML.replace("{ auc_roc: 0.6 }", "{ auc_roc: { min: 0.6, target: 0.8 } }"));
    assertThat(recipe.gates().metrics()).hasSize(1);
    assertThat(recipe.gates().plain().metrics()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "target: late,             | target: latest,           | Did you mean 'late'",
        "precision_at_recall_50    | precision_at_recall_500   | is no metric",
        "beats: [ majority, rule ] | beats: [ majority, ruel ] | unknown baseline 'ruel'",
        "{ auc_roc: 0.6 }          | { auc_rok: 0.6 }          | Did you mean 'auc_roc'",
        "late_share_6h > 0.4       | late_share_6h is high     | is not a rule",
        "leaves: 7                 | leaves: 7.5               | whole number",
        "from: flights, entity     | from: flight, entity      | Did you mean 'flights'",
      })
  void what_is_wrong_is_told_with_its_place(String right, String wrong, String told) {
    assertThat(Home.YAML).contains(right);
    assertThatThrownBy(() -> read(Home.YAML.replace(right, wrong)))
        .isInstanceOfSatisfying(
            Problem.class,
            p -> {
              assertThat(p.place()).isPresent();
              assertThat(p.getMessage()).contains(told);
            });
  }
}
