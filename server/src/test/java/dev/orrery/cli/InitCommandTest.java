package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.project.JsonSchema;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitCommandTest {
  @TempDir Path folder;

  @Test
  void an_empty_folder_becomes_a_sound_project() throws IOException {
    var outcome = new Session(folder).run("init", "my project");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).contains("next: edit orrery.yaml");
    Path made = folder.resolve("my project");
    assertThat(Project.load(made).name().text()).isEqualTo("my-project");
    assertThat(made.resolve("orrery.schema.json")).hasContent(JsonSchema.text());
    assertThat(made.resolve(".gitignore")).hasContent(".orrery/");
    assertThat(Files.readString(made.resolve("orrery.yaml")))
        .startsWith("# yaml-language-server: $schema=orrery.schema.json\n");
    assertThat(new Session(made).run("check").out())
        .isEqualTo("ok  my-project: 1 definition(s), all sound\n");
  }

  @Test
  void every_commented_line_of_the_template_is_a_valid_definition() throws IOException {
    assertThat(new Session(folder).run("init", "p").code()).isZero();
    Path file = folder.resolve("p/orrery.yaml");
    String text = Files.readString(file);
    int template = text.indexOf("# data:");

    Files.writeString(
        file, text.substring(0, template) + text.substring(template).replaceAll("(?m)^# ?", ""));

    assertThat(Project.read(folder.resolve("p")).problems()).isEmpty();
  }

  @Test
  void a_folder_with_files_is_adopted_only_when_told_and_nothing_in_it_changes()
      throws IOException {
    Files.createDirectories(folder.resolve("data/raw"));
    Files.writeString(folder.resolve("data/raw/rows.csv"), "a\n1\n");
    Files.writeString(folder.resolve("retrain.yaml"), "max_psi: 0.1\n");
    Files.writeString(folder.resolve(".gitignore"), "mine\n");

    var refused = new Session(folder).run("init");
    assertThat(refused.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(refused.err()).contains("is not empty", "--here");
    assertThat(folder.resolve("orrery.yaml")).doesNotExist();

    assertThat(new Session(folder).run("init", "--here").code()).isZero();
    assertThat(folder.resolve(".gitignore")).hasContent("mine");
    Project project = Project.load(folder);
    assertThat(project.retrain().get("policy").get("max_psi").number()).isEqualTo(0.1);
    assertThat(folder.resolve("orrery.yaml")).content().contains("#     path: data/raw/rows.csv");
  }

  @Test
  void nothing_is_ever_overwritten() throws IOException {
    Files.writeString(folder.resolve("orrery.yaml"), "mine");
    assertThat(new Session(folder).run("init", "--here").code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(folder.resolve("orrery.yaml")).hasContent("mine");

    Files.writeString(folder.resolve("file"), "mine");
    var file = new Session(folder).run("init", "file");
    assertThat(file.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(file.err()).contains("is a file, not a folder");
    assertThat(new Session(folder).run("init", "file/inside").code()).isNotZero();
    assertThat(folder.resolve("file")).hasContent("mine");
  }

  @Test
  void an_unknown_template_is_refused() {
    var outcome = new Session(folder).run("init", "p", "--template", "blnk");

    assertThat(outcome.code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(outcome.err()).contains("Did you mean 'blank'");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"Über Uns, ber-uns", "2026, project-2026", "'  ', project", "a.b_c, a.b_c"})
  void any_folder_name_gives_a_name_that_is_allowed(String name, String expected) {
    assertThat(new Session(folder).run("init", name).code()).isZero();
    assertThat(Project.load(folder.resolve(name)).name().text()).isEqualTo(expected);
  }
}
