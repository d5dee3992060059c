package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectTest {
  @TempDir Path folder;

  @Test
  void the_smallest_project_has_empty_blocks() throws IOException {
    Project project = load(Folders.SMALL);

    assertThat(project.name().text()).isEqualTo("small");
    assertThat(project.problem()).isNull();
    assertThat(project.success().all()).isEmpty();
    assertThat(project.data().isEmpty()).isTrue();
    assertThatThrownBy(() -> project.model().get("name"))
        .hasMessageStartingWith("model has no 'name'");
  }

  @Test
  void a_text_where_a_block_belongs_is_the_path_of_a_file_that_holds_it() throws IOException {
    Folders.with(folder, "config/monitor.yaml", "every: 1d\ndrift_metrics: drift.yaml\n");
    Folders.with(folder, "drift.yaml", "psi: { threshold: 0.1, alert_on: above }\n");

    Project project = load(Folders.SMALL + "monitor: config/monitor.yaml\n");

    Node threshold = project.monitor().get("drift_metrics").get("psi").get("threshold");
    assertThat(threshold.number()).isEqualTo(0.1);
    assertThat(threshold.path()).isEqualTo("monitor.drift_metrics.psi.threshold");
    assertThat(threshold.place()).hasToString("drift.yaml:1:19");
    assertThat(project.files().keySet())
        .containsExactly("config/monitor.yaml", "drift.yaml", "orrery.yaml");
  }

  @Test
  void a_block_wrapped_in_its_own_name_is_unwrapped() throws IOException {
    Folders.with(folder, "m.yaml", "monitor: { every: 1d }\n");
    assertThat(load(Folders.SMALL + "monitor: m.yaml\n").monitor().get("every").text())
        .isEqualTo("1d");

    Folders.with(folder, "m.yaml", "monitoring_config: { every: 2d }\n");
    assertThat(load(Folders.SMALL + "monitor: m.yaml\n").monitor().get("every").text())
        .isEqualTo("2d");
  }

  @Test
  void the_digest_follows_every_definition() throws IOException {
    Folders.with(folder, "m.yaml", "every: 1d\n");
    Project before = load(Folders.SMALL + "monitor: m.yaml\n");
    assertThat(load(Folders.SMALL + "monitor: m.yaml\n").digest()).isEqualTo(before.digest());

    Folders.with(folder, "m.yaml", "every: 1d # as agreed\n");
    assertThat(load(Folders.SMALL + "monitor: m.yaml\n").digest()).isNotEqualTo(before.digest());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../m.yaml", "/etc/passwd", "a/../../m.yaml", "a\\m.yaml", "file:m.yaml", "''"})
  void a_path_out_of_the_folder_is_refused(String path) throws IOException {
    Problem problem = only(Folders.SMALL + "monitor: " + path + "\n");

    assertThat(problem.fault()).isEqualTo(Fault.BAD_INCLUDE);
    assertThat(problem.what()).contains("not a path inside the project's folder");
    assertThat(problem.place().orElseThrow()).hasToString("orrery.yaml:3:10");
  }

  @Test
  void a_link_out_of_the_folder_is_refused(@TempDir Path outside) throws IOException {
    Folders.with(outside, "m.yaml", "every: 1d\n");
    Files.createSymbolicLink(folder.resolve("m.yaml"), outside.resolve("m.yaml"));
    Files.createSymbolicLink(folder.resolve("dir"), outside);

    assertThat(only(Folders.SMALL + "monitor: m.yaml\n").fault()).isEqualTo(Fault.BAD_INCLUDE);
    assertThat(only(Folders.SMALL + "monitor: dir/m.yaml\n").fault()).isEqualTo(Fault.BAD_INCLUDE);
  }

  @Test
  void a_file_that_is_not_there_names_the_nearest() throws IOException {
    Folders.with(folder, "config/monitor.yaml", "every: 1d\n");

    Problem problem = only(Folders.SMALL + "monitor: config/monitr.yaml\n");

    assertThat(problem.what()).contains("there is no file 'config/monitr.yaml'");
    assertThat(problem.remedy()).isEqualTo("Did you mean 'config/monitor.yaml'");
  }

  @Test
  void files_that_include_one_another_are_refused() throws IOException {
    Folders.with(folder, "m.yaml", "drift_metrics: m.yaml\n");

    assertThat(only(Folders.SMALL + "monitor: m.yaml\n").what())
        .isEqualTo("m.yaml includes itself");
  }

  @Test
  void every_problem_is_noted_in_the_order_of_the_file() throws IOException {
    List<Problem> problems =
        read(
            """
            orrery: 2
            projet: x
            problem: { ml_problem: { type: clustering, target: late }, constraints: { latency: "< 10MB" } }
            retrain: { policy: { max_psii: 0.1 }, cooldown: 14 }
            serve: { port: 99999, strategy: [] }
            """);

    assertThat(problems)
        .extracting(Problem::getMessage)
        .satisfiesExactly(
            e -> assertThat(e).contains("orrery is 2, not a whole number from 1 to 1"),
            e -> assertThat(e).contains("unknown key 'projet'", "Did you mean 'project'"),
            e -> assertThat(e).contains("unknown value 'clustering' in problem.ml_problem.type"),
            e -> assertThat(e).contains("latency is the text '< 10MB', not a time such as"),
            e -> assertThat(e).contains("unknown key 'max_psii'", "Did you mean 'max_psi'"),
            e -> assertThat(e).contains("retrain.cooldown is 14, not a time such as"),
            e -> assertThat(e).contains("serve.port is 99999"),
            e -> assertThat(e).contains("serve.strategy is a list, not one of blue_green, canary"));
    assertThat(problems).allSatisfy(e -> assertThat(e.place()).isPresent());
  }

  @Test
  void limits_that_nothing_can_meet_are_refused() throws IOException {
    String success = "success: { offline_metrics: { accuracy: { min: 0.9, target: 0.8 } } }\n";

    assertThat(only(Folders.SMALL + success).fault()).isEqualTo(Fault.IMPOSSIBLE_CRITERION);
    assertThat(only(Folders.SMALL + "success: { system_metrics: { x: {} } }\n").what())
        .isEqualTo("success.system_metrics.x has no limit");
    assertThat(
            only(Folders.SMALL + "success: { system_metrics: { p99_latency: { max: 100 } } }\n")
                .what())
        .contains("max is 100, not a time such as 100ms");
  }

  @Test
  void the_founding_policy_and_gates_may_stand_without_their_inner_block() throws IOException {
    Project direct =
        load(
            Folders.SMALL + "retrain: { max_psi: 0.1, cooldown: 14d }\ngates: { accuracy: 0.8 }\n");

    assertThat(direct.retrain().get("policy").get("max_psi").number()).isEqualTo(0.1);
    assertThat(direct.retrain().get("policy").get("max_psi").path())
        .isEqualTo("retrain.policy.max_psi");
    assertThat(direct.retrain().get("cooldown").text()).isEqualTo("14d");
    assertThat(direct.gates().get("metrics").get("accuracy").number()).isEqualTo(0.8);
    assertThat(only(Folders.SMALL + "retrain: { max_psi: 0.1, policy: {} }\n").fault())
        .isEqualTo(Fault.DUPLICATE_KEY);
  }

  @Test
  void a_folder_without_a_project_is_not_found() {
    assertThatThrownBy(() -> Project.load(folder))
        .isInstanceOfSatisfying(
            Problem.class, e -> assertThat(e.kind()).isEqualTo(Problem.Kind.NOT_FOUND))
        .hasMessageContaining("orrery init");
  }

  @Test
  void a_project_needs_a_name_that_can_stand_in_an_address() throws IOException {
    Problem problem = only("orrery: 1\nproject: no good\n");

    assertThat(problem.what()).isEqualTo("'no good' is not a name");
    assertThat(problem.place().orElseThrow()).hasToString("orrery.yaml:2:10");
  }

  private Project load(String yaml) throws IOException {
    return Project.load(Folders.with(folder, Project.FILE, yaml));
  }

  private List<Problem> read(String yaml) throws IOException {
    return Project.read(Folders.with(folder, Project.FILE, yaml)).problems();
  }

  private Problem only(String yaml) throws IOException {
    List<Problem> problems = read(yaml);
    assertThat(problems).hasSize(1);
    return problems.getFirst();
  }
}
