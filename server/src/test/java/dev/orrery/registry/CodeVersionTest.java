package dev.orrery.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.base.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import org.eclipse.jgit.api.Git;
import org.eclipse.jgit.api.errors.GitAPIException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeVersionTest {
  @TempDir Path top;
  private Path project;

  @BeforeEach
  void write() throws IOException {
    QuietGit.install();
    project = Files.createDirectories(top.resolve("examples/flights"));
    Files.writeString(project.resolve("orrery.yaml"), "orrery: 1\n");
    Files.writeString(project.resolve("script.py"), "print(1)\n");
    Files.writeString(top.resolve("README.md"), "hello\n");
  }

  private SortedMap<String, Digest> definitions() throws IOException {
    var definitions = new TreeMap<String, Digest>();
    definitions.put("orrery.yaml", Digest.of(Files.readAllBytes(project.resolve("orrery.yaml"))));
    return definitions;
  }

  private String commit() throws GitAPIException {
    try (Git git = Git.init().setDirectory(top.toFile()).call()) {
      git.add().addFilepattern(".").call();
      return git.commit()
          .setMessage("first")
          .setAuthor("a", "a@example.org")
          .setCommitter("a", "a@example.org")
          .setSign(false)
          .call()
          .name();
    }
  }

  @Test
  void without_a_repository_it_is_a_digest_of_the_definitions() throws IOException {
    String before = CodeVersion.of(project, definitions());
    assertThat(before).matches("src-[0-9a-f]{12}");
    assertThat(CodeVersion.of(project, definitions())).isEqualTo(before);
    Files.writeString(project.resolve("orrery.yaml"), "orrery: 1\n# more\n");
    assertThat(CodeVersion.of(project, definitions())).isNotEqualTo(before);
  }

  @Test
  void a_repository_without_a_commit_is_none() throws IOException, GitAPIException {
    Git.init().setDirectory(top.toFile()).call().close();
    assertThat(CodeVersion.of(project, definitions())).startsWith("src-");
  }

  @Test
  void in_a_repository_it_is_the_commit() throws IOException, GitAPIException {
    String commit = commit();
    Files.writeString(top.resolve("README.md"), "outside of the project\n");
    Files.createDirectories(project.resolve(".orrery"));
    Files.writeString(project.resolve(".orrery/store"), "rows\n");
    assertThat(CodeVersion.of(project, definitions())).isEqualTo(commit);
  }

  @Test
  void a_changed_definition_is_dirty_and_so_is_a_changed_source()
      throws IOException, GitAPIException {
    String commit = commit();
    Files.writeString(project.resolve("orrery.yaml"), "orrery: 1\n# more\n");
    assertThat(CodeVersion.of(project, definitions())).isEqualTo(commit + "-dirty");
    Files.writeString(project.resolve("orrery.yaml"), "orrery: 1\r\n");
    assertThat(CodeVersion.of(project, definitions())).isEqualTo(commit);
    Files.writeString(project.resolve("script.py"), "print(2)\n");
    assertThat(CodeVersion.of(project, definitions())).isEqualTo(commit + "-dirty");
  }

  @Test
  void a_definition_that_is_not_in_the_commit_is_dirty() throws IOException, GitAPIException {
    String commit = commit();
    SortedMap<String, Digest> definitions = definitions();
    definitions.put("problem.yaml", Digest.of("new"));
    assertThat(CodeVersion.of(project, definitions)).isEqualTo(commit + "-dirty");
  }
}
