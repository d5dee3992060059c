package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.Journal.Position;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Frames as bytes. Column names and types stand once in [LogSchemas], not in every frame.
final class FrameCodec {
  private static final byte PREDICTIONS = 1;
  private static final byte SHADOW = 2;

  /// As [#PREDICTIONS], with the caller's unit at the end.
  private static final byte PREDICTIONS_OF_UNITS = 3;

  private final LogSchemas schemas;

  FrameCodec(LogSchemas schemas) {
    this.schemas = schemas;
  }

  byte[] write(Frame frame) {
    var out = new Out();
    switch (frame) {
      case Frame.Predictions p -> {
        int columns = p.raw().columns().size() + p.features().columns().size();
        out.need(
            128
                + 3 * (p.key().length() + p.version().length() + p.arm().length())
                + p.rows() * (16 * columns + 9));
        out.buffer
            .put(PREDICTIONS_OF_UNITS)
            .putLong(p.at().toEpochMilli())
            .putShort((short) p.mark());
        out.buffer.putLong(p.bodyHash()).putInt(p.micros()).putInt(p.rows());
        out.text(p.key());
        out.text(p.version());
        out.text(p.arm());
        table(out, p.raw());
        table(out, p.features());
        out.need(9 * p.rows() + 8);
        for (double score : p.scores()) out.buffer.putDouble(score);
        out.buffer.put(p.predictions()).putLong(p.unit());
      }
      case Frame.Shadow s -> {
        out.need(64 + 3 * s.version().length() + 8 * s.scores().length);
        out.buffer.put(SHADOW).putInt(s.of().segment()).putLong(s.of().offset());
        out.buffer.putInt(s.scores().length);
        out.text(s.version());
        for (double score : s.scores()) out.buffer.putDouble(score);
      }
    }
    return out.bytes();
  }

  Frame read(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      return switch (in.get()) {
        case PREDICTIONS -> predictions(in, false);
        case PREDICTIONS_OF_UNITS -> predictions(in, true);
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

  private Frame.Predictions predictions(ByteBuffer in, boolean hasUnit) {
    Head head = Head.of(in);
    Table raw = table(in, head.rows);
    Table features = table(in, head.rows);
    double[] scores = doubles(in, head.rows);
    byte[] predictions = new byte[head.rows];
    in.get(predictions);
    long unit = hasUnit ? in.getLong() : 0;
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
    if (kind != PREDICTIONS && kind != PREDICTIONS_OF_UNITS) throw damaged();
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
      into.table(values, head.rows, true);
      if (!into.table(values, head.rows, false)) return false;
      double[] scores = doubles(in, head.rows);
      byte[] predictions = new byte[head.rows];
      in.get(predictions);
      into.frame(at, head, scores, predictions);
      return true;
    } catch (BufferUnderflowException e) {
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

    void skip(int bytes) {
      if (buffer.remaining() < bytes) throw new BufferUnderflowException();
      buffer.position(buffer.position() + bytes);
    }

    void skipText() {
      int length = buffer.getShort();
      if (length > 0) skip(length);
    }
  }

  private void table(Out out, Table table) {
    out.need(8);
    out.buffer.putLong(schemas.id(table));
    for (Column column : table.columns().values()) {
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
  }

  private Table table(ByteBuffer in, int rows) {
    var columns = new LinkedHashMap<String, Column>();
    for (Map.Entry<String, Table.Type> column : schemas.columns(in.getLong()).entrySet()) {
      columns.put(
          column.getKey(),
          switch (column.getValue()) {
            case NUMBER -> new Numbers(doubles(in, rows));
            case TIME -> new Times(longs(in, rows));
            case STRING -> {
              @Nullable String[] texts = new String[rows];
              for (int i = 0; i < rows; i++) texts[i] = textOrNull(in);
              yield new Strings(texts);
            }
          });
    }
    return new Table(columns, rows);
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

  /// A buffer that grows.
  private static final class Out {
    private ByteBuffer buffer = ByteBuffer.allocate(1_024);

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

    byte[] bytes() {
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }
}
