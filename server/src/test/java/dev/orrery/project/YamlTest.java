package dev.orrery.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
  @TempDir Path folder;

  @Test
  void every_value_knows_its_line_and_column() throws IOException {
    Node node = Folders.yaml(folder, "a:\n  b: 1\n  \"c\": [x, \"yy\"]\n");

    assertThat(node.get("a").get("b").place()).hasToString("some.yaml:2:6");
    assertThat(node.get("a").keyPlace("c")).hasToString("some.yaml:3:3");
    assertThat(node.get("a").keyPlace("c").length()).isEqualTo(3);
    assertThat(node.get("a").get("c").list().get(1).place()).hasToString("some.yaml:3:12");
    assertThat(node.get("a").get("c").list().get(1).place().length()).isEqualTo(4);
  }

  @Test
  void columns_count_characters_not_bytes() throws IOException {
    Node node = Folders.yaml(folder, "{\"목표\": \"이탈률\", \"x\": 1}");

    assertThat(node.keyPlace("x")).hasToString("some.yaml:1:15");
  }

  @ParameterizedTest
  @CsvSource({
    "1, NUMBER", "-0.5, NUMBER", "1e-3, NUMBER", ".5, NUMBER", "1., NUMBER", "0x10, TEXT",
    "1_000, TEXT", ".nan, TEXT", ".inf, TEXT", "1.2.3, TEXT", "true, FLAG", "False, FLAG",
    "yes, TEXT", "on, TEXT", "None, TEXT", "~, NOTHING", "null, NOTHING", "'\"1\"', TEXT",
    "2001-01-01, TEXT", "12h, TEXT",
  })
  void plain_scalars_are_what_yaml_1_2_says(String written, Node.Kind kind) throws IOException {
    assertThat(Folders.yaml(folder, "a: " + written).map().firstEntry().getValue().kind())
        .isEqualTo(kind);
  }

  @Test
  void an_empty_file_is_an_empty_value() throws IOException {
    assertThat(Folders.yaml(folder, "# nothing\n").isEmpty()).isTrue();
    assertThat(Folders.yaml(folder, "").isEmpty()).isTrue();
  }

  @Test
  void a_byte_order_mark_is_read_over() throws IOException {
    assertThat(Folders.yaml(folder, "\uFEFFa: 1\n").get("a").place()).hasToString("some.yaml:1:4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "a: 1\\n\\tb: 2|2:1|a tab stands where spaces belong",
        "a: [1, 2|1:9|not YAML",
        "a: b: c|1:5|not YAML",
        "a: 1\\na: 2|2:1|the key 'a' stands here twice, first in line 1",
        "a: {b: 1, b: 2}|1:11|the key 'b' stands here twice",
        "a: 1\\n---\\nb: 2|2:1|a second document",
        "a: !include other.yaml|1:4|the tag !include is not used",
        "a: !!java.io.File x|1:4|the tag",
        "? [x]\\n: 1|1:3|a key is a list or a block",
        "a: *x|1:4|the alias *x stands for nothing",
        "a: &x [*x]|1:8|the alias *x stands for nothing",
        "a: \"\\u0007\"|1:5|a character that YAML does not allow",
      })
  void what_is_not_allowed_is_a_problem_at_its_place(String text, String place, String what) {
    String yaml = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\u0007", "\u0007");

    Problem problem = problem(yaml);

    assertThat(problem.kind()).isEqualTo(Problem.Kind.INVALID);
    assertThat(problem.what()).contains(what);
    assertThat(problem.place().orElseThrow()).hasToString("some.yaml:" + place);
  }

  @Test
  void a_file_over_1_mb_is_refused_before_it_is_parsed() {
    assertThat(problem("a: " + "x".repeat(Source.BYTES_MAX)).fault())
        .isEqualTo(Fault.DEFINITION_TOO_LARGE);
  }

  @Test
  void depth_is_limited_without_a_stack_overflow() {
    assertThat(problem("[".repeat(500_000)).what()).contains("deeper than 50 levels");
    assertThat(problem("{a: ".repeat(100_000)).what()).contains("deeper than 50 levels");
  }

  @Test
  void aliases_of_aliases_cannot_explode() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      laughs.append("a%d: &a%d [".formatted(i, i));
      laughs.append("*a%d, ".formatted(i - 1).repeat(10)).append("]\n");
    }
    assertThat(problem(laughs.toString()).what()).contains("more than 100000 values");
  }

  @Test
  void an_alias_is_its_value() throws IOException {
    Node node = Folders.yaml(folder, "a: &x {b: 1}\nc: *x\n");

    assertThat(node.get("c").get("b").whole()).isEqualTo(1);
  }

  @Test
  void a_file_that_is_not_utf_8_is_refused_at_the_byte() throws IOException {
    Files.write(folder.resolve("some.yaml"), new byte[] {'a', ':', '\n', 'b', (byte) 0xFF});

    Problem problem =
        catchThrowableOfType(Problem.class, () -> Source.read(folder, Path.of("some.yaml")));

    assertThat(problem.what()).isEqualTo("some.yaml is not UTF-8 text");
    assertThat(problem.place().orElseThrow()).hasToString("some.yaml:2:2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1:11|x = {'a': 1}",
        "4:7|'''doc'''\n\nx={\n 'a': 1}",
        "5:16|# c\n\n\"\"\"d\nx = 2\"\"\"\nname_1 = {'a': None,}"
      })
  void a_python_dictionary_is_read_as_data(String example) throws IOException {
    String[] parts = example.split("\\|", 2);

    Node node = Folders.yaml(folder, parts[1]);

    assertThat(node.map().firstEntry().getValue().place()).hasToString("some.yaml:" + parts[0]);
  }

  @Test
  void python_is_never_run() throws IOException {
    assertThat(Folders.yaml(folder, "x = __import__('os').system('touch x')").text())
        .isEqualTo("x = __import__('os').system('touch x')");
    assertThat(Folders.yaml(folder, "x = {'a': open('/etc/passwd').read()}").get("a").text())
        .isEqualTo("open('/etc/passwd').read()");
    assertThat(problem("x = {'a': [i for i in y]}\ny = 2")).isNotNull();
  }

  private Problem problem(String yaml) {
    return catchThrowableOfType(Problem.class, () -> Folders.yaml(folder, yaml));
  }
}
