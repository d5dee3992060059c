package dev.orrery.engine;

import dev.orrery.engine.Expression.Node;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Times;
import java.time.DayOfWeek;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The functions an [Expression] may call, with DuckDB's meaning. Times are read in UTC.
final class Functions {
  private static final long SECOND = 1_000_000L;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long DAY = 24 * HOUR;

  static final DoubleBinaryOperator AND =
      (a, b) -> a == 0 || b == 0 ? 0 : Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : 1;
  static final DoubleBinaryOperator OR =
      (a, b) -> a == 1 || b == 1 ? 1 : Double.isNaN(a) || Double.isNaN(b) ? Double.NaN : 0;

  static final DoubleBinaryOperator GREATEST =
      (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.max(a, b);
  static final DoubleBinaryOperator LEAST =
      (a, b) -> Double.isNaN(a) ? b : Double.isNaN(b) ? a : Math.min(a, b);

  /// The operators that decide themselves what a missing operand means, as SQL does.
  static final Set<DoubleBinaryOperator> SEE_MISSING = Set.of(AND, OR, GREATEST, LEAST);

  static final Map<String, DoubleUnaryOperator> UNARY =
      Map.ofEntries(
          Map.entry("not", a -> a == 0 ? 1 : 0),
          Map.entry("number", a -> a),
          Map.entry("round_half_even", Math::rint),
          Map.entry("abs", Math::abs),
          Map.entry("floor", Math::floor),
          Map.entry("ceil", Math::ceil),
          Map.entry("round", a -> Math.copySign(Math.floor(Math.abs(a) + 0.5), a)),
          Map.entry("sign", Math::signum),
          Map.entry("sqrt", Math::sqrt),
          Map.entry("exp", StrictMath::exp),
          Map.entry("ln", StrictMath::log),
          Map.entry("sin", StrictMath::sin),
          Map.entry("cos", StrictMath::cos),
          Map.entry("to_seconds", a -> a * SECOND),
          Map.entry("to_minutes", a -> a * MINUTE),
          Map.entry("to_hours", a -> a * HOUR),
          Map.entry("to_days", a -> a * DAY));

  static final Map<String, DoubleBinaryOperator> BINARY =
      Map.of(
          "and",
          AND,
          "or",
          OR,
          "*",
          (a, b) -> a * b,
          "/",
          (a, b) -> b == 0 ? Double.NaN : a / b,
          "%",
          (a, b) -> b == 0 ? Double.NaN : a % b,
          "greatest",
          GREATEST,
          "least",
          LEAST,
          "pow",
          StrictMath::pow);

  /// Those of [#BINARY] that take more than two arguments too.
  static final Set<String> FOLDING = Set.of("and", "or", "greatest", "least");

  private static final Map<String, LongToDoubleFunction> OF_TIME =
      Map.ofEntries(
          Map.entry("minute", t -> Math.floorMod(Math.floorDiv(t, MINUTE), 60L)),
          Map.entry("hour", t -> Math.floorMod(Math.floorDiv(t, HOUR), 24L)),
          Map.entry("isodow", t -> isoDay(t)),
          Map.entry("dayofweek", t -> isoDay(t) % 7),
          Map.entry("day", t -> date(t).getDayOfMonth()),
          Map.entry("dayofyear", t -> date(t).getDayOfYear()),
          Map.entry("month", t -> date(t).getMonthValue()),
          Map.entry("year", t -> date(t).getYear()),
          Map.entry("epoch", t -> Math.floorDiv(t, SECOND)));

  private Functions() {}

  /// The value of a function of one time; null if there is no such function.
  static @Nullable Numbers ofTime(
      String function, @Nullable ExpressionEval eval, List<Node> arguments) {
    LongToDoubleFunction part = OF_TIME.get(function);
    if (part == null || eval == null) return null;
    if (!(eval.of(arguments.getFirst()) instanceof Times times)) {
      throw eval.bad("'%s' takes a time".formatted(function), "Give it a time column");
    }
    double[] values = new double[times.rows()];
    for (int i = 0; i < values.length; i++) {
      long micros = times.micros()[i];
      values[i] = micros == Times.NONE ? Double.NaN : part.applyAsDouble(micros);
    }
    return new Numbers(values);
  }

  static String string(String function, String value) {
    return switch (function) {
      case "lower" -> value.toLowerCase(Locale.ROOT);
      case "upper" -> value.toUpperCase(Locale.ROOT);
      case "trim" -> value.strip();
      default -> throw new AssertionError(function);
    };
  }

  static Set<String> names() {
    var names = new HashSet<>(UNARY.keySet());
    names.addAll(BINARY.keySet());
    names.addAll(OF_TIME.keySet());
    names.addAll(Set.of("clip", "coalesce", "lower", "upper", "trim", "length"));
    names.removeAll(Set.of("round_half_even", "number", "*", "/", "%", "not", "and", "or"));
    return names;
  }

  private static double isoDay(long micros) {
    // 1970-01-01 was a Thursday.
    return Math.floorMod(Math.floorDiv(micros, DAY) + DayOfWeek.THURSDAY.getValue() - 1, 7L) + 1;
  }

  private static java.time.LocalDate date(long micros) {
    return java.time.LocalDate.ofEpochDay(Math.floorDiv(micros, DAY));
  }
}
