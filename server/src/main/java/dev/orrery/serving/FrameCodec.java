package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Columns;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.Journal;
import dev.orrery.journal.Journal.Position;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Frames as bytes. Column names and types stand once in [LogSchemas], not in every frame.
final class FrameCodec {
  private static final byte PREDICTIONS = 1;
  private static final byte SHADOW = 2;

  /// As [#PREDICTIONS], with the caller's unit at the end.
  private static final byte PREDICTIONS_OF_UNITS = 3;

  /// As [#PREDICTIONS_OF_UNITS]; behind the schema of the features a byte for each: 0 if its values
  /// follow, else one more than the place of the request's column that has the same.
  private static final byte PREDICTIONS_WITH_REPEATS = 4;

  private final LogSchemas schemas;
  private final Repeats repeats = new Repeats();

  FrameCodec(LogSchemas schemas) {
    this.schemas = schemas;
  }

  /// A frame as it is given to [Journal#append(byte[], int)].
  record Framed(byte[] bytes, int length) {}

  Framed write(Frame frame) {
    Out out =
        switch (frame) {
          case Frame.Predictions p -> predictions(p);
          case Frame.Shadow s -> shadow(s);
        };
    return new Framed(out.buffer.array(), out.buffer.position());
  }

  private Out predictions(Frame.Predictions p) {
    int columns = p.raw().columns().size() + p.features().columns().size();
    var out =
        new Out(
            128
                + 3 * (p.key().length() + p.version().length() + p.arm().length())
                + p.features().columns().size()
                + p.rows() * (8 * columns + 9));
    out.buffer.put(PREDICTIONS_WITH_REPEATS).putLong(p.at().toEpochMilli());
    out.buffer.putShort((short) p.mark()).putLong(p.bodyHash());
    out.buffer.putInt(p.micros()).putInt(p.rows());
    out.text(p.key());
    out.text(p.version());
    out.text(p.arm());
    Column[] sent = p.raw().inOrder();
    Column[] computed = p.features().inOrder();
    long raw = schemas.id(p.raw());
    long features = schemas.id(p.features());
    int[] same = repeats.of(raw, sent, features, computed);
    out.need(8);
    out.buffer.putLong(raw);
    for (Column column : sent) column(out, column);
    out.need(8 + same.length);
    out.buffer.putLong(features);
    for (int place : same) out.buffer.put((byte) (place + 1));
    for (int i = 0; i < same.length; i++) {
      if (same[i] == Repeats.NONE) column(out, computed[i]);
    }
    out.need(9 * p.rows() + 8);
    for (double score : p.scores()) out.buffer.putDouble(score);
    out.buffer.put(p.predictions()).putLong(p.unit());
    return out;
  }

  private static Out shadow(Frame.Shadow s) {
    var out = new Out(64 + 3 * s.version().length() + 8 * s.scores().length);
    out.buffer.put(SHADOW).putInt(s.of().segment()).putLong(s.of().offset());
    out.buffer.putInt(s.scores().length);
    out.text(s.version());
    for (double score : s.scores()) out.buffer.putDouble(score);
    return out;
  }

  Frame read(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      return switch (in.get()) {
        case PREDICTIONS -> predictions(in, PREDICTIONS);
        case PREDICTIONS_OF_UNITS -> predictions(in, PREDICTIONS_OF_UNITS);
        case PREDICTIONS_WITH_REPEATS -> predictions(in, PREDICTIONS_WITH_REPEATS);
        case SHADOW -> {
          var of = new Position(in.getInt(), in.getLong());
          int rows = in.getInt();
          yield new Frame.Shadow(of, text(in), doubles(in, rows));
        }
        default -> throw damaged();
      };
    } catch (BufferUnderflowException e) {
      throw damaged().because(e);
    }
  }

  /// What stands before the tables of an answered request.
  record Head(
      long millis,
      int mark,
      long bodyHash,
      int micros,
      int rows,
      String key,
      String version,
      String arm) {
    private static Head of(ByteBuffer in) {
      return new Head(
          in.getLong(),
          in.getShort(),
          in.getLong(),
          in.getInt(),
          in.getInt(),
          text(in),
          text(in),
          text(in));
    }
  }

  private Frame.Predictions predictions(ByteBuffer in, byte kind) {
    Head head = Head.of(in);
    Table raw = raw(in, head.rows);
    Table features = features(in, head.rows, kind == PREDICTIONS_WITH_REPEATS, raw);
    double[] scores = doubles(in, head.rows);
    byte[] predictions = new byte[head.rows];
    in.get(predictions);
    long unit = kind == PREDICTIONS ? 0 : in.getLong();
    return new Frame.Predictions(
        Instant.ofEpochMilli(head.millis),
        head.mark,
        head.key,
        head.bodyHash,
        head.version,
        head.arm,
        raw,
        features,
        scores,
        predictions,
        head.micros,
        unit);
  }

  LogColumns columns(boolean featuresOnly) {
    return new LogColumns(schemas, featuresOnly);
  }

  /// What stands before a frame's tables; null if it holds no predictions.
  static @Nullable Head head(byte[] bytes) {
    try {
      return head(ByteBuffer.wrap(bytes));
    } catch (BufferUnderflowException e) {
      throw damaged().because(e);
    }
  }

  private static @Nullable Head head(ByteBuffer in) {
    byte kind = in.get();
    if (kind == SHADOW) return null;
    if (kind != PREDICTIONS && kind != PREDICTIONS_OF_UNITS && kind != PREDICTIONS_WITH_REPEATS) {
      throw damaged();
    }
    return Head.of(in);
  }

  /// Adds a frame's predictions to columns, without a table of its own; what is none is left out.
  ///
  /// @return false if the columns take rows of other features only
  boolean gather(Position at, byte[] bytes, LogColumns into) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      Head head = head(in);
      if (head == null) return true;
      In values = new In(in);
      into.raw(values, head.rows);
      if (!into.features(values, head.rows, bytes[0] == PREDICTIONS_WITH_REPEATS)) return false;
      double[] scores = doubles(in, head.rows);
      byte[] predictions = new byte[head.rows];
      in.get(predictions);
      into.frame(at, head, scores, predictions);
      return true;
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      throw damaged().because(e);
    }
  }

  /// The values of a frame's tables, one after the other.
  record In(ByteBuffer buffer) {
    double number() {
      return buffer.getDouble();
    }

    long whole() {
      return buffer.getLong();
    }

    @Nullable String textOrNull() {
      return FrameCodec.textOrNull(buffer);
    }

    int position() {
      return buffer.position();
    }

    void position(int at) {
      buffer.position(at);
    }

    void marks(byte[] into) {
      buffer.get(into);
    }

    void pass(int bytes) {
      if (buffer.remaining() < bytes) throw new BufferUnderflowException();
      buffer.position(buffer.position() + bytes);
    }

    void passText() {
      int length = buffer.getShort();
      if (length > 0) pass(length);
    }
  }

  private static void column(Out out, Column column) {
    switch (column) {
      case Numbers(double[] values) -> {
        out.need(8 * values.length);
        for (double value : values) out.buffer.putDouble(value);
      }
      case Times(long[] micros) -> {
        out.need(8 * micros.length);
        for (long time : micros) out.buffer.putLong(time);
      }
      case Strings strings -> {
        for (String text : strings.values()) out.textOrNull(text);
      }
    }
  }

  private Table raw(ByteBuffer in, int rows) {
    LogSchemas.Schema schema = schemas.columns(in.getLong());
    var columns = new Column[schema.types().length];
    for (int i = 0; i < columns.length; i++) columns[i] = column(in, schema.types()[i], rows);
    return new Table(new Columns(schema.names(), columns), rows);
  }

  private Table features(ByteBuffer in, int rows, boolean hasRepeats, Table raw) {
    LogSchemas.Schema schema = schemas.columns(in.getLong());
    byte[] same = new byte[schema.types().length];
    if (hasRepeats) in.get(same);
    Column[] sent = raw.inOrder();
    var columns = new Column[same.length];
    for (int i = 0; i < columns.length; i++) {
      int place = Byte.toUnsignedInt(same[i]) - 1;
      if (place >= sent.length) throw damaged();
      columns[i] = place == Repeats.NONE ? column(in, schema.types()[i], rows) : sent[place];
    }
    return new Table(new Columns(schema.names(), columns), rows);
  }

  private static Column column(ByteBuffer in, Table.Type type, int rows) {
    return switch (type) {
      case NUMBER -> new Numbers(doubles(in, rows));
      case TIME -> new Times(longs(in, rows));
      case STRING -> {
        @Nullable String[] texts = new String[rows];
        for (int i = 0; i < rows; i++) texts[i] = textOrNull(in);
        yield new Strings(texts);
      }
    };
  }

  private static double[] doubles(ByteBuffer in, int rows) {
    double[] values = new double[rows];
    for (int i = 0; i < rows; i++) values[i] = in.getDouble();
    return values;
  }

  private static long[] longs(ByteBuffer in, int rows) {
    long[] values = new long[rows];
    for (int i = 0; i < rows; i++) values[i] = in.getLong();
    return values;
  }

  private static String text(ByteBuffer in) {
    String text = textOrNull(in);
    if (text == null) throw damaged();
    return text;
  }

  private static @Nullable String textOrNull(ByteBuffer in) {
    int length = in.getShort();
    if (length < 0) return null;
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }

  private static Problem damaged() {
    return new Problem(
        Fault.LOG_DAMAGED,
        "a frame of the prediction log cannot be read",
        "Restore the log from a backup, or write to us: its checksum was right");
  }

  /// A buffer that grows, behind the room that a journal asks for.
  private static final class Out {
    private ByteBuffer buffer;

    Out(int bytes) {
      buffer = ByteBuffer.wrap(new byte[Journal.ROOM + bytes]).position(Journal.ROOM);
    }

    void need(int bytes) {
      if (buffer.remaining() >= bytes) return;
      int size = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
      buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), size)).position(buffer.position());
    }

    void text(String text) {
      textOrNull(text);
    }

    void textOrNull(@Nullable String text) {
      if (text == null) {
        need(2);
        buffer.putShort((short) -1);
        return;
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      need(2 + bytes.length);
      buffer.putShort((short) bytes.length).put(bytes);
    }
  }
}
