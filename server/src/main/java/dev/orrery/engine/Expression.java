package dev.orrery.engine;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Type;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;

/// A formula over the columns of one row: `hour(date)`, `delay >= 15`, `date + to_minutes(30)`.
///
/// A small part of DuckDB's SQL, with DuckDB's meaning, computed here so that training and serving
/// run the same code: `+ - * / %`, comparisons, `and or not`, `is [not] null`, `between`, `in`,
/// `case when`, `cast(x as integer)`, and the functions of [Functions]. A missing operand makes the
/// result missing, but for `and`, `or`, `coalesce` and `is null`.
///
/// An interval is a number of microseconds that can be added to a time.
public final class Expression {
  private final String text;
  private final Node root;

  private Expression(String text, Node root) {
    this.text = text;
    this.root = root;
  }

  /// One step of a formula, over whole columns.
  sealed interface Node {
    record Name(String column) implements Node {}

    record Literal(Object value) implements Node {}

    record Call(String function, java.util.List<Node> arguments) implements Node {}
  }

  /// @throws Problem of kind INVALID if the text is not a formula
  public static Expression parse(String text) {
    return new Expression(text, new ExpressionParser(text).whole());
  }

  /// The columns the formula reads, in the order in which they first stand in it.
  public SequencedSet<String> columns() {
    var names = new LinkedHashSet<String>();
    collect(root, names);
    return names;
  }

  /// What the formula gives over columns of these types.
  ///
  /// @throws Problem of kind INVALID if a column is unknown or types do not fit
  public Type type(Map<String, Type> columns) {
    for (String name : columns()) {
      if (!columns.containsKey(name)) {
        throw new Problem(
            Fault.BAD_EXPRESSION,
            "'%s' reads the unknown column '%s'".formatted(Texts.shown(text), Texts.shown(name)),
            Texts.didYouMean(name, columns.keySet()));
      }
    }
    var empty = new java.util.LinkedHashMap<String, Column>();
    columns.forEach((name, type) ->
        empty.put(
            name,
            switch (type) {
              case NUMBER -> new Table.Numbers(new double[0]);
              case STRING -> new Table.Strings(new String[0]);
              case TIME -> new Table.Times(new long[0]);
            }));
    return eval(new Table(empty, 0)).type();
  }

  /// The formula's value for each row of a table.
  public Column eval(Table table) {
    return new ExpressionEval(text, table).of(root);
  }

  /// The formula as it was written.
  public String text() {
    return text;
  }

  @Override
  public String toString() {
    return text;
  }

  private static void collect(Node node, SequencedSet<String> names) {
    switch (node) {
      case Node.Name name -> names.add(name.column());
      case Node.Literal _ -> {}
      case Node.Call call -> call.arguments().forEach(argument -> collect(argument, names));
    }
  }
}
