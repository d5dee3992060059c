package dev.orrery.data;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Column;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.engine.Table.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What rows must keep before anything is learned from them.
///
/// @param minRows the fewest rows that are enough
/// @param maxNullRatio the largest share of missing values in any column, 0 to 1
/// @param nullRatios the same by column, which goes before it
/// @param ranges per column the least and the greatest value allowed, both inclusive
/// @param patterns per column the regular expression that every text must match whole
/// @param columns the columns that must be there, with their types; extra columns are allowed
/// @param required the columns that must be there, of any type
public record Contract(
    long minRows,
    double maxNullRatio,
    SequencedMap<String, Double> nullRatios,
    SequencedMap<String, Range> ranges,
    SequencedMap<String, Pattern> patterns,
    SequencedMap<String, Type> columns,
    List<String> required) {
  private static final int SAMPLES_MAX = 5;

  private static final String ROW_COUNT = "row_count";
  private static final String SCHEMA_MATCH = "schema_match";
  private static final String NULL_RATIO = "null_ratio";
  private static final String FINITE = "finite";
  private static final String VALUE_RANGE = "value_range";
  private static final String PATTERN = "pattern";

  /// Rules for values alone, that missing ones keep too.
  public static Contract ofRules(
      SequencedMap<String, Range> ranges, SequencedMap<String, Pattern> patterns) {
    return new Contract(
        0, 1, new LinkedHashMap<>(), ranges, patterns, new LinkedHashMap<>(), List.of());
  }

  /// The columns that it says something of.
  public Set<String> named() {
    var named = new LinkedHashSet<>(nullRatios.keySet());
    named.addAll(ranges.keySet());
    named.addAll(patterns.keySet());
    named.addAll(columns.keySet());
    named.addAll(required);
    return named;
  }

  /// The same rules but for how many rows there must be.
  public Contract ofAnyCount() {
    return new Contract(0, maxNullRatio, nullRatios, ranges, patterns, columns, required);
  }

  /// An inclusive range.
  public record Range(double min, double max) {}

  /// One sample of a broken rule: the row, counting from 0, and its value.
  public record Sample(long row, @Nullable Object value) {}

  /// What one rule found.
  ///
  /// @param column the column it looked at; null for a rule over the whole table
  /// @param actual what was measured: rows, a share, or how many values broke the rule
  public record Result(
      String rule,
      @Nullable String column,
      boolean passed,
      double actual,
      String limit,
      List<Sample> samples) {}

  /// Every rule's result, in a fixed order: `row_count`, `schema_match`, `null_ratio`, `finite`,
  /// `value_range`, `pattern`. That numbers are finite is a rule of every contract.
  public List<Result> check(Table rows) {
    var results = new ArrayList<Result>();
    results.add(
        new Result(
            ROW_COUNT, null, rows.rows() >= minRows, rows.rows(), ">= " + minRows, List.of()));
    schema(rows, results);
    rows.columns()
        .forEach((name, column) -> {
          if (!name.equals(Dataset.KNOWN_AT)) results.add(nulls(name, column));
        });
    results.addAll(finite(rows));
    ranges.forEach((name, range) -> {
      if (rows.has(name) && rows.column(name) instanceof Numbers(double[] values)) {
        results.add(
            broken(
                VALUE_RANGE,
                name,
                rows.column(name),
                i -> values[i] < range.min() || values[i] > range.max(),
                "[%s, %s]".formatted(shown(range.min()), shown(range.max()))));
      } else {
        results.add(absent(VALUE_RANGE, name, "a number"));
      }
    });
    patterns.forEach((name, pattern) -> {
      if (rows.has(name) && rows.column(name) instanceof Strings strings) {
        results.add(
            broken(PATTERN, name, strings, i -> unlike(pattern, strings, i), pattern.pattern()));
      } else {
        results.add(absent(PATTERN, name, "a text"));
      }
    });
    return results;
  }

  private static List<Result> finite(Table rows) {
    var results = new ArrayList<Result>();
    rows.columns()
        .forEach((name, column) -> {
          if (column instanceof Numbers(double[] values)) {
            results.add(broken(FINITE, name, column, i -> Double.isInfinite(values[i]), "finite"));
          }
        });
    return results;
  }

  /// Refuses infinite numbers, which no formula and no model can be asked about.
  ///
  /// @throws Problem of kind INVALID that names the column and sample rows
  static void requireFinite(String dataset, Table rows) {
    List<Result> broken = broken(finite(rows));
    if (!broken.isEmpty()) throw breaks(dataset, broken);
  }

  /// Whether the rows keep every range and pattern: the quick look at a request, which need not be
  /// told what broke.
  public boolean keepsValues(Table rows) {
    for (var rule : ranges.entrySet()) {
      if (!(rows.columns().get(rule.getKey()) instanceof Numbers(double[] values))) return false;
      Range range = rule.getValue();
      for (double value : values) if (value < range.min() || value > range.max()) return false;
    }
    for (var rule : patterns.entrySet()) {
      if (!(rows.columns().get(rule.getKey()) instanceof Strings strings)) return false;
      for (int i = 0; i < rows.rows(); i++) if (unlike(rule.getValue(), strings, i)) return false;
    }
    return true;
  }

  /// Refuses rows that break a rule.
  ///
  /// @throws Problem of kind INVALID that names the rule, the column and sample rows
  public List<Result> enforce(String dataset, Table rows) {
    List<Result> results = check(rows);
    List<Result> broken = broken(results);
    if (broken.isEmpty()) return results;
    Result first = broken.getFirst();
    if (first.rule().equals(SCHEMA_MATCH)) {
      var missing = new LinkedHashSet<>(columns.keySet());
      missing.addAll(required);
      missing.removeAll(rows.names());
      if (!missing.isEmpty()) throw Dataset.missing(missing, rows.names());
    }
    throw breaks(dataset, broken);
  }

  private static Problem breaks(String dataset, List<Result> broken) {
    boolean isAllFinite = broken.stream().noneMatch(result -> result.rule().equals(FINITE));
    return new Problem(
        Fault.CONTRACT_BROKEN,
        "dataset '%s' breaks its contract: %s".formatted(dataset, told(broken)),
        isAllFinite
            ? "Mend the data, or change the contract under 'data.%s.contract'".formatted(dataset)
            : "Mend the data: write a number, or nothing where there is none");
  }

  /// What of these rows breaks a rule, in a few words, if anything does.
  public Optional<String> breach(Table rows) {
    List<Result> broken = broken(check(rows));
    return broken.isEmpty() ? Optional.empty() : Optional.of(told(broken));
  }

  /// The rules that can be judged row by row in a request of these columns.
  public Contract ofRows(Set<String> names) {
    return new Contract(
        0,
        maxNullRatio,
        kept(nullRatios, names),
        kept(ranges, names),
        kept(patterns, names),
        new LinkedHashMap<>(),
        List.of());
  }

  /// Only the rules about values of these columns; missing values keep them.
  public Contract ofValues(Set<String> names) {
    return ofRules(kept(ranges, names), kept(patterns, names));
  }

  private static <T> SequencedMap<String, T> kept(Map<String, T> rules, Set<String> names) {
    var kept = new LinkedHashMap<>(rules);
    kept.keySet().retainAll(names);
    return kept;
  }

  private static List<Result> broken(List<Result> results) {
    return results.stream().filter(result -> !result.passed()).toList();
  }

  private static String told(List<Result> broken) {
    var text = new StringBuilder();
    for (Result result : broken.subList(0, Math.min(3, broken.size()))) {
      if (!text.isEmpty()) text.append("; ");
      text.append(result.rule()).append(": ").append(told(result));
      if (!result.samples().isEmpty()) {
        text.append(" (");
        for (Sample sample : result.samples()) {
          text.append(sample == result.samples().getFirst() ? "" : ", ");
          text.append("row ").append(sample.row());
          if (sample.value() != null) text.append(": ").append(shown(sample.value()));
        }
        text.append(')');
      }
    }
    if (broken.size() > 3) text.append("; and %d more rules".formatted(broken.size() - 3));
    return text.toString();
  }

  private static String told(Result result) {
    String column = "column '%s'".formatted(result.column());
    boolean isOne = result.actual() == 1;
    String rows = "%s %s of %s".formatted(number(result.actual()), isOne ? "row" : "rows", column);
    return switch (result.rule()) {
      case ROW_COUNT ->
          "%s %s, and must be %s"
              .formatted(
                  isOne ? "there is" : "there are",
                  number(result.actual()) + (isOne ? " row" : " rows"),
                  result.limit());
      case NULL_RATIO ->
          "the share of missing values of %s is %s, and must be %s"
              .formatted(column, number(result.actual()), result.limit());
      case SCHEMA_MATCH ->
          "%s is not %s".formatted(column, result.actual() == 0 ? "there" : result.limit());
      case FINITE -> "%s %s not finite".formatted(rows, isOne ? "is" : "are");
      case VALUE_RANGE ->
          result.samples().isEmpty()
              ? "%s is not %s".formatted(column, result.limit())
              : "%s %s outside %s".formatted(rows, isOne ? "is" : "are", result.limit());
      default ->
          result.samples().isEmpty()
              ? "%s is not %s".formatted(column, result.limit())
              : "%s %s not match %s".formatted(rows, isOne ? "does" : "do", result.limit());
    };
  }

  private static String shown(Object value) {
    boolean isWhole =
        value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15;
    return isWhole ? number((double) (Double) value) : Texts.shown(String.valueOf(value));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? "%d".formatted((long) value) : "%.4g".formatted(value);
  }

  private void schema(Table rows, List<Result> results) {
    for (Map.Entry<String, Type> column : columns.entrySet()) {
      boolean there = rows.has(column.getKey());
      boolean fits = there && rows.column(column.getKey()).type() == column.getValue();
      String limit = column.getValue().toString().toLowerCase(java.util.Locale.ROOT);
      results.add(new Result(SCHEMA_MATCH, column.getKey(), fits, there ? 1 : 0, limit, List.of()));
    }
    for (String name : required) {
      if (!columns.containsKey(name)) results.add(present(name, rows.has(name)));
    }
  }

  private static Result present(String name, boolean there) {
    return new Result(SCHEMA_MATCH, name, there, there ? 1 : 0, "there", List.of());
  }

  /// The largest share of missing values that a column may have.
  public double maxNullRatio(String column) {
    return nullRatios.getOrDefault(column, maxNullRatio);
  }

  private Result nulls(String name, Column column) {
    long missing = 0;
    var samples = new ArrayList<Sample>();
    for (int i = 0; i < column.rows(); i++) {
      if (column.value(i) != null) continue;
      missing++;
      if (samples.size() < SAMPLES_MAX) samples.add(new Sample(i, null));
    }
    double ratio = column.rows() == 0 ? 0 : (double) missing / column.rows();
    double most = maxNullRatio(name);
    boolean passed = ratio <= most;
    return new Result(NULL_RATIO, name, passed, ratio, "<= " + most, passed ? List.of() : samples);
  }

  private static Result broken(
      String rule, String name, Column column, IntPredicate breaks, String limit) {
    long count = 0;
    var samples = new ArrayList<Sample>();
    for (int i = 0; i < column.rows(); i++) {
      if (!breaks.test(i)) continue;
      count++;
      if (samples.size() < SAMPLES_MAX) samples.add(new Sample(i, column.value(i)));
    }
    return new Result(rule, name, count == 0, count, limit, samples);
  }

  private static boolean unlike(Pattern pattern, Strings strings, int row) {
    String text = strings.values()[row];
    return text != null && !pattern.matcher(text).matches();
  }

  private static Result absent(String rule, String name, String wanted) {
    return new Result(rule, name, false, 0, wanted, List.of());
  }
}
