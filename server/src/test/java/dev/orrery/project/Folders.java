package dev.orrery.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes project folders for tests.
final class Folders {
  static final Path ACCEPTANCE = Path.of("src/test/resources/acceptance");

  /// The smallest project there is.
  static final String SMALL = "orrery: 1\nproject: small\n";

  private Folders() {}

  static Path with(Path folder, String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
    return folder;
  }

  static Node yaml(Path folder, String text) throws IOException {
    with(folder, "some.yaml", text);
    return Yaml.read(Source.read(folder, Path.of("some.yaml")));
  }
}
