package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/// `orrery doctor`: whether this machine and this home are fit, with a fix for what is not.
final class DoctorCommand extends Command {
  @Option(names = "--port", paramLabel = "N", descriptionKey = "orrery.doctor.port")
  int port = 8080;

  @Option(names = "--report", descriptionKey = "orrery.doctor.report")
  boolean report;

  /// The doctor tells of it among the rest.
  @Override
  void requireFolder(Terminal terminal) {}

  @Override
  int run(Terminal terminal) {
    int unused = Ports.of(port, terminal, home(terminal));
    List<Examination.Finding> findings = new Examination(terminal, home(terminal), port).all();
    if (terminal.isJson()) {
      json(terminal, findings);
    } else if (report) {
      paste(terminal, findings);
    } else {
      show(terminal, findings);
    }
    boolean isSound = findings.stream().noneMatch(Examination.Finding::isProblem);
    return isSound ? ExitCode.OK : ExitCode.NOT_MET;
  }

  private static void show(Terminal terminal, List<Examination.Finding> findings) {
    for (Examination.Finding finding : findings) {
      String mark =
          switch (finding.state()) {
            case OK -> terminal.green("ok     ");
            case NOTE -> terminal.yellow("note   ");
            case PROBLEM -> terminal.red("problem");
          };
      terminal.print("%s  %-9s %s".formatted(mark, finding.name(), finding.what()));
      if (!finding.fix().isEmpty()) {
        terminal.print("%s%s".formatted(" ".repeat(19), terminal.dim("-> " + finding.fix())));
      }
    }
  }

  /// Markdown, to be pasted into an issue.
  private static void paste(Terminal terminal, List<Examination.Finding> findings) {
    terminal.print("| orrery %s | | |".formatted(VersionCommand.version()));
    terminal.print("|---|---|---|");
    for (Examination.Finding finding : findings) {
      terminal.print(
          "| %s | %s | %s |"
              .formatted(
                  finding.name(),
                  finding.state().name().toLowerCase(Locale.ROOT),
                  finding.what().replace('|', '/')));
    }
  }

  private static void json(Terminal terminal, List<Examination.Finding> findings) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("version", VersionCommand.version());
    var list = json.putArray("findings");
    for (Examination.Finding finding : findings) {
      list.addObject()
          .put("name", finding.name())
          .put("state", finding.state().name().toLowerCase(Locale.ROOT))
          .put("what", finding.what())
          .put("fix", finding.fix());
    }
    terminal.json(json);
  }
}
