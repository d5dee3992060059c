package dev.orrery.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvTest {
  private static Engine engine;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    engine = new Engine(1, "256MB");
  }

  @AfterAll
  static void end() {
    engine.close();
  }

  @Test
  void a_row_with_too_few_or_too_many_fields_is_named_by_its_line() throws IOException {
    refused("t,x,y\n2001-01-01,1,2\n2001-01-02,1\n2001-01-03,1,2\n", "line 3 has 2 fields");
    refused(
        "t,x,y\n2001-01-01,1,2\n2001-01-02,1,2,3\n", "line 3 has 4 fields, and the header has 3");
  }

  @Test
  void a_quote_that_is_never_closed_is_named_by_its_line() throws IOException {
    refused("t,x\n2001-01-01,\"a\"\n2001-01-02,\"b\n2001-01-03,c\n", "line 3 opens a quote");
  }

  @Test
  void a_file_in_another_encoding_is_told_so() throws IOException {
    refused("t,x\n2001-01-01,a\n", StandardCharsets.UTF_16, "it is UTF-16, not UTF-8");
    refused("t,x\n2001-01-01,a\n", StandardCharsets.UTF_16LE, "it is not text");
    refused("t,x\n2001-01-01,caf\u00e9\n", StandardCharsets.ISO_8859_1, "line 2 is not UTF-8");
  }

  @Test
  void a_column_that_is_named_twice_is_refused() throws IOException {
    refused("t,x,x\n2001-01-01,1,2\n", "its header names the column 'x' twice");
  }

  @Test
  void quoted_delimiters_and_lines_are_no_mistakes() throws IOException {
    Path file = folder.resolve("good.csv");
    Files.writeString(file, "t,\"x, y\"\n2001-01-01,\"a,\nb\"\n2001-01-02,c\n");
    assertThat(engine.read(file).strings("x, y")).containsExactly("a,\nb", "c");
  }

  @Test
  void a_caller_that_knows_the_types_reads_all_fields_as_they_stand() throws IOException {
    Path file = folder.resolve("codes.csv");
    Files.writeString(
        file, "zip,paid,\"a 'b'\",n\n1e3,true,2001-01-01,+1\n#42,no,\"\",007\n\n,,hello, 2 \n");
    Table read = engine.readTexts(file);
    assertThat(read.strings("zip")).containsExactly("1e3", "#42", null);
    assertThat(read.strings("paid")).containsExactly("true", "no", null);
    assertThat(read.strings("a 'b'")).containsExactly("2001-01-01", "", "hello");
    assertThat(read.strings("n")).containsExactly("+1", "007", " 2 ");
  }

  @Test
  void a_column_that_looks_like_numbers_for_long_is_read_as_texts_all_the_same()
      throws IOException {
    Path file = folder.resolve("late.csv");
    Files.writeString(file, "x\n" + "7\n\n".repeat(30_000) + "hello\n");
    assertThat(engine.readTexts(file).strings("x")).hasSize(30_001).endsWith("7", "hello");
    assertThat(engine.readTexts(table(file)).column("x").type()).isEqualTo(Table.Type.STRING);
  }

  /// The same rows as Parquet.
  private Path table(Path csv) {
    Path file = folder.resolve("late.parquet");
    engine.write(engine.readTexts(csv), file);
    return file;
  }

  private void refused(String text, String what) throws IOException {
    refused(text, StandardCharsets.UTF_8, what);
  }

  private void refused(String text, Charset encoding, String what) throws IOException {
    Path file = folder.resolve("bad.csv");
    Files.write(file, text.getBytes(encoding));
    assertThatThrownBy(() -> engine.read(file))
        .isInstanceOf(Problem.class)
        .hasMessageContaining(what);
  }
}
