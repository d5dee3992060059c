package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoHomeTest {
  @TempDir Path folder;

  @Test
  void a_demo_is_a_whole_project_that_checks_out() throws IOException {
    DemoHome demo = new DemoHome(folder.resolve("demo"));
    assertThat(demo.isBegun()).isFalse();

    demo.fill(7);

    assertThat(demo.isBegun()).isTrue();
    assertThat(demo.isComplete()).isFalse();
    assertThat(demo.seed()).contains(7);
    assertThat(new Session(demo.folder()).run("check").code()).isZero();
    assertThat(Project.load(demo.folder()).model().whole("seed", 0)).isEqualTo(7);
    assertThat(demo.folder().resolve("data/flights.parquet")).hasSize(5_119_576);

    demo.complete(7);
    assertThat(demo.isComplete()).isTrue();
    demo.remove();
    assertThat(demo.isBegun()).isFalse();
  }

  @Test
  void a_copy_that_was_cut_short_is_finished_and_what_is_there_stays() throws IOException {
    DemoHome demo = new DemoHome(folder.resolve("demo"));
    demo.fill(42);
    Files.delete(demo.folder().resolve("problem.yaml"));
    Files.writeString(demo.folder().resolve("README.md"), "mine");

    assertThat(demo.isBegun()).isTrue();
    demo.fill(42);

    assertThat(demo.folder().resolve("problem.yaml")).exists();
    assertThat(demo.folder().resolve("README.md")).hasContent("mine");
  }

  @Test
  void a_second_demo_wants_to_be_told_what_to_do() {
    new DemoHome(folder.resolve(".orrery-demo")).fill(42);
    Session session = new Session(folder);

    var outcome = session.run("demo", "--exit");
    assertThat(outcome.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(outcome.err()).contains("and not at its end", "--resume", "--fresh");
    assertThat(session.run("demo", "--resume", "--fresh").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(session.run("demo", "--resume", "--seed", "1").err())
        .contains("was begun with seed 42");
    assertThat(session.run("demo", "--threads", "0").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(session.run("demo", "--fresh", "--seed", "-1").code()).isEqualTo(ExitCode.BAD_INPUT);
  }

  @Test
  void what_is_not_a_demos_is_never_touched() throws IOException {
    Path own = Files.createDirectory(folder.resolve("own"));
    Files.writeString(own.resolve("precious.txt"), "x");
    Files.writeString(folder.resolve("file"), "y");
    Session session = new Session(folder);

    for (String option : new String[] {"--fresh", "--resume", "--exit"}) {
      var outcome = session.run("demo", "--home", "own", option);
      assertThat(outcome.code()).isEqualTo(ExitCode.CONFLICT);
      assertThat(outcome.err()).contains("not a demo's");
      assertThat(session.run("demo", "--home", "file", option).err()).contains("is a file");
    }
    assertThat(own.resolve("precious.txt")).hasContent("x");
    assertThat(own.toFile().list()).containsExactly("precious.txt");
  }

  @Test
  void up_and_run_refuse_what_cannot_be() throws IOException {
    Session session = new Session(folder);
    Files.writeString(folder.resolve("file"), "y");
    assertThat(session.run("run").err()).contains("there is no orrery.yaml");
    assertThat(session.run("run").code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(folder.resolve(".orrery")).doesNotExist();
    assertThat(session.run("up", "--clock", "sundial").err()).contains("there is no clock");
    assertThat(session.run("up", "--clock", "real", "--clock-start", "2001-01-01").err())
        .contains("the real clock cannot start");
    assertThat(session.run("up", "--clock-start", "yesterday").code())
        .isEqualTo(ExitCode.BAD_INPUT);
    assertThat(session.run("up", "--port", "70000").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(session.run("up", "--home", "file").err()).contains("is a file, not a folder");
    assertThat(session.run("status").code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(session.with("ORRERY_SERVER", "nowhere").run("status").code())
        .isEqualTo(ExitCode.BAD_INPUT);
  }
}
