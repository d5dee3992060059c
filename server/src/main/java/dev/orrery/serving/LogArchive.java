package dev.orrery.serving;

import com.sun.management.OperatingSystemMXBean;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Sandbox;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.Journal.Position;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// The prediction log as Parquet, beside the journal: each segment once it is closed, for questions
/// in SQL. The journal stays the truth; a file that is missing is written again.
final class LogArchive implements AutoCloseable {
  /// Segments written in one round, so that a long log is caught up with bit by bit.
  private static final int SEGMENTS_AT_ONCE = 4;

  /// 1 GB of the log: a question that comes then waits some twenty seconds for its files.
  private static final int PUT_OFF_MAX = 256;

  /// Of the machine's processors, since the last look.
  private static final double BUSY = 0.6;

  private static final String MEMORY = "512MB";
  private static final int OUTCOMES_MAX = 2_000_000;
  static final int ROWS_MAX = 10_000;

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final Path folder;

  /// Of one thread: with more, DuckDB lets the caller spin while another works.
  private final Engine engine = new Engine(1, MEMORY);

  /// All segments before it are written.
  private int next = 1;

  /// @param folder made when there is something to write
  LogArchive(PredictionLog log, Outcomes outcomes, Path folder) {
    this.log = log;
    this.outcomes = outcomes;
    this.folder = folder;
  }

  /// Writes closed segments that are not written yet.
  ///
  /// @return how many
  synchronized int compact() {
    int written = 0;
    for (; next < log.end().segment() && written < SEGMENTS_AT_ONCE; next++) {
      if (Files.exists(file(next))) continue;
      write(segment(next), file(next));
      written++;
    }
    return written;
  }

  /// Writes what is due unless the machine has better to do: nobody waits for these files, and a
  /// question writes them itself. A long log is not put off for good.
  void compactWhenQuiet() {
    if (log.end().segment() - next > PUT_OFF_MAX || !isBusy()) {
      int unused = compact();
    }
  }

  private static boolean isBusy() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        && system.getCpuLoad() > BUSY;
  }

  /// Answers a question over `predictions`, the open segment and what is known by now included.
  synchronized Sandbox.Answer ask(String sql, int rows) {
    // Somebody may have taken a file away.
    for (int segment = 1; segment < next; segment++) {
      if (!Files.exists(file(segment))) next = segment;
    }
    while (compact() > 0) continue;
    Path open = folder.resolve("open.parquet");
    Path known = folder.resolve("known.parquet");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(open);
      Files.deleteIfExists(known);
      write(segment(log.end().segment()), open);
      write(outcomes(), known);
      return Sandbox.ask(
          folder.toRealPath(),
          Map.of(
              "predictions",
              """
              select p.* exclude (at_segment, at_frame, at_row), o.actual, o.known_at
              from (%s) p
              left join (%s) o using (at_segment, at_frame, at_row)
              """
                  .formatted(
                      Sandbox.files(folder.toRealPath(), "[0o]*[0-9n].parquet"),
                      Sandbox.files(folder.toRealPath(), "known.parquet"))),
          sql,
          Math.clamp(rows, 1, ROWS_MAX));
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE_TABLE,
              "cannot write in %s (%s)".formatted(folder, e.getMessage()),
              "Check the disk's free space and the folder's permissions")
          .because(e);
    }
  }

  private Path file(int segment) {
    return folder.resolve("%010d.parquet".formatted(segment));
  }

  private void write(Table table, Path file) {
    Path draft = folder.resolve(file.getFileName() + ".draft");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(draft);
      engine.write(table, draft, Engine.Packing.QUICK);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE_TABLE,
              "cannot write %s (%s)".formatted(file, e.getMessage()),
              "Check the disk's free space and the folder's permissions")
          .because(e);
    }
  }

  private Table segment(int segment) {
    return log.columns(segment).table();
  }

  /// One row an outcome: where its prediction stands, the target, and when it became known.
  private Table outcomes() {
    long count = outcomes.count();
    if (count > OUTCOMES_MAX) {
      throw new Problem(
          Fault.TABLE_TOO_LARGE,
          "%,d outcomes are more than a question is answered over".formatted(count),
          "Read the Parquet files in %s with a tool of your own".formatted(folder));
    }
    double[][] columns = new double[4][(int) count];
    long[] known = new long[(int) count];
    int next = 0;
    for (var frame : outcomes.targets(Position.START, log.end()).entrySet()) {
      for (Outcomes.Known one : frame.getValue()) {
        if (next == known.length) break;
        columns[0][next] = frame.getKey().segment();
        columns[1][next] = frame.getKey().offset();
        columns[2][next] = one.row();
        columns[3][next] = one.target();
        known[next] = one.effectiveAt() * 1_000;
        next++;
      }
    }
    int n = next;
    SequencedMap<String, Column> table = new LinkedHashMap<>();
    table.put("at_segment", new Numbers(Arrays.copyOf(columns[0], n)));
    table.put("at_frame", new Numbers(Arrays.copyOf(columns[1], n)));
    table.put("at_row", new Numbers(Arrays.copyOf(columns[2], n)));
    table.put("actual", new Numbers(Arrays.copyOf(columns[3], n)));
    table.put("known_at", new Times(Arrays.copyOf(known, n)));
    return new Table(table, n);
  }

  @Override
  public void close() {
    engine.close();
  }
}
