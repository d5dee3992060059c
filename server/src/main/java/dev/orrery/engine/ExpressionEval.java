package dev.orrery.engine;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression.Node;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Times;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// Computes an [Expression] over one table, a whole column at a time.
final class ExpressionEval {
  private static final double NONE = Double.NaN;

  private final String text;
  private final Table table;

  ExpressionEval(String text, Table table) {
    this.text = text;
    this.table = table;
  }

  Column of(Node node) {
    return switch (node) {
      case Node.Name(String name) -> named(name);
      case Node.Literal(Double value) -> constant(value);
      case Node.Literal(Object value) -> constant((String) value);
      case Node.Call(String function, List<Node> arguments) -> call(function, arguments);
    };
  }

  private Column named(String name) {
    Column column = table.columns().get(name);
    if (column == null) {
      throw bad(
          "it reads the unknown column '%s'".formatted(name),
          Texts.didYouMean(name, table.names()));
    }
    return column;
  }

  private Column call(String function, List<Node> arguments) {
    return switch (function) {
      case "+", "-" -> sum(function, arguments);
      case "=", "<>", "<", "<=", ">", ">=" -> compare(function, arguments);
      case "case" -> cases(arguments);
      case "coalesce" -> coalesce(arguments);
      case "is_null" -> isNull(of(only(function, arguments)));
      case "lower", "upper", "trim" -> strings(function, arguments);
      case "length" -> length(arguments);
      default -> {
        Column time = Functions.ofTime(function, arguments.size() == 1 ? this : null, arguments);
        yield time != null ? time : numeric(function, arguments);
      }
    };
  }

  private Column numeric(String function, List<Node> arguments) {
    DoubleUnaryOperator unary = Functions.UNARY.get(function);
    if (unary != null) return map(numbers(only(function, arguments)), unary);
    DoubleBinaryOperator binary = Functions.BINARY.get(function);
    if (binary != null) {
      if (arguments.size() < 2) throw arity(function);
      Numbers left = numbers(arguments.get(0));
      if (arguments.size() > 2 && !Functions.FOLDING.contains(function)) throw arity(function);
      for (Node argument : arguments.subList(1, arguments.size())) {
        left = zip(left, numbers(argument), binary);
      }
      return left;
    }
    if (function.equals("clip")) {
      if (arguments.size() != 3) throw arity(function);
      Numbers low = zip(numbers(arguments.get(0)), numbers(arguments.get(1)), Math::max);
      return zip(low, numbers(arguments.get(2)), Math::min);
    }
    throw bad(
        "it calls the unknown function '%s'".formatted(function),
        Texts.didYouMean(function, Functions.names()));
  }

  private Column sum(String operator, List<Node> arguments) {
    Column left = of(arguments.get(0));
    Column right = of(arguments.get(1));
    boolean plus = operator.equals("+");
    if (left instanceof Times times && right instanceof Numbers interval) {
      return shifted(times, interval, plus ? 1 : -1);
    }
    if (left instanceof Numbers interval && right instanceof Times times && plus) {
      return shifted(times, interval, 1);
    }
    if (left instanceof Times a && right instanceof Times b && !plus) {
      double[] between = new double[table.rows()];
      for (int i = 0; i < between.length; i++) {
        boolean missing = a.micros()[i] == Times.NONE || b.micros()[i] == Times.NONE;
        between[i] = missing ? NONE : a.micros()[i] - b.micros()[i];
      }
      return new Numbers(between);
    }
    return zip(number(left), number(right), plus ? Double::sum : (x, y) -> x - y);
  }

  private static Times shifted(Times times, Numbers interval, int sign) {
    long[] shifted = new long[times.rows()];
    for (int i = 0; i < shifted.length; i++) {
      double micros = interval.values()[i];
      shifted[i] =
          times.micros()[i] == Times.NONE || Double.isNaN(micros)
              ? Times.NONE
              : times.micros()[i] + sign * (long) micros;
    }
    return new Times(shifted);
  }

  private Column compare(String operator, List<Node> arguments) {
    Column left = of(arguments.get(0));
    Column right = of(arguments.get(1));
    double[] result = new double[table.rows()];
    for (int i = 0; i < result.length; i++) {
      int order;
      if (left instanceof Strings a && right instanceof Strings b) {
        String x = a.values()[i];
        String y = b.values()[i];
        if (x == null || y == null) {
          result[i] = NONE;
          continue;
        }
        order = x.compareTo(y);
      } else if (left instanceof Times a && right instanceof Times b) {
        if (a.micros()[i] == Times.NONE || b.micros()[i] == Times.NONE) {
          result[i] = NONE;
          continue;
        }
        order = Long.compare(a.micros()[i], b.micros()[i]);
      } else {
        double x = number(left).values()[i];
        double y = number(right).values()[i];
        if (Double.isNaN(x) || Double.isNaN(y)) {
          result[i] = NONE;
          continue;
        }
        order = x < y ? -1 : x > y ? 1 : 0;
      }
      result[i] = holds(operator, order) ? 1 : 0;
    }
    if (result.length == 0 && left.type() != right.type())
      number(left.type() == Table.Type.NUMBER ? right : left);
    return new Numbers(result);
  }

  private static boolean holds(String operator, int order) {
    return switch (operator) {
      case "=" -> order == 0;
      case "<>" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> throw new AssertionError(operator);
    };
  }

  private Column cases(List<Node> arguments) {
    Column result = of(arguments.getLast());
    for (int i = arguments.size() - 3; i >= 0; i -= 2) {
      double[] test = numbers(arguments.get(i)).values();
      result = choose(row -> test[row] == 1, of(arguments.get(i + 1)), result);
    }
    return result;
  }

  private Column coalesce(List<Node> arguments) {
    if (arguments.isEmpty()) throw arity("coalesce");
    Column result = of(arguments.getLast());
    for (int i = arguments.size() - 2; i >= 0; i--) {
      Column value = of(arguments.get(i));
      result = choose(row -> value.value(row) != null, value, result);
    }
    return result;
  }

  private Column choose(IntPredicate first, Column yes, Column no) {
    if (yes instanceof Strings a && no instanceof Strings b) {
      @Nullable String[] chosen = new String[table.rows()];
      for (int i = 0; i < chosen.length; i++) chosen[i] = (first.test(i) ? a : b).values()[i];
      return new Strings(chosen);
    }
    double[] a = number(yes).values();
    double[] b = number(no).values();
    double[] chosen = new double[table.rows()];
    for (int i = 0; i < chosen.length; i++) chosen[i] = first.test(i) ? a[i] : b[i];
    return new Numbers(chosen);
  }

  private Numbers isNull(Column column) {
    double[] result = new double[table.rows()];
    for (int i = 0; i < result.length; i++) result[i] = column.value(i) == null ? 1 : 0;
    return new Numbers(result);
  }

  private Column strings(String function, List<Node> arguments) {
    @Nullable String[] values = string(function, arguments).values();
    @Nullable String[] result = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      if (value != null) result[i] = Functions.string(function, value);
    }
    return new Strings(result);
  }

  private Column length(List<Node> arguments) {
    @Nullable String[] values = string("length", arguments).values();
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      String value = values[i];
      result[i] = value == null ? NONE : value.codePointCount(0, value.length());
    }
    return new Numbers(result);
  }

  private Strings string(String function, List<Node> arguments) {
    if (of(only(function, arguments)) instanceof Strings strings) return strings;
    throw bad("'%s' takes a text".formatted(function), "Give it a text column");
  }

  private Node only(String function, List<Node> arguments) {
    if (arguments.size() != 1) throw arity(function);
    return arguments.getFirst();
  }

  Numbers numbers(Node node) {
    return number(of(node));
  }

  private Numbers number(Column column) {
    if (column instanceof Numbers numbers) return numbers;
    throw bad(
        "a %s stands where a number is expected"
            .formatted(column.type() == Table.Type.TIME ? "time" : "text"),
        "Compare times with times and texts with texts; take a number out of a time by hour(...)");
  }

  private static Numbers map(Numbers values, DoubleUnaryOperator operator) {
    double[] result = new double[values.rows()];
    for (int i = 0; i < result.length; i++) {
      double value = values.values()[i];
      result[i] = Double.isNaN(value) ? NONE : operator.applyAsDouble(value);
    }
    return new Numbers(result);
  }

  private static Numbers zip(Numbers left, Numbers right, DoubleBinaryOperator operator) {
    boolean seesMissing = Functions.SEE_MISSING.contains(operator);
    double[] result = new double[left.rows()];
    for (int i = 0; i < result.length; i++) {
      double a = left.values()[i];
      double b = right.values()[i];
      boolean missing = !seesMissing && (Double.isNaN(a) || Double.isNaN(b));
      result[i] = missing ? NONE : operator.applyAsDouble(a, b);
    }
    return new Numbers(result);
  }

  private Column constant(double value) {
    double[] values = new double[table.rows()];
    Arrays.fill(values, value);
    return new Numbers(values);
  }

  private Column constant(String value) {
    @Nullable String[] values = new String[table.rows()];
    Arrays.fill(values, value);
    return new Strings(values);
  }

  private Problem arity(String function) {
    return bad(
        "'%s' has the wrong number of arguments".formatted(function),
        "Look up how '%s' is called".formatted(function));
  }

  Problem bad(String why, String remedy) {
    return new Problem(
        Fault.BAD_EXPRESSION,
        "the formula '%s' does not work: %s".formatted(Texts.shown(text), Texts.shown(why)),
        remedy);
  }
}
