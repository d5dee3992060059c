package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.project.Project;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Which port to serve on: the option, then `ORRERY_PORT`, then the project's, then 8080.
final class Ports {
  static final int USUAL = 8080;
  private static final int MAX = 65_535;

  private Ports() {}

  static int of(@Nullable Integer option, Terminal terminal, Path home) {
    if (option != null) return checked(option, "--port");
    String variable = terminal.environment().getOrDefault("ORRERY_PORT", "");
    if (!variable.isEmpty()) {
      if (!variable.matches("\\d{1,5}")) throw bad(variable, "ORRERY_PORT");
      return checked(Integer.parseInt(variable), "ORRERY_PORT");
    }
    if (!Project.isIn(home)) return USUAL;
    return (int) Project.load(home).serve().whole("port", USUAL);
  }

  private static int checked(int port, String where) {
    if (port < 0 || port > MAX) throw bad(Integer.toString(port), where);
    return port;
  }

  private static Problem bad(String port, String where) {
    return new Problem(
        Fault.BAD_COMMAND,
        "'%s' is not a port for %s".formatted(Texts.shown(port), where),
        "Give 1 to 65535, or 0 for any free one");
  }
}
