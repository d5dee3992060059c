package dev.orrery.acceptance;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.util.Objects;
import java.util.function.IntPredicate;

/// Compares tables bit by bit.
final class Bits {
  private Bits() {}

  /// What a comparison found.
  ///
  /// @param first where the first difference is, for people
  record Differences(long values, long different, String first) {}

  /// Compares the values of some rows; the tables have the same columns and rows.
  static Differences between(Table a, Table b, IntPredicate rows) {
    if (!a.names().equals(b.names()) || a.rows() != b.rows()) {
      return new Differences(
          0,
          1,
          "%s of %d rows against %s of %d".formatted(a.names(), a.rows(), b.names(), b.rows()));
    }
    long values = 0;
    long different = 0;
    String first = "";
    for (String name : a.names()) {
      for (int i = 0; i < a.rows(); i++) {
        if (!rows.test(i)) continue;
        values++;
        if (same(a.column(name), b.column(name), i)) continue;
        different++;
        if (first.isEmpty()) {
          first =
              "%s of row %d: %s against %s"
                  .formatted(name, i, a.column(name).value(i), b.column(name).value(i));
        }
      }
    }
    return new Differences(values, different, first);
  }

  static boolean same(double a, double b) {
    return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  private static boolean same(Table.Column a, Table.Column b, int row) {
    return switch (a) {
      case Numbers(double[] values) -> same(values[row], ((Numbers) b).values()[row]);
      case Times(long[] micros) -> micros[row] == ((Times) b).micros()[row];
      case Strings strings -> Objects.equals(strings.values()[row], ((Strings) b).values()[row]);
    };
  }
}
