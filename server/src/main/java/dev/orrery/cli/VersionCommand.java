package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Optional;

/// `orrery version`: what runs here.
final class VersionCommand extends Command {
  /// The version in the jar, or `dev` where there is none.
  static String version() {
    return Optional.ofNullable(Cli.class.getPackage().getImplementationVersion()).orElse("dev");
  }

  @Override
  int run(Terminal terminal) {
    if (terminal.isJson()) {
      terminal.json(
          JsonNodeFactory.instance
              .objectNode()
              .put("version", version())
              .put("java", Runtime.version().toString()));
    } else {
      terminal.print("orrery %s (Java %s)".formatted(version(), Runtime.version()));
    }
    return ExitCode.OK;
  }
}
