package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.Soundness;
import dev.orrery.base.Problem;
import dev.orrery.project.JsonSchema;
import dev.orrery.project.Project;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `orrery check`: reads every definition of the project and shows all that is wrong with them.
final class CheckCommand extends Command {
  @Option(names = "--schema", descriptionKey = "check.schema")
  boolean schema;

  @Override
  int run(Terminal terminal) {
    if (schema) {
      terminal.out().print(JsonSchema.text());
      return ExitCode.OK;
    }
    Path home = home(terminal);
    Project.Reading reading = Project.read(home);
    List<Problem> problems = new ArrayList<>(reading.problems());
    reading.project().ifPresent(project -> problems.addAll(Soundness.of(project)));
    if (terminal.isJson()) {
      terminal.json(report(new ErrorText(terminal, home), reading.project(), problems));
    } else {
      show(terminal, new ErrorText(terminal, home), reading.project(), problems);
    }
    return problems.isEmpty() ? ExitCode.OK : ExitCode.BAD_INPUT;
  }

  private static void show(
      Terminal terminal, ErrorText text, Optional<Project> project, List<Problem> problems) {
    for (Problem problem : problems) {
      terminal.complain(text.of(problem));
      terminal.complain("");
    }
    if (!problems.isEmpty()) {
      terminal.print(terminal.text("check.problems", problems.size()));
    } else if (project.isPresent()) {
      int files = project.get().files().size();
      terminal.print(
          terminal.green("ok") + "  " + terminal.text("check.ok", project.get().name(), files));
    }
  }

  private static ObjectNode report(
      ErrorText text, Optional<Project> project, List<Problem> problems) {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("ok", problems.isEmpty());
    project.ifPresent(found -> {
      report.put("project", found.name().text());
      report.put("digest", found.digest().hex());
      ObjectNode files = report.putObject("files");
      found.files().forEach((file, digest) -> files.put(file, digest.hex()));
    });
    ArrayNode list = report.putArray("problems");
    problems.forEach(problem -> list.add(text.json(problem)));
    return report;
  }
}
