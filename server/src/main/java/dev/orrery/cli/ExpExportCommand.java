package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery exp export [EXPERIMENT] --out FILE`: runs as a JSON, CSV or Markdown file.
final class ExpExportCommand extends Command {
  private static final int RUNS_MAX = 1_000_000;
  private static final List<String> PLAIN =
      List.of("id", "name", "experiment", "status", "user", "started_at", "ended_at", "source");

  @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", descriptionKey = "orrery.exp.experiment")
  @Nullable String experiment;

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "FILE",
      descriptionKey = "orrery.exp.out")
  Path out = Path.of("");

  @Option(names = "--filter", paramLabel = "FILTER", descriptionKey = "orrery.exp.filter")
  @Nullable String filter;

  @Option(names = "--order", paramLabel = "KEY", descriptionKey = "orrery.exp.order")
  @Nullable List<String> order;

  @Option(names = "--force", descriptionKey = "orrery.exp.force")
  boolean force;

  @Override
  int run(Terminal terminal) {
    Path file = terminal.folder().resolve(out);
    String name = file.getFileName().toString();
    String format = name.substring(name.lastIndexOf('.') + 1);
    if (!List.of("json", "csv", "md").contains(format)) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "'%s' does not tell a format".formatted(Texts.shown(name)),
          "Name the file FILE.json, FILE.csv or FILE.md");
    }
    if (!force && Files.exists(file)) throw there(file);
    var asked = new ExpRuns(server(terminal));
    List<JsonNode> runs = new ArrayList<>();
    var progress = new ProgressLine(terminal);
    asked.each(
        asked.query(experiment, filter, order),
        RUNS_MAX,
        run -> {
          runs.add(run);
          if (runs.size() % 1_000 == 0) {
            progress.show(terminal.text("exp.export.read", "%,d".formatted(runs.size())));
          }
        });
    progress.clear();
    String text =
        switch (format) {
          case "json" -> Json.pretty(Map.of("runs", ExpRuns.array(runs))) + "\n";
          case "csv" -> csv(runs);
          default -> markdown(runs);
        };
    write(file, text);
    if (terminal.isJson()) terminal.json(Map.of("file", file.toString(), "runs", runs.size()));
    else terminal.print(terminal.text("exp.export.done", "%,d".formatted(runs.size()), name));
    return ExitCode.OK;
  }

  private static void write(Path file, String text) {
    try {
      Path parent = file.getParent();
      if (parent != null) Files.createDirectories(parent);
      Files.writeString(file, text);
    } catch (FileAlreadyExistsException e) {
      throw there(file).because(e);
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written (%s)".formatted(Texts.shown(file.toString()), e.getMessage()),
              "Check the folder and the free space")
          .because(e);
    }
  }

  private static Problem there(Path file) {
    return new Problem(
        Fault.ALREADY_THERE,
        "%s is there already".formatted(Texts.shown(file.toString())),
        "Choose another name, or add --force");
  }

  private static List<String> columns(List<JsonNode> runs) {
    List<String> columns = new ArrayList<>(PLAIN);
    for (String family : List.of("metrics", "params", "tags")) {
      var names = new TreeSet<String>();
      runs.forEach(run -> run.path(family).fieldNames().forEachRemaining(names::add));
      names.forEach(name -> columns.add(family + "." + name));
    }
    return columns;
  }

  private static String value(JsonNode run, String column) {
    int dot = column.indexOf('.');
    JsonNode value =
        dot < 0
            ? run.path(column)
            : run.path(column.substring(0, dot)).path(column.substring(dot + 1));
    return value.isMissingNode() || value.isNull() ? "" : value.asText();
  }

  private static String csv(List<JsonNode> runs) {
    List<String> columns = columns(runs);
    var text = new StringBuilder();
    text.append(columns.stream().map(ExpExportCommand::quoted).collect(Collectors.joining(",")));
    text.append("\r\n");
    for (JsonNode run : runs) {
      text.append(
          columns.stream()
              .map(column -> quoted(value(run, column)))
              .collect(Collectors.joining(",")));
      text.append("\r\n");
    }
    return text.toString();
  }

  /// RFC 4180. A text that a spreadsheet would take for a formula is led by an apostrophe.
  private static String quoted(String value) {
    boolean isFormula =
        !value.isEmpty()
            && "=+-@\t\r".indexOf(value.charAt(0)) >= 0
            && !value.matches("[-+]?[0-9.]+([eE][-+]?[0-9]+)?");
    String safe = isFormula ? "'" + value : value;
    boolean isPlain = safe.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return isPlain ? safe : '"' + safe.replace("\"", "\"\"") + '"';
  }

  private static String markdown(List<JsonNode> runs) {
    List<String> columns =
        columns(runs).stream().filter(column -> !column.startsWith("tags.mlflow.")).toList();
    var text = new StringBuilder();
    text.append("| ").append(String.join(" | ", columns)).append(" |\n");
    text.append("|").append("---|".repeat(columns.size())).append("\n");
    for (JsonNode run : runs) {
      text.append("| ");
      text.append(
          columns.stream()
              .map(column -> value(run, column).replace("|", "\\|").replaceAll("\\s+", " "))
              .collect(Collectors.joining(" | ")));
      text.append(" |\n");
    }
    return text.toString();
  }
}
