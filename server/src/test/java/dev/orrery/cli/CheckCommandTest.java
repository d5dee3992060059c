package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Json;
import dev.orrery.project.JsonSchema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
  private static final String WRONG =
      """
      orrery: 1
      project: x
      problem:
        business_objective: "고객"
        ml_problem: { type: binary_classification, "목표": 1, targt: late }
      monitor: monitor.yaml
      """;

  @TempDir Path folder;

  @Test
  void a_problem_points_at_what_is_meant() throws IOException {
    write(WRONG.replace("\"목표\": 1, ", ""));

    var outcome = new Session(folder).run("check");

    assertThat(outcome.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(outcome.out()).isEqualTo("2 problem(s)\n");
    assertThat(outcome.err())
        .contains(
            """
            error[ORR-0304]: unknown key 'targt' in problem.ml_problem
              --> orrery.yaml:5:46
             5 |   ml_problem: { type: binary_classification, targt: late }
               |                                              ^^^^^
            hint: Did you mean 'target'
            """);
  }

  @Test
  void wide_characters_before_it_do_not_move_the_carets() throws IOException {
    write(WRONG);

    assertThat(new Session(folder).run("check").err())
        .contains(
            """
             5 |   ml_problem: { type: binary_classification, "목표": 1, targt: late }
               |                                                         ^^^^^
            """);
  }

  @Test
  void files_are_named_as_seen_from_where_one_stands() throws IOException {
    write(WRONG);
    Files.createDirectories(folder.resolve("deep/er"));

    assertThat(new Session(folder.resolve("deep/er")).run("check").err())
        .contains("--> " + folder.resolve("orrery.yaml").toAbsolutePath() + ":5:");
    assertThat(
            new Session(folder.resolveSibling(""))
                .run("check", "--home", folder.getFileName().toString())
                .err())
        .contains("--> " + folder.getFileName() + "/orrery.yaml:5:");
  }

  @Test
  void a_long_line_is_cut_around_what_is_meant() throws IOException {
    write("orrery: 1\nproject: x\nmonitor: { every: 1d, " + " ".repeat(300) + "evry: 1d }\n");

    String err = new Session(folder).run("check").err();

    assertThat(err).contains("unknown key 'evry'", " 3 | ...");
    assertThat(err.lines()).allMatch(line -> line.length() < 140);
  }

  @Test
  void json_lists_every_problem_with_its_place() throws IOException {
    write(WRONG);

    var outcome = new Session(folder).run("check", "--json");

    JsonNode report = Json.tree(outcome.out().getBytes(StandardCharsets.UTF_8));
    assertThat(outcome.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(outcome.err()).isEmpty();
    assertThat(report.path("ok").asBoolean(true)).isFalse();
    assertThat(report.path("problems")).hasSize(3);
    assertThat(report.at("/problems/0/file").asText()).isEqualTo("orrery.yaml");
    assertThat(report.at("/problems/0/line").asInt()).isEqualTo(5);
  }

  @Test
  void every_part_checks_its_own_block() throws IOException {
    write(
        """
        orrery: 1
        project: x
        data: { rows: { path: a.csv, time: t, target: { late: "delay >=" } } }
        features: { basics: { from: rowz, columns: { hour: "hour(t)" } } }
        model: { name: m, candidates: [majority] }
        serve: { canary: { steps: [50, 10] } }
        """);

    assertThat(new Session(folder).run("check").err())
        .contains("--> orrery.yaml:3:55")
        .contains("unknown dataset 'rowz' in features.basics.from", "Did you mean 'rows'")
        .contains("serve.canary.steps do not rise to 100");
  }

  @Test
  void no_project_is_not_found() {
    var outcome = new Session(folder).run("check", "--home", "nowhere");

    assertThat(outcome.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(outcome.err()).contains("there is no orrery.yaml in").contains("orrery init");
  }

  @Test
  void yaml_that_cannot_be_read_shows_where() throws IOException {
    write("orrery: 1\n\tproject: x\n");

    assertThat(new Session(folder).run("check").err())
        .contains("a tab stands where spaces belong", "--> orrery.yaml:2:1", "Indent with spaces");
  }

  @Test
  void the_schema_is_printed_for_editors() {
    assertThat(new Session(folder).run("check", "--schema").out()).isEqualTo(JsonSchema.text());
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("orrery.yaml"), yaml);
  }
}
