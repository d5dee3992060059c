package dev.orrery.data;

import dev.orrery.base.Digest;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What is done to whole tables of rows: hash, join end to end, sort and filter by time.
final class Tables {
  private Tables() {}

  /// The SHA-256 of names, types and values, in order.
  static Digest digest(Table table) {
    MessageDigest hash = Digest.sha256();
    table
        .columns()
        .forEach((name, column) -> {
          hash.update((name + "\0" + column.type() + "\0").getBytes(StandardCharsets.UTF_8));
          feed(hash, column);
        });
    return Digest.finish(hash);
  }

  private static void feed(MessageDigest hash, Column column) {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    for (int i = 0; i < column.rows(); i++) {
      if (buffer.remaining() < 8) drain(hash, buffer);
      switch (column) {
        case Numbers(double[] values) -> buffer.putDouble(values[i]);
        case Times(long[] micros) -> buffer.putLong(micros[i]);
        case Strings strings -> {
          drain(hash, buffer);
          String text = strings.values()[i];
          hash.update((text == null ? "\1" : text).getBytes(StandardCharsets.UTF_8));
          hash.update((byte) 0);
        }
      }
    }
    drain(hash, buffer);
  }

  private static void drain(MessageDigest hash, ByteBuffer buffer) {
    hash.update(buffer.flip());
    buffer.clear();
  }

  /// Tables of the same columns, one under the other.
  static Table concat(List<Table> tables) {
    if (tables.size() == 1) return tables.getFirst();
    int rows = tables.stream().mapToInt(Table::rows).sum();
    var columns = new LinkedHashMap<String, Column>();
    for (String name : tables.getFirst().names()) {
      List<Column> pieces = tables.stream().map(table -> table.column(name)).toList();
      columns.put(name, concat(pieces, rows));
    }
    return new Table(columns, rows);
  }

  private static Column concat(List<Column> pieces, int rows) {
    int at = 0;
    switch (pieces.getFirst()) {
      case Numbers _ -> {
        double[] all = new double[rows];
        for (Column piece : pieces) {
          System.arraycopy(((Numbers) piece).values(), 0, all, at, piece.rows());
          at += piece.rows();
        }
        return new Numbers(all);
      }
      case Times _ -> {
        long[] all = new long[rows];
        for (Column piece : pieces) {
          System.arraycopy(((Times) piece).micros(), 0, all, at, piece.rows());
          at += piece.rows();
        }
        return new Times(all);
      }
      case Strings _ -> {
        @Nullable String[] all = new String[rows];
        for (Column piece : pieces) {
          System.arraycopy(((Strings) piece).values(), 0, all, at, piece.rows());
          at += piece.rows();
        }
        return new Strings(all);
      }
    }
  }

  /// The rows in order of a time column; equal times keep their order.
  static Table sorted(Table table, String time) {
    long[] micros = table.micros(time);
    boolean inOrder = IntStream.range(1, micros.length).allMatch(i -> micros[i - 1] <= micros[i]);
    if (inOrder) return table;
    int[] order =
        IntStream.range(0, micros.length)
            .boxed()
            .sorted((a, b) -> Long.compare(micros[a], micros[b]))
            .mapToInt(i -> i)
            .toArray();
    return table.pick(order);
  }

  /// The rows whose time is there and at most this.
  static Table until(Table table, String time, long micros) {
    long[] times = table.micros(time);
    int[] kept =
        IntStream.range(0, times.length)
            .filter(i -> times[i] != Times.NONE && times[i] <= micros)
            .toArray();
    return kept.length == times.length ? table : table.pick(kept);
  }

  static long least(long[] times) {
    return Arrays.stream(times).filter(t -> t != Times.NONE).min().orElse(0);
  }

  static long greatest(long[] times) {
    return Arrays.stream(times).filter(t -> t != Times.NONE).max().orElse(0);
  }
}
