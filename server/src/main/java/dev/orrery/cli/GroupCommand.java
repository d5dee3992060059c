package dev.orrery.cli;

import java.util.List;

/// `orrery exp`: a command that has commands of its own, and by itself lists them.
final class GroupCommand extends Command {
  private final String name;

  GroupCommand(String name) {
    this.name = name;
  }

  @Override
  int run(Terminal terminal) {
    return new Cli(terminal).run(List.of(name, "--help"));
  }

  /// A line for each of its commands.
  static String[] lines(Terminal terminal, String group) {
    List<String> names = Commands.GROUPS.getOrDefault(group, List.of());
    int width = names.stream().mapToInt(String::length).max().orElse(0);
    return names.stream()
        .map(name ->
            "  %s %s  %s"
                .formatted(
                    group,
                    name + " ".repeat(width - name.length()),
                    terminal.text("%s.%s.about".formatted(group, name))))
        .toArray(String[]::new);
  }
}
