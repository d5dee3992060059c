package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import dev.orrery.project.Project;
import dev.orrery.registry.LineageRule.Arrow;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersioningBlockTest {
  @TempDir Path folder;

  private LineageRule read(String versioning) throws IOException {
    Files.writeString(
        folder.resolve("orrery.yaml"), "orrery: 1\nproject: churn\nversioning: " + versioning);
    return VersioningBlock.read(Project.load(folder).versioning());
  }

  @Test
  void the_founding_file_is_accepted_as_it_is_and_its_two_lines_are_two_chains()
      throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            getClass().getResourceAsStream("/acceptance/churn/version_management.yaml"))) {
      Files.write(folder.resolve("version_management.yaml"), in.readAllBytes());
    }
    LineageRule rule = read("version_management.yaml\n");
    assertThat(rule.arrows())
        .containsExactly(
            new Arrow("data", "code"), new Arrow("code", "model"), new Arrow("features", "model"));
    assertThat(rule.sources()).containsExactlyInAnyOrder("data", "code", "features");
  }

  @Test
  void arrows_may_be_a_list_and_only_what_leads_to_the_model_is_demanded() throws IOException {
    assertThat(
            read("\n"
                    + "  lineage:\n"
                    + "    - code_version->model_version\n"
                    + "    - data_version -> code_version\n")
                .sources())
        .containsExactly("code", "data");
    assertThat(read("{ model: { strategy: semantic } }\n").sources()).isEmpty();
  }

  @Test
  void what_is_no_arrow_is_told_with_its_place() {
    assertThatThrownBy(() -> read("{ lineage: data_version -> }\n")).isInstanceOf(Problem.class);
    assertThatThrownBy(() -> read("{ lineage: datum_version -> model_version }\n"))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("data_version");
    assertThatThrownBy(() -> read("{ model: { stages: [Live] } }\n")).isInstanceOf(Problem.class);
  }
}
