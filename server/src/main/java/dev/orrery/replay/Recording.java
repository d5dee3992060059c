package dev.orrery.replay;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.data.DatasetBlock;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import dev.orrery.project.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/// The rows of a dataset within a window, in order of time, cut into batches, and the order in
/// which their outcomes are told.
///
/// An outcome is told in the first batch by whose end it is known, but not before the batch after
/// its row's own. It does not change once it is made.
public final class Recording {
  private static final Duration DRAINED_WITHIN = Duration.ofDays(366);
  private static final long DAY_MICROS = 86_400_000_000L;

  private final Plan plan;
  private final List<Field> inputs;
  private final List<Field> outcomes;
  private final long[] known;
  private final int playing;
  private final int[] firstRow;
  private final int[] told;
  private final int[] firstTold;

  /// A column under its name as it stands in JSON.
  private record Field(byte[] name, Column column) {
    static Field of(String name, Column column) {
      JsonBytes json = new JsonBytes();
      json.text(name);
      json.raw(':');
      return new Field(json.copy(), column);
    }
  }

  /// Reads the project's dataset.
  ///
  /// @throws Problem of kind INVALID if it has no rows in the window, or cannot be read
  public static Recording of(Project project, Plan.Window window, Engine engine) {
    Map<String, Dataset> datasets = DatasetBlock.read(project.data());
    if (datasets.size() != 1) {
      throw new Problem(
          Fault.BAD_REPLAY,
          "the project has %d datasets".formatted(datasets.size()),
          "Give it the one to replay under 'data'");
    }
    Dataset dataset = datasets.values().iterator().next();
    Path file = project.folder().resolve(dataset.path());
    String endpoint =
        project.serve().text("endpoint", project.model().text("name", project.name().text()));
    return new Recording(dataset, engine.read(file), digest(file), endpoint, window);
  }

  private Recording(
      Dataset dataset, Table file, Digest digest, String endpoint, Plan.Window window) {
    long start = micros(window.start());
    long end = micros(window.end());
    Table raw = window(file, dataset, start, end);
    if (raw.rows() == 0) {
      throw new Problem(
          Fault.BAD_REPLAY,
          "%s has no rows from %s to %s"
              .formatted(Texts.shown(dataset.path()), window.start(), window.end()),
          "Choose a window in which it has some");
    }
    SequencedMap<String, Type> types = new LinkedHashMap<>();
    raw.columns().forEach((name, column) -> types.put(name, column.type()));
    this.inputs = fields(raw, dataset.inputs(types).keySet());
    this.outcomes = fields(raw, dataset.outcomes());
    this.known = dataset.complete(raw).micros(Dataset.KNOWN_AT);

    long step = window.batch().toNanos() / 1_000;
    long[] times = raw.micros(dataset.time());
    this.playing = Math.toIntExact(Math.ceilDiv(end - start, step));
    int[] batchOf = new int[times.length];
    for (int i = 0; i < times.length; i++) batchOf[i] = (int) ((times[i] - start) / step);
    this.firstRow = firsts(batchOf, playing);

    int[] toldIn = new int[times.length];
    for (int i = 0; i < times.length; i++) {
      toldIn[i] = toldIn(known[i], batchOf[i], start, end, step, outcomes, i);
    }
    int batches = Math.max(playing, 1 + Arrays.stream(toldIn).max().orElse(0));
    this.told =
        IntStream.range(0, times.length)
            .filter(i -> toldIn[i] >= 0)
            .boxed()
            .sorted(
                Comparator.<Integer>comparingInt(i -> toldIn[i])
                    .thenComparingLong(i -> known[i])
                    .thenComparingInt(i -> i))
            .mapToInt(i -> i)
            .toArray();
    this.firstTold = firsts(Arrays.stream(told).map(i -> toldIn[i]).toArray(), batches);
    this.plan =
        new Plan(
            dataset.name(),
            digest,
            endpoint,
            window.start(),
            window.end(),
            window.batch(),
            raw.rows(),
            batches);
  }

  public Plan plan() {
    return plan;
  }

  /// Where the rows of a batch begin; those of the next begin where they end.
  int firstRow(int batch) {
    return firstRow[Math.min(batch, playing)];
  }

  /// Where the outcomes told in a batch begin, in the order of telling.
  int firstTold(int batch) {
    return firstTold[batch];
  }

  /// The moment at which a batch begins.
  Instant start(int batch) {
    return batch == 0 ? plan.start() : end(batch - 1);
  }

  /// The moment at which a batch ends: within the window, or days after it.
  Instant end(int batch) {
    if (batch >= playing) return plan.end().plus(Duration.ofDays(batch - playing + 1L));
    Instant end = plan.start().plus(plan.batch().multipliedBy(batch + 1L));
    return end.isAfter(plan.end()) ? plan.end() : end;
  }

  /// Writes the rows [from, to) as the body of a prediction request.
  void rows(JsonBytes json, int from, int to) {
    json.clear();
    json.raw(JsonBytes.ascii("{\"rows\":["));
    for (int row = from; row < to; row++) {
      object(json, inputs, row);
      json.raw(',');
    }
    json.back();
    json.raw(JsonBytes.ascii("]}"));
  }

  /// Writes the outcomes [from, to) in the order of telling.
  ///
  /// @param ids the two halves of every row's prediction id
  void outcomes(JsonBytes json, int from, int to, long[] ids) {
    json.clear();
    json.raw(JsonBytes.ascii("{\"outcomes\":["));
    for (int i = from; i < to; i++) {
      int row = told[i];
      json.raw(JsonBytes.ascii("{\"id\":"));
      json.uuid(ids[2 * row], ids[2 * row + 1]);
      json.raw(JsonBytes.ascii(",\"actual\":"));
      object(json, outcomes, row);
      json.raw(JsonBytes.ascii(",\"known_at\":"));
      json.instant(known[row]);
      json.raw(JsonBytes.ascii("},"));
    }
    json.back();
    json.raw(JsonBytes.ascii("]}"));
  }

  private static void object(JsonBytes json, List<Field> fields, int row) {
    json.raw('{');
    for (Field field : fields) {
      json.raw(field.name());
      json.value(field.column(), row);
      json.raw(',');
    }
    json.back();
    json.raw('}');
  }

  /// The batch in which an outcome is told, or -1 if it never becomes known.
  private static int toldIn(
      long known, int batchOf, long start, long end, long step, List<Field> outcomes, int row) {
    if (known == Times.NONE) return -1;
    for (Field field : outcomes) if (field.column().value(row) == null) return -1;
    if (known > end + DRAINED_WITHIN.toNanos() / 1_000) return -1;
    int playing = (int) Math.ceilDiv(end - start, step);
    long byKnown =
        known <= end
            ? Math.max(0, Math.ceilDiv(known - start, step) - 1)
            : playing + Math.ceilDiv(known - end, DAY_MICROS) - 1;
    return (int) Math.max(byKnown, batchOf + 1L);
  }

  /// For each value from 0 to `count`, where it begins in sorted values.
  private static int[] firsts(int[] sorted, int count) {
    int[] firsts = new int[count + 1];
    int at = 0;
    for (int value = 0; value <= count; value++) {
      while (at < sorted.length && sorted[at] < value) at++;
      firsts[value] = at;
    }
    return firsts;
  }

  private static Table window(Table file, Dataset dataset, long start, long end) {
    if (!file.has(dataset.time()) || !(file.column(dataset.time()) instanceof Times)) {
      throw new Problem(
          Fault.BAD_REPLAY,
          "%s has no times under '%s'"
              .formatted(Texts.shown(dataset.path()), Texts.shown(dataset.time())),
          "Name a column of timestamps under 'time'");
    }
    long[] times = file.micros(dataset.time());
    int[] rows =
        IntStream.range(0, times.length).filter(i -> times[i] >= start && times[i] < end).toArray();
    boolean isSorted =
        IntStream.range(1, rows.length).allMatch(i -> times[rows[i - 1]] <= times[rows[i]]);
    if (isSorted) return file.pick(rows);
    return file.pick(
        Arrays.stream(rows)
            .boxed()
            .sorted(Comparator.comparingLong(i -> times[i]))
            .mapToInt(i -> i)
            .toArray());
  }

  private static List<Field> fields(Table raw, java.util.Collection<String> names) {
    List<Field> fields = new ArrayList<>();
    for (String name : names) {
      if (!raw.has(name)) {
        throw new Problem(
            Fault.BAD_REPLAY,
            "the recorded rows have no column '%s'".formatted(Texts.shown(name)),
            Texts.didYouMean(name, raw.names()));
      }
      fields.add(Field.of(name, raw.column(name)));
    }
    return List.copyOf(fields);
  }

  private static Digest digest(Path file) {
    MessageDigest hash = Digest.sha256();
    byte[] piece = new byte[1 << 16];
    try (var in = Files.newInputStream(file)) {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) hash.update(piece, 0, read);
    } catch (IOException e) {
      throw new Problem(
              Fault.NO_SUCH_FILE,
              "%s cannot be read".formatted(Texts.shown(file.toString())),
              "Check its permissions")
          .because(e);
    }
    return Digest.finish(hash);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
