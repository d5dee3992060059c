package dev.orrery.project;

import dev.orrery.base.Digest;
import dev.orrery.base.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// YAML that others wrote, such as an `MLmodel` file, read within the limits of our definitions.
public final class ForeignYaml {
  private ForeignYaml() {}

  /// @param name for messages
  /// @throws Problem of kind INVALID if it is not YAML or beyond the limits
  public static Node read(String name, byte[] bytes) {
    return Yaml.read(
        new Source(
            Path.of(name), new String(bytes, StandardCharsets.UTF_8), false, Digest.of(bytes)));
  }
}
