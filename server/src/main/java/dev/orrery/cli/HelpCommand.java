package dev.orrery.cli;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import picocli.CommandLine.Parameters;

/// `orrery help [COMMAND]`: what there is, or how one of them is used.
final class HelpCommand extends Command {
  @Parameters(arity = "0..1", paramLabel = "COMMAND", descriptionKey = "help.command")
  String command = "";

  @Override
  int run(Terminal terminal) {
    if (!command.isEmpty()) {
      if (!Commands.NAMES.contains(command)) {
        throw new Problem(
            Fault.BAD_COMMAND,
            "there is no command '%s'".formatted(Texts.shown(command)),
            Texts.didYouMean(command, Commands.NAMES));
      }
      return new Cli(terminal).run(java.util.List.of(command, "--help"));
    }
    terminal.print(terminal.text("help.head"));
    terminal.print("");
    terminal.print(terminal.text("help.usage") + " orrery <" + terminal.text("help.word") + ">");
    terminal.print("");
    for (String name : Commands.NAMES) {
      terminal.print("  %-10s %s".formatted(name, terminal.text(name + ".about")));
    }
    terminal.print("");
    terminal.print(terminal.text("help.more"));
    return ExitCode.OK;
  }
}
