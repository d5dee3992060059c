package dev.orrery.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.inference.TableScorer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `orrery predict --model FILE TABLE`: scores a table in this process, without a server.
final class FilePredict {
  private final Terminal terminal;
  private final TableScorer scorer;
  private final int batchSize;

  FilePredict(Terminal terminal, TableScorer scorer, int batchSize) {
    this.terminal = terminal;
    this.scorer = scorer;
    this.batchSize = batchSize;
  }

  /// @param out where to; null for the standard output
  void run(Table table, @Nullable Path out) {
    if (out == null) {
      write(table, terminal.out());
      return;
    }
    Path whole = out.resolveSibling(out.getFileName() + ".new");
    try {
      try (var stream =
          new PrintStream(Files.newOutputStream(whole), false, StandardCharsets.UTF_8)) {
        write(table, stream);
        if (stream.checkError()) throw new IOException("the file could not be written whole");
      }
      Files.move(whole, out, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      discard(whole);
      throw new Problem(
              Fault.CANNOT_WRITE,
              "%s cannot be written%s"
                  .formatted(
                      Texts.shown(out.toString()), Disk.isFull(e) ? ": the disk is full" : ""),
              "Check its folder and the free space")
          .because(e);
    } catch (RuntimeException e) {
      discard(whole);
      throw e;
    }
    terminal.say(terminal.text("predict.wrote", out));
  }

  /// Half a file would be taken for a whole one.
  private static void discard(Path half) {
    try {
      Files.deleteIfExists(half);
    } catch (IOException _) {
      // What was wrong before is what is told.
    }
  }

  private void write(Table table, PrintStream to) {
    List<String> header = scorer.header();
    var progress = new ProgressLine(terminal);
    ArrayNode rows = JsonNodeFactory.instance.arrayNode();
    for (int from = 0; from < table.rows(); from += batchSize) {
      int end = Math.min(table.rows(), from + batchSize);
      List<List<@Nullable String>> lines = scorer.score(table, from, end);
      if (from == 0 && !terminal.isJson()) to.println(String.join(",", header));
      for (List<@Nullable String> line : lines) {
        if (terminal.isJson()) {
          ArrayNode values = rows.addArray();
          line.forEach(values::add);
        } else {
          to.println(line.stream().map(FilePredict::field).collect(Collectors.joining(",")));
        }
      }
      progress.show("%,d / %,d".formatted(end, table.rows()));
    }
    progress.clear();
    if (!terminal.isJson()) return;
    ObjectNode told = JsonNodeFactory.instance.objectNode();
    told.put("model", scorer.model()).put("version", scorer.version());
    ArrayNode names = told.putArray("columns");
    header.forEach(names::add);
    told.set("data", rows);
    to.println(told);
  }

  private static String field(@Nullable String value) {
    if (value == null) return "";
    boolean quoted = value.contains(",") || value.contains("\"") || value.contains("\n");
    return quoted || value.isEmpty() ? "\"" + value.replace("\"", "\"\"") + "\"" : value;
  }
}
