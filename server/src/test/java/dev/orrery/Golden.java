package dev.orrery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A page of the repository that is generated, and held against what generates it.
public final class Golden {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Golden() {}

  /// @param name of the page, from the root of the repository
  public static void check(String name, String text) throws IOException {
    Path page = ROOT.resolve(name);
    if (System.getenv("ORRERY_GOLDEN") != null) {
      Files.createDirectories(page.getParent());
      Files.writeString(page, text);
    }
    assertThat(Files.exists(page) ? Files.readString(page) : "")
        .as("%s: run the test with ORRERY_GOLDEN=1 to write it anew", name)
        .isEqualTo(text);
  }

  /// The same for a part of a page, between two comments `<!-- NAME -->` and `<!-- /NAME -->`.
  public static void check(String name, String part, String text) throws IOException {
    String page = Files.readString(ROOT.resolve(name));
    String begin = "<!-- %s -->\n".formatted(part);
    String end = "<!-- /%s -->\n".formatted(part);
    int from = page.indexOf(begin);
    int to = page.indexOf(end);
    assertThat(from >= 0 && to > from).as("%s has the part %s", name, part).isTrue();
    check(name, page.substring(0, from + begin.length()) + text + page.substring(to));
  }
}
