package dev.orrery.serving;

import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One column that grows; values that were not put are missing.
final class LogColumn {
  private static final int FIRST_ROWS = 1_024;

  final Type type;
  double[] numbers = {};
  long[] times = {};
  @Nullable String[] texts = {};

  /// The column that has the first rows of this one, as long as all that came are there too.
  private @Nullable LogColumn source;

  private int sourceRows;

  /// What was made of it last.
  private @Nullable Column made;

  LogColumn(Type type) {
    this.type = type;
  }

  /// Makes room, for so many rows at least, and when it has none for so many as are expected.
  void need(int rows, int expected) {
    if (source != null) settle();
    switch (type) {
      case NUMBER -> {
        int had = numbers.length;
        if (had >= rows) return;
        numbers = Arrays.copyOf(numbers, size(had, rows, expected));
        Arrays.fill(numbers, had, numbers.length, Double.NaN);
      }
      case TIME -> {
        int had = times.length;
        if (had >= rows) return;
        times = Arrays.copyOf(times, size(had, rows, expected));
        Arrays.fill(times, had, times.length, Times.NONE);
      }
      case STRING -> {
        if (texts.length >= rows) return;
        texts = Arrays.copyOf(texts, size(texts.length, rows, expected));
      }
    }
  }

  private static int size(int had, int rows, int expected) {
    return Math.max(had == 0 ? expected : 2 * had, Math.max(rows, FIRST_ROWS));
  }

  /// Notes that the next rows are those of another column, which has them already.
  ///
  /// @param rows how many came before
  /// @return false if they must be put here
  boolean isLike(@Nullable LogColumn other, int rows, int count) {
    if (other == null || other.type != type) return false;
    if (rows == 0) source = other;
    if (source != other || sourceRows != rows) return false;
    sourceRows += count;
    return true;
  }

  private void settle() {
    LogColumn from = source;
    source = null;
    if (from == null) return;
    need(sourceRows, sourceRows);
    switch (type) {
      case NUMBER -> System.arraycopy(from.numbers, 0, numbers, 0, sourceRows);
      case TIME -> System.arraycopy(from.times, 0, times, 0, sourceRows);
      case STRING -> System.arraycopy(from.texts, 0, texts, 0, sourceRows);
    }
  }

  /// The column, of so many rows; the same object as that of another which it is like.
  Column column(int rows) {
    LogColumn like = source;
    if (like != null && sourceRows == rows && like.made != null) return like.made;
    need(rows, rows);
    made =
        switch (type) {
          case NUMBER -> new Numbers(Arrays.copyOf(numbers, rows));
          case TIME -> new Times(Arrays.copyOf(times, rows));
          case STRING -> new Strings(Arrays.copyOf(texts, rows));
        };
    return made;
  }
}
