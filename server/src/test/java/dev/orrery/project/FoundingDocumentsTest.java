package dev.orrery.project;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.orrery.base.Quantity.Dimension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The founding documents' files are read as they stand.
class FoundingDocumentsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "churn/ab_test.yaml",
        "churn/dvc.yaml",
        "churn/monitoring.yaml",
        "churn/problem.yaml",
        "churn/retrain.yaml",
        "churn/success_criteria.yaml",
        "churn/training_pipeline.yaml",
        "churn/version_management.yaml",
        "churn/config/config.yaml",
        "snippets/ab_test_config.py",
        "snippets/deployment_strategies.py",
        "snippets/monitoring_config.py",
        "snippets/project_definition.py",
        "snippets/success_criteria.py",
        "snippets/version_examples.py"
      })
  void every_file_is_a_block(String file) {
    assertThat(read(file).isBlock()).isTrue();
    assertThat(read(file).isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ab_test.yaml=ab_test_config.py",
        "monitoring.yaml=monitoring_config.py",
        "problem.yaml=project_definition.py",
        "success_criteria.yaml=success_criteria.py"
      })
  void a_python_dictionary_has_the_same_values_as_its_yaml(String pair) {
    String[] files = pair.split("=", -1);
    assertThat(read("snippets/" + files[1]).json()).isEqualTo(read("churn/" + files[0]).json());
  }

  @Test
  void the_problem_definition_is_read_with_its_units() throws IOException {
    ProblemDefinition problem = requireNonNull(project("yaml").problem());

    assertThat(problem.businessObjective()).isEqualTo("고객 이탈률 30% 감소");
    assertThat(problem.mlProblem().target()).isEqualTo("is_churned");
    assertThat(problem.mlProblem().targetPlace()).hasToString("problem.yaml:8:19");
    assertThat(problem.mlProblem().successMetric()).isEqualTo("precision_at_recall_80");
    assertThat(problem.mlProblem().baseline()).isEqualTo(0.65);
    assertThat(problem.constraints().limits())
        .extracting(c -> c.name() + " " + c.limit().dimension() + " " + c.limit().value())
        .containsExactly(
            "latency SECONDS 0.1", "throughput PER_SECOND 1000.0", "model_size BYTES 5.0E8");
    assertThat(problem.constraints().interpretability()).isEqualTo("high");
    assertThat(requireNonNull(problem.dataRequirements().historicalPeriod()).value() / 86_400)
        .isCloseTo(730.5, within(1.0));
    assertThat(problem.dataRequirements().minimumSamples()).isEqualTo(100_000);
    assertThat(problem.dataRequirements().features()).hasSize(3);
  }

  @Test
  void a_constraint_is_met_failed_or_unknown() throws IOException {
    var latency = requireNonNull(project("yaml").problem()).constraints().limits().getFirst();

    assertThat(latency.judge(OptionalDouble.of(0.099))).isEqualTo(Criterion.Verdict.MET);
    assertThat(latency.judge(OptionalDouble.of(0.1))).isEqualTo(Criterion.Verdict.FAILED);
    assertThat(latency.judge(OptionalDouble.empty())).isEqualTo(Criterion.Verdict.UNKNOWN);
  }

  @Test
  void success_has_a_least_a_target_and_a_most() throws IOException {
    SuccessCriteria success = project("yaml").success();

    assertThat(success.all()).hasSize(9);
    Criterion accuracy = success.offline().getFirst();
    assertThat(accuracy.limits()).isEqualTo("min 0.85, target 0.90");
    assertThat(accuracy.judge(OptionalDouble.of(0.91))).isEqualTo(Criterion.Verdict.MET);
    assertThat(accuracy.judge(OptionalDouble.of(0.86))).isEqualTo(Criterion.Verdict.BELOW_TARGET);
    assertThat(accuracy.judge(OptionalDouble.of(0.84))).isEqualTo(Criterion.Verdict.FAILED);
    assertThat(accuracy.judge(OptionalDouble.of(Double.NaN))).isEqualTo(Criterion.Verdict.UNKNOWN);
    Criterion cost = success.online().get(1);
    assertThat(requireNonNull(cost.max()).dimension()).isEqualTo(Dimension.DOLLARS_PER_MONTH);
    assertThat(cost.judge(OptionalDouble.of(10_000))).isEqualTo(Criterion.Verdict.MET);
    assertThat(cost.judge(OptionalDouble.of(10_001))).isEqualTo(Criterion.Verdict.FAILED);
    Criterion availability = success.system().get(1);
    assertThat(requireNonNull(availability.min()).value()).isEqualTo(0.999);
  }

  @Test
  void python_and_yaml_make_the_same_project() throws IOException {
    Project yaml = project("yaml");
    Project python = project("py");

    assertThat(python.success().all())
        .extracting(c -> c.name() + c.limits())
        .isEqualTo(yaml.success().all().stream().map(c -> c.name() + c.limits()).toList());
    assertThat(python.monitor().json()).isEqualTo(yaml.monitor().json());
    assertThat(python.retrain().get("policy").get("min_accuracy").number()).isEqualTo(0.85);
  }

  private Project project(String kind) throws IOException {
    for (String file : new String[] {"problem", "success_criteria", "monitoring", "retrain"}) {
      copy("churn/" + file + ".yaml");
    }
    copy("snippets/project_definition.py");
    copy("snippets/success_criteria.py");
    copy("snippets/monitoring_config.py");
    boolean isYaml = kind.equals("yaml");
    String text =
        """
        orrery: 1
        project: churn
        problem: %s
        success: %s
        monitor: %s
        retrain: retrain.yaml
        """;
    Folders.with(
        folder,
        Project.FILE,
        text.formatted(
            isYaml ? "problem.yaml" : "project_definition.py",
            isYaml ? "success_criteria.yaml" : "success_criteria.py",
            isYaml ? "monitoring.yaml" : "monitoring_config.py"));
    return Project.load(folder);
  }

  private void copy(String file) throws IOException {
    Path from = Folders.ACCEPTANCE.resolve(file);
    Files.write(folder.resolve(from.getFileName()), Files.readAllBytes(from));
  }

  private static Node read(String file) {
    return Yaml.read(Source.read(Folders.ACCEPTANCE, Path.of(file)));
  }
}
