package dev.orrery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Every Java source of the repository stands as google-java-format lays it out.
class FormatTest {
  @Test
  void every_source_is_formatted() throws IOException {
    Formatter formatter = new Formatter();
    List<String> unformatted =
        Sources.all().parallelStream()
            .map(source -> complaint(formatter, source))
            .filter(complaint -> !complaint.isEmpty())
            .toList();
    assertThat(unformatted).as("run ./orrery-dev fmt").isEmpty();
  }

  private static String complaint(Formatter formatter, Path source) {
    try {
      String text = Files.readString(source);
      String formatted = formatter.formatSourceAndFixImports(text);
      return Objects.equals(text, formatted) ? "" : Sources.name(source);
    } catch (FormatterException e) {
      return Sources.name(source) + ": " + e.getMessage();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
