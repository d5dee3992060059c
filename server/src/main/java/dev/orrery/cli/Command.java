package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.project.Project;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// One verb of the command line, with the options that all of them share.
///
/// Its texts stand in the bundle of [Messages] under its name: `check.about` in one line,
/// `orrery.check.OPTION` for each option.
abstract class Command {
  @Option(names = "--home", paramLabel = "DIR", descriptionKey = "option.home")
  @Nullable Path home;

  @Option(names = "--json", descriptionKey = "option.json")
  boolean json;

  @Option(
      names = {"-q", "--quiet"},
      descriptionKey = "option.quiet")
  boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      descriptionKey = "option.verbose")
  boolean verbose;

  @Option(names = "--no-color", descriptionKey = "option.no-color")
  boolean noColour;

  @Option(names = "--lang", paramLabel = "en|ko", descriptionKey = "option.lang")
  @Nullable String lang;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      descriptionKey = "option.help")
  boolean help;

  /// Does it.
  ///
  /// @return the exit code, one of [ExitCode]
  /// @throws dev.orrery.base.Problem what the person at the terminal can act on
  abstract int run(Terminal terminal) throws Exception;

  /// The project's folder: the one that was named, or else the nearest around the folder the
  /// command was called in that has an `orrery.yaml` or a store, or else that folder itself.
  Path home(Terminal terminal) {
    Path here = terminal.folder().toAbsolutePath().normalize();
    if (home != null) return here.resolve(home).normalize();
    for (Path folder = here; folder != null; folder = folder.getParent()) {
      if (Project.isIn(folder) || folder.resolve(".orrery").toFile().isDirectory()) return folder;
    }
    return here;
  }

  /// Refuses a home that is a file, or lies in one.
  void requireFolder(Terminal terminal) {
    for (Path p = home(terminal); p != null; p = p.getParent()) {
      if (Files.isRegularFile(p)) {
        throw new Problem(
            Fault.STORE_IS_A_FILE,
            "%s is a file, not a folder".formatted(Texts.shown(p.toString())),
            "Give a folder, new or existing, as the home");
      }
    }
  }

  /// The server that runs on the home, or that `ORRERY_SERVER` names.
  Client server(Terminal terminal) {
    return Client.named(terminal.environment()).orElseGet(() -> Client.of(home(terminal)));
  }
}
