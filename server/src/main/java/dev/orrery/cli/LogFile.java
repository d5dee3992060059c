package dev.orrery.cli;

import dev.orrery.web.AccessLog;
import org.jspecify.annotations.Nullable;

/// The option `--access-log`: a path is one from where the command was typed.
final class LogFile {
  private LogFile() {}

  static @Nullable String of(@Nullable String written, Terminal terminal) {
    if (written == null || written.equals(AccessLog.STDERR)) return written;
    return terminal.folder().resolve(written).toString();
  }
}
