package dev.orrery.serving;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.Journal;
import dev.orrery.journal.Journal.Position;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Random;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameCodecTest {
  private static final Position AT = new Position(1, 16);

  @TempDir Path folder;
  private Db db;
  private FrameCodec codec;

  @BeforeEach
  void open() {
    db = Db.sqlite(folder.resolve("log.db"));
    db.update("create table log_schema (id integer primary key, definition text not null)");
    codec = new FrameCodec(new LogSchemas(db));
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  void a_feature_that_is_a_column_of_the_request_is_written_once_and_read_as_it_was() {
    Random random = new Random(7);
    int shared = written(frame(random, 100, i -> i)).length;
    int alone = written(frame(random, 100, i -> -1)).length;
    // Three columns of numbers, one of times and one of texts.
    assertThat(alone - shared).isGreaterThan(4 * 100 * 8 + 100 * 2);
  }

  /// Which features are columns of the request, and which, changes from frame to frame.
  @Test
  void whatever_of_the_features_repeats_every_frame_is_read_to_the_bit() {
    Random random = new Random(11);
    LogColumns all = codec.columns(false);
    LogColumns features = codec.columns(true);
    double[][] expected = new double[3][4_000];
    int rows = 0;
    for (int n = 0; n < 400; n++) {
      int shape = random.nextInt(4);
      Frame.Predictions frame =
          frame(
              random,
              random.nextInt(10),
              i ->
                  switch (shape) {
                    case 0 -> i;
                    case 1 -> (i + 1) % 3;
                    case 2 -> random.nextInt(3);
                    default -> -1;
                  });
      byte[] bytes = written(frame);
      assertSame(frame, (Frame.Predictions) codec.read(bytes));
      assertThat(codec.gather(AT, bytes, all)).isTrue();
      assertThat(codec.gather(AT, bytes, features)).isTrue();
      for (int i = 0; i < 3; i++) {
        double[] values = ((Numbers) frame.features().column("of" + i)).values();
        System.arraycopy(values, 0, expected[i], rows, values.length);
      }
      rows += frame.rows();
    }
    for (int i = 0; i < 3; i++) {
      double[] whole = Arrays.copyOf(expected[i], rows);
      assertSame(new Numbers(whole), features.features().column("of" + i));
      assertSame(new Numbers(whole), all.table().column("f.of" + i));
    }
  }

  @Test
  void a_feature_that_was_always_a_column_of_the_request_is_one_column_of_the_log() {
    Random random = new Random(13);
    LogColumns columns = codec.columns(false);
    for (int n = 0; n < 5; n++) codec.gather(AT, written(frame(random, 2, i -> i)), columns);
    Table table = columns.table();
    assertThat(table.column("f.of0")).isSameAs(table.column("n0"));
    codec.gather(AT, written(frame(random, 2, i -> -1)), columns);
    assertThat(columns.table().column("f.of0")).isNotSameAs(columns.table().column("n0"));
  }

  private byte[] written(Frame.Predictions frame) {
    FrameCodec.Framed framed = codec.write(frame);
    return Arrays.copyOfRange(framed.bytes(), Journal.ROOM, framed.length());
  }

  /// Which column of the request a feature is; below 0: none.
  private interface Source {
    int of(int feature);
  }

  private static Frame.Predictions frame(Random random, int rows, Source source) {
    SequencedMap<String, Column> raw = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) raw.put("n" + i, numbers(random, rows));
    raw.put("at", new Times(random.longs(rows).toArray()));
    raw.put("text", texts(random, rows));
    SequencedMap<String, Column> features = new LinkedHashMap<>();
    for (int i = 0; i < 3; i++) {
      int from = source.of(i);
      features.put("of" + i, from < 0 ? numbers(random, rows) : copy(raw.get("n" + from)));
    }
    features.put(
        "when", source.of(0) < 0 ? new Times(random.longs(rows).toArray()) : get(raw, "at"));
    features.put("word", source.of(0) < 0 ? texts(random, rows) : get(raw, "text"));
    return new Frame.Predictions(
        Instant.ofEpochMilli(1_700_000_000_000L + random.nextInt(1_000)),
        random.nextInt(4_096),
        random.nextBoolean() ? "" : "key-" + random.nextInt(),
        random.nextLong(),
        "1.0.0",
        "champion",
        new Table(raw, rows),
        new Table(features, rows),
        random.doubles(rows).toArray(),
        new byte[rows],
        random.nextInt(10_000),
        random.nextLong());
  }

  private static Column get(SequencedMap<String, Column> columns, String name) {
    return requireNonNull(columns.get(name));
  }

  /// With zeros of both signs and more than one kind of NaN, which only their bits tell apart.
  private static Numbers numbers(Random random, int rows) {
    double[] values = new double[rows];
    for (int i = 0; i < rows; i++) {
      values[i] =
          switch (random.nextInt(6)) {
            case 0 -> 0.0;
            case 1 -> -0.0;
            case 2 -> Double.NaN;
            case 3 -> Double.longBitsToDouble(0x7ff8_0000_0000_0001L);
            default -> random.nextGaussian();
          };
    }
    return new Numbers(values);
  }

  private static Strings texts(Random random, int rows) {
    @Nullable String[] values = new String[rows];
    for (int i = 0; i < rows; i++)
      values[i] = random.nextInt(3) == 0 ? null : "t" + random.nextInt();
    return new Strings(values);
  }

  private static Column copy(@Nullable Column column) {
    return new Numbers(((Numbers) requireNonNull(column)).values().clone());
  }

  private static void assertSame(Frame.Predictions one, Frame.Predictions other) {
    assertThat(other.key()).isEqualTo(one.key());
    assertThat(other.unit()).isEqualTo(one.unit());
    assertThat(other.scores()).isEqualTo(one.scores());
    assertThat(other.raw().columns().keySet()).isEqualTo(one.raw().columns().keySet());
    assertThat(other.features().columns().keySet()).isEqualTo(one.features().columns().keySet());
    one.raw().columns().forEach((name, column) -> assertSame(column, other.raw().column(name)));
    one.features()
        .columns()
        .forEach((name, column) -> assertSame(column, other.features().column(name)));
  }

  private static void assertSame(Column one, Column other) {
    switch (one) {
      case Numbers(double[] values) ->
          assertThat(bits(((Numbers) other).values())).isEqualTo(bits(values));
      case Times(long[] micros) -> assertThat(((Times) other).micros()).isEqualTo(micros);
      case Strings strings -> assertThat(((Strings) other).values()).isEqualTo(strings.values());
    }
  }

  private static long[] bits(double[] values) {
    return Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
  }
}
