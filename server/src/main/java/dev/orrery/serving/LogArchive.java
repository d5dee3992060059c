package dev.orrery.serving;

import com.sun.management.OperatingSystemMXBean;
import dev.orrery.artifact.FileReport.Look;
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
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The prediction log as Parquet, beside the journal: each segment once it is closed, for questions
/// in SQL. The journal stays the truth; a file that is missing or damaged is written again.
final class LogArchive implements AutoCloseable {
  /// Segments written in one round, so that a long log is caught up with bit by bit.
  private static final int SEGMENTS_AT_ONCE = 4;

  /// 1 GB of the log: a question that comes then waits some twenty seconds for its files.
  private static final int PUT_OFF_MAX = 256;

  /// Of the machine's processors, since the last look.
  private static final double BUSY = 0.6;

  private static final String MEMORY = "512MB";
  private static final int OUTCOMES_MAX = 2_000_000;
  private static final long DOUBTED_FOR_NANOS = 60_000_000_000L;

  /// How DuckDB begins to say that a question is wrong, or took too much.
  private static final Pattern OF_QUESTIONS =
      Pattern.compile(
          "(Parser|Binder|Catalog|Conversion|Permission|Out of Range|Out of Memory) Error"
              + "|INTERRUPT|there are |the function ");

  static final int ROWS_MAX = 10_000;

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final Path folder;
  private final ArchiveFiles files;

  /// Of one thread: with more, DuckDB lets the caller spin while another works.
  private final Engine engine = new Engine(1, MEMORY);

  /// All segments before it are written.
  private int next = 1;

  /// Files that were found damaged, or had no digest, and were written again.
  private int mended;

  private @Nullable Long doubtedNanos;

  /// @param folder made when there is something to write
  LogArchive(PredictionLog log, Outcomes outcomes, Path folder) {
    this.log = log;
    this.outcomes = outcomes;
    this.folder = folder;
    this.files = new ArchiveFiles(folder);
  }

  /// Writes closed segments that are not written yet.
  ///
  /// @return how many
  synchronized int compact() {
    int written = 0;
    int end = log.end().segment();
    if (next >= end) return written;
    SortedMap<Integer, List<Path>> found = found();
    for (; next < end && written < SEGMENTS_AT_ONCE; next++) {
      List<Path> there = found.getOrDefault(next, List.of());
      if (there.stream().anyMatch(ArchiveFiles::isSealed)) continue;
      Path unused = write(next, there);
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
    int end = log.end().segment();
    List<String> closed = closed(end);
    Path open = folder.resolve("open.parquet");
    Path known = folder.resolve("known.parquet");
    try {
      Files.createDirectories(folder);
      Files.deleteIfExists(open);
      Files.deleteIfExists(known);
      Files.move(draft(segment(end), open), open, StandardCopyOption.ATOMIC_MOVE);
      Files.move(draft(outcomes(), known), known, StandardCopyOption.ATOMIC_MOVE);
      try {
        return answer(closed, sql, rows);
      } catch (Problem e) {
        if (!mayBeOfFile(e) || !hasMended(end)) throw e;
        return answer(closed(end), sql, rows);
      }
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private Sandbox.Answer answer(List<String> closed, String sql, int rows) throws IOException {
    Path real = folder.toRealPath();
    var all = new ArrayList<>(closed);
    all.add("open.parquet");
    return Sandbox.ask(
        real,
        Map.of(
            "predictions",
            """
            select p.* exclude (at_segment, at_frame, at_row), o.actual, o.known_at, o.usable_at
            from (%s) p
            left join (%s) o using (at_segment, at_frame, at_row)
            """
                .formatted(
                    Sandbox.files(real, all), Sandbox.files(real, List.of("known.parquet")))),
        sql,
        Math.clamp(rows, 1, ROWS_MAX));
  }

  /// The names of the files of all segments before one, each as it was written: what is missing or
  /// damaged is written first.
  private List<String> closed(int end) {
    SortedMap<Integer, List<Path>> found = found();
    var names = new ArrayList<String>(end);
    for (int segment = 1; segment < end; segment++) {
      List<Path> there = found.getOrDefault(segment, List.of());
      Path file = files.sound(there).orElse(null);
      if (file == null) {
        file = write(segment, there);
        if (!there.isEmpty()) mended++;
      }
      names.add(String.valueOf(file.getFileName()));
    }
    next = Math.max(next, end);
    return names;
  }

  /// Whether it was not the question that was wrong, as far as can be told.
  private static boolean mayBeOfFile(Problem e) {
    return e.fault() == Fault.BAD_QUERY
        && e.getCause() instanceof SQLException cause
        && !OF_QUESTIONS.matcher(String.valueOf(cause.getMessage())).lookingAt();
  }

  /// Reads all files again, as bytes may turn without a change of the file's time; at most once a
  /// minute.
  ///
  /// @return whether one was damaged
  private boolean hasMended(int end) {
    long now = System.nanoTime();
    if (doubtedNanos != null && now - doubtedNanos < DOUBTED_FOR_NANOS) return false;
    doubtedNanos = now;
    int before = mended;
    files.forget();
    List<String> unused = closed(end);
    return mended > before;
  }

  /// What can be looked through for damage: the log itself, and these files.
  SequencedMap<String, Look> looks() {
    SequencedMap<String, Look> looks = new LinkedHashMap<>();
    looks.put("log", log::look);
    looks.put("archive", files::look);
    return looks;
  }

  private SortedMap<Integer, List<Path>> found() {
    try {
      return files.found();
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /// Writes a segment's file.
  ///
  /// @param instead what stands for it in the archive and is to be replaced; kept aside if the
  ///   segment is damaged, because there may be more in it
  private Path write(int segment, List<Path> instead) {
    try {
      Path draft = draft(segment(segment), folder.resolve("%010d.parquet".formatted(segment)));
      boolean keeps = !instead.isEmpty() && log.isDamaged(segment);
      return files.publish(draft, segment, instead, keeps);
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private Path draft(Table table, Path file) throws IOException {
    Path draft = folder.resolve(file.getFileName() + ".draft");
    Files.createDirectories(folder);
    Files.deleteIfExists(draft);
    engine.write(table, draft, Engine.Packing.QUICK);
    return draft;
  }

  static Problem failed(Path folder, IOException e) {
    return new Problem(
            Fault.CANNOT_WRITE_TABLE,
            "cannot write in %s (%s)".formatted(folder, e.getMessage()),
            "Check the disk's free space and the folder's permissions")
        .because(e);
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
    long[] usable = new long[(int) count];
    int next = 0;
    for (var frame : outcomes.targets(Position.START, log.end()).entrySet()) {
      for (Outcomes.Known one : frame.getValue()) {
        if (next == known.length) break;
        columns[0][next] = frame.getKey().segment();
        columns[1][next] = frame.getKey().offset();
        columns[2][next] = one.row();
        columns[3][next] = one.target();
        known[next] = one.knownAt() * 1_000;
        usable[next] = one.effectiveAt() * 1_000;
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
    table.put("usable_at", new Times(Arrays.copyOf(usable, n)));
    return new Table(table, n);
  }

  @Override
  public void close() {
    engine.close();
  }
}
