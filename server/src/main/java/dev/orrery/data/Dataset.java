package dev.orrery.data;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Expression;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Times;
import dev.orrery.engine.Table.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A dataset as a project declares it.
///
/// @param path the file it is read from, relative to the project's folder
/// @param time the column that holds a row's time
/// @param targets named formulas over the outcome columns, such as `late: delay >= 15`
/// @param knownAt when a row's outcome becomes known; without it, at the row's time
public record Dataset(
    String name,
    String path,
    String time,
    SequencedMap<String, Expression> targets,
    @Nullable Expression knownAt,
    Contract contract) {
  /// The column in which stored and joined rows carry when their outcome became known.
  public static final String KNOWN_AT = "_known_at";

  /// The columns that become known only with the outcome: those that the targets read.
  public Set<String> outcomes() {
    var outcomes = new LinkedHashSet<String>();
    targets.values().forEach(target -> outcomes.addAll(target.columns()));
    return outcomes;
  }

  /// What is computed from its columns, with the columns that each reads: the targets, and
  /// [#KNOWN_AT].
  public SequencedMap<String, Set<String>> derived() {
    var derived = new LinkedHashMap<String, Set<String>>();
    targets.forEach((name, formula) -> derived.put(name, formula.columns()));
    derived.put(KNOWN_AT, knownAt == null ? Set.of(time) : knownAt.columns());
    return derived;
  }

  /// The columns a row has when it is predicted, of all the raw columns.
  public SequencedMap<String, Type> inputs(SequencedMap<String, Type> raw) {
    var inputs = new LinkedHashMap<>(raw);
    inputs.keySet().removeAll(outcomes());
    inputs.remove(KNOWN_AT);
    return inputs;
  }

  /// Outcome columns and targets, with their types.
  public SequencedMap<String, Type> known(SequencedMap<String, Type> raw) {
    var known = new LinkedHashMap<String, Type>();
    for (String outcome : outcomes()) known.put(outcome, typeOf(raw, outcome));
    targets.forEach((target, formula) -> known.put(target, formula.type(raw)));
    return known;
  }

  /// Rows with their targets computed, and the moment each becomes known where it does not stand in
  /// the rows already.
  ///
  /// @throws Problem of kind INVALID if a column is missing or a formula does not work on it
  public Table complete(Table rows) {
    require(rows);
    Table all = rows;
    for (var target : targets.entrySet()) {
      all = all.with(target.getKey(), target.getValue().eval(rows));
    }
    if (all.has(KNOWN_AT)) return all;
    Column known = knownAt == null ? rows.column(time) : knownAt.eval(rows);
    if (!(known instanceof Times)) {
      throw new Problem(
          Fault.BAD_DATASET,
          "'known_at' of dataset '%s' is not a time".formatted(name),
          "Write a formula that gives a time, such as date + to_minutes(90)");
    }
    return all.with(KNOWN_AT, known);
  }

  private void require(Table rows) {
    var missing = new TreeSet<String>();
    var needed = new LinkedHashSet<>(outcomes());
    needed.add(time);
    if (knownAt != null && !rows.has(KNOWN_AT)) needed.addAll(knownAt.columns());
    for (String column : needed) if (!rows.has(column)) missing.add(column);
    if (!missing.isEmpty()) throw missing(missing, rows.names());
    if (!(rows.column(time) instanceof Times)) {
      throw new Problem(
          Fault.WRONG_COLUMN_TYPE,
          "the column '%s' of dataset '%s' is not a time".formatted(time, name),
          "Store it as a timestamp, or name another column under 'time'");
    }
  }

  private Type typeOf(Map<String, Type> raw, String column) {
    Type type = raw.get(column);
    if (type == null) throw missing(Set.of(column), new ArrayList<>(raw.keySet()));
    return type;
  }

  static Problem missing(Set<String> missing, List<String> present) {
    String first = missing.iterator().next();
    return new Problem(
        Fault.MISSING_COLUMNS,
        "Missing columns: {%s}".formatted(Texts.shown(String.join(", ", missing))),
        Texts.didYouMean(first, present));
  }
}
