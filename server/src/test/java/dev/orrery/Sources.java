package dev.orrery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The Java sources of the repository, for tests that read them.
final class Sources {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Sources() {}

  /// Those of the server itself.
  static List<Path> main() throws IOException {
    return under(Path.of("src/main/java"));
  }

  /// Those of every module, tests and examples included.
  static List<Path> all() throws IOException {
    List<Path> all = new ArrayList<>();
    try (var folders = Files.list(ROOT)) {
      for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
        String name = folder.getFileName().toString();
        if (!name.startsWith(".")) all.addAll(under(folder));
      }
    }
    return all;
  }

  /// The source's name from the root of the repository.
  static String name(Path source) {
    return ROOT.relativize(source.toAbsolutePath().normalize()).toString();
  }

  private static List<Path> under(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files
          .filter(f -> f.toString().endsWith(".java"))
          .filter(f -> !f.toString().contains("/target/"))
          .filter(f -> !f.toString().contains("/node_modules/"))
          .sorted()
          .toList();
    }
  }
}
