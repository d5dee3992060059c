package dev.orrery.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The program of the page that says how to embed the scorer, compiled and run.
class HowToTest {
  private static final Path PAGE = Path.of("../docs/how-to/embed-the-scorer.md");
  private static final Pattern PROGRAM = Pattern.compile("(?s)```java\\n(.*?)```");

  @TempDir Path folder;

  @Test
  void the_program_of_the_page_scores_a_model() throws Exception {
    Path model = Files.write(folder.resolve("model.json"), Fixtures.model("xgboost-json"));
    String printed = run(model);
    double[] row = new double[Fixtures.WIDTH];
    java.util.Arrays.fill(row, Double.NaN);
    row[0] = 1.5;
    double score = Scorer.read(model).score(row);
    assertThat(printed.lines())
        .containsExactly(
            "XGBOOST_JSON: 8 values a row, 1 scores, 3 trees",
            "margins [" + score + "]",
            "scores  [" + score + "]");
  }

  @Test
  void the_program_of_the_page_says_what_is_wrong_with_a_file() throws Exception {
    Path model = Files.writeString(folder.resolve("model.json"), "{\"learner\": {");
    assertThat(run(model).strip())
        .isEqualTo(
            "the model is damaged: it is cut short."
                + " Take the file from the run that made it, or train again.");
  }

  private String run(Path model) throws Exception {
    var program = PROGRAM.matcher(Files.readString(PAGE));
    assertThat(program.find()).isTrue();
    Path source = Files.writeString(folder.resolve("Embedded.java"), program.group(1));
    String path = System.getProperty("java.class.path");
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "--release",
                "17",
                "-cp",
                path,
                "-d",
                folder.toString(),
                source.toString());
    assertThat(code).isZero();
    var out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try (var loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      loader
          .loadClass("Embedded")
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {model.toString()});
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
