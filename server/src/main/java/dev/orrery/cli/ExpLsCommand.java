package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery exp ls [EXPERIMENT]`: experiments, or the runs of one.
final class ExpLsCommand extends Command {
  private static final int SHOWN_MAX = 4;

  @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", descriptionKey = "orrery.exp.experiment")
  @Nullable String experiment;

  @Option(names = "--filter", paramLabel = "FILTER", descriptionKey = "orrery.exp.filter")
  @Nullable String filter;

  @Option(names = "--order", paramLabel = "KEY", descriptionKey = "orrery.exp.order")
  @Nullable List<String> order;

  @Option(names = "--limit", paramLabel = "N", descriptionKey = "orrery.exp.limit")
  int limit = 20;

  @Option(
      names = "--columns",
      paramLabel = "KEY",
      split = ",",
      descriptionKey = "orrery.exp.columns")
  @Nullable List<String> columns;

  @Option(names = "--deleted", descriptionKey = "orrery.exp.deleted")
  boolean deleted;

  @Override
  int run(Terminal terminal) {
    Client client = server(terminal);
    if (experiment == null && filter == null && order == null) return experiments(terminal, client);
    var runs = new ExpRuns(client);
    Map<String, Object> query = runs.query(experiment, filter, order);
    if (deleted) query.put("view", "deleted");
    query.put("count", true);
    query.put("limit", Math.clamp(limit, 1, 10_000));
    JsonNode found = client.post("/api/v1/runs/search", query);
    if (terminal.isJson()) {
      terminal.json(found);
      return ExitCode.OK;
    }
    table(terminal, found.path("runs"));
    long count = found.path("count").asLong();
    terminal.say(terminal.text("exp.ls.count", found.path("runs").size(), "%,d".formatted(count)));
    return ExitCode.OK;
  }

  private int experiments(Terminal terminal, Client client) {
    JsonNode found =
        client.get(
            "/api/v1/experiments?limit=%d%s"
                .formatted(Math.clamp(limit, 1, 1_000), deleted ? "&view=deleted" : ""));
    if (terminal.isJson()) {
      terminal.json(found);
      return ExitCode.OK;
    }
    var table =
        new TextTable(
            List.of("id", terminal.text("exp.name"), terminal.text("exp.runs"), "updated"));
    for (JsonNode one : found.path("experiments")) {
      table.row(
          List.of(
              one.path("id").asText(),
              one.path("name").asText(),
              one.path("runs").asText(),
              ExpRuns.minute(one.path("updated_at"))));
    }
    table.lines(terminal).forEach(terminal::print);
    terminal.say(terminal.text("exp.ls.next"));
    return ExitCode.OK;
  }

  private void table(Terminal terminal, JsonNode runs) {
    List<String> keys = columns == null ? usual(runs) : columns;
    List<String> heads =
        new ArrayList<>(
            List.of(
                "run",
                terminal.text("exp.name"),
                terminal.text("exp.status"),
                terminal.text("exp.started"),
                terminal.text("exp.took")));
    keys.forEach(key -> heads.add(key.substring(key.indexOf('.') + 1)));
    var table = new TextTable(heads);
    for (JsonNode run : runs) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  ExpRuns.brief(run.path("id").asText()),
                  run.path("name").asText(),
                  run.path("status").asText(),
                  ExpRuns.minute(run.path("started_at")),
                  ExpRuns.duration(run)));
      for (String key : keys) cells.add(cell(run, key));
      table.row(cells);
    }
    table.lines(terminal).forEach(terminal::print);
  }

  private static String cell(JsonNode run, String key) {
    int dot = key.indexOf('.');
    String family = dot < 0 ? "" : key.substring(0, dot);
    String name = key.substring(dot + 1);
    return switch (family) {
      case "metric", "metrics" -> ExpRuns.number(run.path("metrics").path(name));
      case "param", "params" -> ExpRuns.text(run.path("params").path(name));
      case "tag", "tags" -> ExpRuns.text(run.path("tags").path(name));
      default -> ExpRuns.text(run.path(name));
    };
  }

  /// A few metrics and parameters that the runs have.
  private static List<String> usual(JsonNode runs) {
    Set<String> metrics = new LinkedHashSet<>();
    Set<String> params = new LinkedHashSet<>();
    for (JsonNode run : runs) {
      run.path("metrics").fieldNames().forEachRemaining(name -> metrics.add("metrics." + name));
      run.path("params").fieldNames().forEachRemaining(name -> params.add("params." + name));
    }
    List<String> keys = new ArrayList<>(metrics.stream().limit(SHOWN_MAX).toList());
    keys.addAll(params.stream().limit(SHOWN_MAX).toList());
    return keys;
  }
}
