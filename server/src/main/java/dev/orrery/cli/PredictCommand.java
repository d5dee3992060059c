package dev.orrery.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.inference.TableScorer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `orrery predict [JSON|FILE|-]`: asks the endpoint about one row, or about a file of them.
final class PredictCommand extends Command {
  private static final int BATCH_MAX = 4_096;

  @Parameters(arity = "0..1", paramLabel = "JSON|FILE", descriptionKey = "orrery.predict.input")
  String input = "-";

  @Option(names = "--endpoint", paramLabel = "NAME", descriptionKey = "orrery.predict.endpoint")
  @Nullable String endpoint;

  @Option(names = "--model", paramLabel = "FILE", descriptionKey = "orrery.predict.model")
  @Nullable Path model;

  @Option(names = "--out", paramLabel = "FILE", descriptionKey = "orrery.predict.out")
  @Nullable Path out;

  @Option(names = "--force", descriptionKey = "orrery.predict.force")
  boolean force;

  @Option(names = "--batch-size", paramLabel = "N", descriptionKey = "orrery.predict.batch-size")
  int batchSize = 1_000;

  @Override
  int run(Terminal terminal) throws IOException {
    if (batchSize < 1 || batchSize > BATCH_MAX) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "%d rows are no batch".formatted(batchSize),
          "Give --batch-size 1 to %,d".formatted(BATCH_MAX));
    }
    if (out != null) requireWritable(terminal.folder().resolve(out));
    if (input.isBlank()) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "there is nothing to predict",
          "Give a row as JSON, a file, or - for standard input");
    }
    if (model != null) {
      byFile(terminal, terminal.folder().resolve(model));
      return ExitCode.OK;
    }
    Client client = server(terminal);
    String path =
        endpoint == null ? "/predict" : "/endpoints/" + Urls.segment(endpoint) + "/predict";
    Path file = terminal.folder().resolve(isInline() ? "" : input);
    List<JsonNode> answers;
    if (!isInline() && Rows.isTable(file)) {
      Map<String, Type> types = types(client);
      answers = batches(terminal, client, path, Rows.typed(table(file), types), types);
    } else {
      answers = List.of(client.post(path, body(file)));
    }
    if (out == null) {
      print(terminal, answers, terminal.out());
    } else {
      write(terminal, answers, terminal.folder().resolve(out));
    }
    return ExitCode.OK;
  }

  private void byFile(Terminal terminal, Path file) {
    Path rows = terminal.folder().resolve(isInline() ? "" : input);
    if (endpoint != null || isInline() || !Rows.isTable(rows)) {
      throw new Problem(
          Fault.BAD_COMMAND,
          "--model scores a CSV or Parquet file, and asks no endpoint",
          "Give one: orrery predict rows.parquet --model model.txt");
    }
    try (var scorer = new TableScorer(file, terminal.clock())) {
      Table table = table(rows);
      new FilePredict(terminal, scorer, batchSize)
          .run(table, out == null ? null : terminal.folder().resolve(out));
    }
  }

  /// The columns that the endpoint takes, with their types: a file of texts does not tell them.
  private Map<String, Type> types(Client client) {
    String name = endpoint != null ? endpoint : EndpointName.served(client).orElse("");
    // Who has no endpoint is told so by the first batch.
    if (name.isEmpty()) return Map.of();
    Map<String, Type> types = new LinkedHashMap<>();
    for (var input :
        client.get("/api/v1/endpoints/" + Urls.segment(name)).path("inputs").properties()) {
      types.put(
          input.getKey(),
          switch (input.getValue().asText()) {
            case "number" -> Type.NUMBER;
            case "time" -> Type.TIME;
            default -> Type.STRING;
          });
    }
    return types;
  }

  private static Table table(Path file) {
    Table table = Rows.texts(file);
    if (table.rows() > 0) return table;
    throw new Problem(
        Fault.BAD_COMMAND,
        "%s has no rows".formatted(Texts.shown(file.toString())),
        "Give a file with a row at least");
  }

  /// What cannot be written is told before anything is predicted.
  private void requireWritable(Path file) {
    if (Files.exists(file) && !force) {
      throw new Problem(
          Fault.ALREADY_THERE,
          "%s is there already".formatted(Texts.shown(file.toString())),
          "Name another file, or replace it by --force");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder) || Files.isDirectory(file)) {
      throw new Problem(
          Fault.CANNOT_WRITE,
          "%s cannot be written".formatted(Texts.shown(file.toString())),
          "Name a file in a folder that is there and that you may write");
    }
  }

  private boolean isInline() {
    String text = input.stripLeading();
    return input.equals("-") || text.startsWith("{") || text.startsWith("[");
  }

  private JsonNode body(Path file) throws IOException {
    if (input.equals("-")) return Json.tree(System.in.readAllBytes());
    return isInline() ? Json.tree(input.getBytes(StandardCharsets.UTF_8)) : Rows.json(file);
  }

  private List<JsonNode> batches(
      Terminal terminal, Client client, String path, Table table, Map<String, Type> types) {
    // What the dataset computes or learns later stands in its files, and is no input.
    SequencedMap<String, Type> own = new LinkedHashMap<>();
    table.columns().forEach((name, column) -> own.put(name, column.type()));
    Set<String> inputs =
        Rows.dataset(home(terminal))
            .map(dataset -> dataset.inputs(own).keySet())
            .orElse(own.keySet());
    List<String> columns =
        table.names().stream()
            .filter(name -> inputs.contains(name) || types.containsKey(name))
            .toList();
    var progress = new ProgressLine(terminal);
    List<JsonNode> answers = new ArrayList<>();
    for (int from = 0; from < table.rows(); from += batchSize) {
      int to = Math.min(table.rows(), from + batchSize);
      ArrayNode rows = Rows.objects(table, columns, from, to);
      try {
        answers.add(client.post(path, Map.of("rows", rows)));
      } catch (Problem e) {
        progress.clear();
        throw failed(e, from, to);
      }
      progress.show("%,d / %,d".formatted(to, table.rows()));
    }
    progress.clear();
    return answers;
  }

  /// What failed, of the file; and what was done before it, which is not undone.
  private static Problem failed(Problem e, int from, int to) {
    String done =
        from == 0
            ? "nothing was predicted"
            : "rows 1 to %,d were predicted and logged".formatted(from);
    String what =
        "%s (in the batch of rows %,d to %,d; %s)"
            .formatted(Rows.ofFile(e, from), from + 1, to, done);
    return new Problem(e.fault(), what, e.remedy()).because(e);
  }

  private static void print(Terminal terminal, List<JsonNode> answers, PrintStream to) {
    if (terminal.isJson()) {
      to.println(Json.pretty(answers.size() == 1 ? answers.getFirst() : merged(answers)));
      return;
    }
    to.println("prediction,score,version,id");
    for (JsonNode answer : answers) {
      for (int i = 0; i < answer.path("ids").size(); i++) {
        to.println(
            "%s,%s,%s,%s"
                .formatted(
                    answer.path("prediction").path(i).asText(),
                    answer.path("score").path(i).asText(),
                    answer.path("version").asText(),
                    answer.path("ids").path(i).asText()));
      }
    }
  }

  /// Several answers as one; versions may differ from batch to batch.
  private static ObjectNode merged(List<JsonNode> answers) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    for (String key : List.of("prediction", "score", "ids")) {
      ArrayNode values = all.putArray(key);
      answers.forEach(answer -> answer.path(key).forEach(values::add));
    }
    ArrayNode versions = all.putArray("versions");
    for (JsonNode answer : answers) {
      all.set("model", answer.path("model"));
      for (int i = 0; i < answer.path("ids").size(); i++) versions.add(answer.path("version"));
    }
    return all;
  }

  private static void write(Terminal terminal, List<JsonNode> answers, Path file) {
    Path whole = file.resolveSibling(file.getFileName() + ".new");
    try {
      try (var stream =
          new PrintStream(Files.newOutputStream(whole), false, StandardCharsets.UTF_8)) {
        print(terminal, answers, stream);
        if (stream.checkError()) throw new IOException("the file could not be written whole");
      }
      Files.move(whole, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written%s"
                  .formatted(
                      Texts.shown(file.toString()), Disk.isFull(e) ? ": the disk is full" : ""),
              "Check its folder and the free space; the predictions were made and logged")
          .because(e);
    }
    terminal.say(terminal.text("predict.wrote", file));
  }
}
