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

  private static final String SOUND =
      """
      orrery: 1
      project: x
      data: { rows: { path: rows.csv, time: t, target: { late: "delay >= 15" } } }
      features:
        basics: { from: rows, columns: { hour: "hour(t)", far: "distance > 500" } }
        recent: { from: rows, entity: town, windows: [2h], columns: { late: "mean(late)" } }
      model: { name: m, candidates: [majority] }
      gates: { metrics: { auc_roc: 0.7 } }
      serve: { endpoint: e, canary: { hold: 12h } }
      monitor: { every: 1d, model_metrics: { auc_roc: { threshold: 0.7, alert_on: below } } }
      retrain: { policy: { min_auc_roc: 0.7 }, cooldown: 14d }
      """;

  @Test
  void what_a_run_or_a_server_would_refuse_is_refused_by_the_check() throws IOException {
    Files.writeString(folder.resolve("rows.csv"), "t,delay,distance,town\n2001-01-01,5,600,A\n");
    write(SOUND);
    assertThat(new Session(folder).run("check").err()).isEmpty();

    refused("endpoint: e", "endpoint: \"a b/c?\"", "'a b/c?' is not a name", ":9:");
    refused("auc_roc: { thr", "auc_rok: { thr", "no metric 'auc_rok'", ":10:");
    refused("threshold: 0.7", "threshold: 7", "auc_roc is never 7", ":10:");
    refused("every: 1d", "every: 0d", "monitor.every is the text '0d'", ":10:");
    refused("every: 1d", "every: 1s", "too often", ":10:");
    refused("every: 1d", "every: 40000d", "at most 100 years", ":10:");
    refused("hold: 12h", "hold: soon", "'soon'", ":9:");
    refused("cooldown: 14d", "cooldown: 0d", "retrain.cooldown is the text '0d'", ":11:");
    refused("min_auc_roc: 0.7", "min_auc_roc: 7", "auc_roc is never 7", ":11:");
    refused("{ auc_roc: 0.7 }", "{ auc_roc: 7 }", "auc_roc is never 7", ":8:");
    refused("{ auc_roc: 0.7 }", "{ auc_roc: .nan }", "is the text '.nan', not a number", ":8:");
    refused("{ auc_roc: 0.7 }", "{ auc_roc: { min: 7 } }", "auc_roc is never 7", ":8:");
    refused("[majority]", "[]", "the model has no candidates", ":7:");
    refused("[2h]", "[]", "the view 'recent' has no windows", ":6:48");
    refused("windows: [2h], ", "", "has an entity but no windows", ":6:");
    refused("entity: town", "entity: city", "the entity 'city'", ":6:");
    refused("hour(t)", "hours(t)", "the unknown function 'hours'", ":5:42");
    refused("\"hour(t)\"", "delay", "reads 'delay', which is known only after", ":5:42");
    refused("distance > 500", "distanze > 500", "the unknown column 'distanze'", ":5:");
    refused("delay >= 15", "delai >= 15", "the unknown column 'delai'", ":3:");
    refused("time: t", "time: when", "unknown column 'when'", ":3:");
    refused("time: t", "time: town", "'town' of dataset 'rows' is not a time", ":3:");
    refused("rows.csv", "/etc/passwd", "'/etc/passwd' is absolute", ":3:");
    refused("rows.csv", "../rows.csv", "'../rows.csv' is one with '..'", ":3:");
    refused("rows.csv", "row.csv", "there is no file 'row.csv'", ":3:");
  }

  private void refused(String sound, String wrong, String what, String where) throws IOException {
    assertThat(SOUND).contains(sound);
    write(SOUND.replace(sound, wrong));
    var outcome = new Session(folder).run("check");
    assertThat(outcome.code()).as(wrong).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(outcome.err()).contains(what, "--> orrery.yaml" + where).contains("hint: ");
    assertThat(outcome.out()).as(outcome.err()).isEqualTo("1 problem(s)\n");
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
