package dev.orrery.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script `orrery`, on a copy of it in a folder whose name has a space.
class LauncherTest {
  @TempDir Path temp;
  private Path root;

  @BeforeEach
  void install() throws IOException {
    root = temp.resolve("a home");
    Path target = Files.createDirectories(root.resolve("server/target"));
    Files.copy(Path.of("../orrery"), root.resolve("orrery"));
    assertThat(root.resolve("orrery").toFile().setExecutable(true)).isTrue();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "dev.orrery.Main");
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath());
    try (OutputStream file = Files.newOutputStream(target.resolve("orrery.jar"))) {
      new JarOutputStream(file, manifest).close();
    }
    FileTime before = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(target.resolve("orrery.jar"), before);
    // An empty cache, newer than the jar: a rehearsal that came to nothing.
    Files.createFile(target.resolve("orrery.aot"));
  }

  @Test
  void it_runs_from_anywhere_and_through_links() throws Exception {
    Path elsewhere = Files.createDirectories(temp.resolve("else where"));
    Path link = Files.createSymbolicLink(elsewhere.resolve("link"), root.resolve("orrery"));
    Files.createSymbolicLink(elsewhere.resolve("second"), Path.of("link"));

    assertThat(run(elsewhere, link.toString(), "version").out()).startsWith("orrery ");
    assertThat(run(elsewhere, "./second", "version").out()).startsWith("orrery ");
    assertThat(run(root, "bash", "orrery", "--version").out()).startsWith("orrery ");
  }

  @Test
  void words_and_exit_codes_pass_through_it() throws Exception {
    Run init = run(temp, script(), "init", "my project");
    assertThat(init.code()).as(init.out()).isZero();
    assertThat(temp.resolve("my project/orrery.yaml")).exists();
    assertThat(run(temp, script(), "chekc").code()).isEqualTo(ExitCode.BAD_INPUT);
    assertThat(run(temp, script(), "check", "--home", "no where").code())
        .isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void a_java_home_that_is_too_old_is_passed_over() throws Exception {
    Path old = Files.createDirectories(temp.resolve("old/bin"));
    Files.writeString(old.resolve("java"), "#!/bin/sh\nexit 99\n");
    assertThat(old.resolve("java").toFile().setExecutable(true)).isTrue();
    Files.writeString(temp.resolve("old/release"), "JAVA_VERSION=\"17.0.1\"\n");
    Files.writeString(root.resolve("server/target/jdk"), System.getProperty("java.home") + "\n");

    Run run = run(temp, Map.of("JAVA_HOME", temp.resolve("old").toString()), script(), "version");

    assertThat(run.out()).startsWith("orrery ");
  }

  @Test
  void without_a_jar_and_without_maven_it_says_what_to_install() throws Exception {
    Files.delete(root.resolve("server/target/orrery.jar"));
    Path bin = Files.createDirectories(temp.resolve("bin"));
    for (String tool : List.of("bash", "readlink", "mkdir", "sed")) {
      Files.createSymbolicLink(bin.resolve(tool), which(tool));
    }

    Run run =
        run(
            temp,
            Map.of("PATH", bin.toString(), "JAVA_HOME", System.getProperty("java.home")),
            bin.resolve("bash").toString(),
            script(),
            "version");

    assertThat(run.code()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.out()).contains("Maven (mvn) was not found", "hint: install it");
  }

  private record Run(int code, String out) {}

  private String script() {
    return root.resolve("orrery").toString();
  }

  private Run run(Path folder, String... words) throws Exception {
    return run(folder, Map.of("JAVA_HOME", System.getProperty("java.home")), words);
  }

  private static Run run(Path folder, Map<String, String> environment, String... words)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(Arrays.asList(words)));
    builder.directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), out);
  }

  private static Path which(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }

  private static String classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(":", -1))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toUri().toString())
        .collect(Collectors.joining(" "));
  }
}
