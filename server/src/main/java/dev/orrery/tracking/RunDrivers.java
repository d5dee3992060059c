package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Op;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Value;
import dev.orrery.sql.Tx;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Finds a comparison that few runs pass and that an index answers: these runs are then looked at,
/// and no others.
final class RunDrivers {
  private static final long WALKED_MAX = 10_000;

  /// How many steps along an index cost as much as to look at a run and sort it.
  private static final long STEPS_A_RUN = 4;

  private final Tx tx;
  private final List<Long> experiments;
  private final int few;

  /// @param few as many as this are not few any more
  RunDrivers(Tx tx, List<Long> experiments, int few) {
    this.tx = tx;
    this.experiments = experiments;
    this.few = few;
  }

  /// A comparison that few runs pass.
  ///
  /// @param runs a query in parentheses for their ids, as `run`
  /// @param count how many they are
  record Start(SqlText runs, long count) {}

  /// The comparison that the fewest runs pass; none if every one is passed by many.
  Optional<Start> few(List<Filter.Compare> comparisons) {
    SqlText fewest = null;
    long least = few;
    for (Filter.Compare one : comparisons) {
      SqlText runs = runs(one).orElse(null);
      if (runs == null) continue;
      long count = count(runs, least);
      if (count < least) {
        least = count;
        fewest = runs;
      }
    }
    return fewest == null ? Optional.empty() : Optional.of(new Start(fewest, least));
  }

  /// How many rows a query in parentheses has, counted up to a number.
  private long count(SqlText runs, long most) {
    SqlText counted =
        SqlText.of("select count(*) as n from (select 1 as one from ")
            .then(runs)
            .then(" c limit ?) b", most);
    return tx.query(counted.sql(), row -> row.whole("n"), counted.args().toArray()).getFirst();
  }

  /// Whether it is less work to follow the order of a metric until a page is full than to look at
  /// all runs of a start: among few runs with the metric, those of the start come soon.
  boolean isOrderShorter(Start start, String metric, long wanted) {
    long most = Math.min(STEPS_A_RUN * start.count() * start.count() / wanted, WALKED_MAX);
    return count(within("metric_series", metric).then(")"), most + 1) <= most;
  }

  private Optional<SqlText> runs(Filter.Compare one) {
    String name = one.key().name();
    return switch (one.key().entity()) {
      case "metric" ->
          one.op() == Op.NE
              ? Optional.empty()
              : Optional.of(
                  within("metric_series", name)
                      .then(" and is_nan = 0 and ")
                      .then(SqlText.compare("value", one.op(), one.value()))
                      .then(")"));
      case "param", "tag" ->
          one.op() == Op.EQ && one.value() instanceof Value.Text(String text)
              ? Optional.of(
                  within("run_" + one.key().entity(), name)
                      .then(" and substr(value, 1, 100) = substr(?, 1, 100))", text))
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  private SqlText within(String table, String name) {
    List<Object> ids = List.copyOf(experiments);
    return new SqlText(
            "(select run from %s where experiment in (%s)"
                .formatted(table, String.join(", ", Collections.nCopies(ids.size(), "?"))),
            ids)
        .then(" and name = ?", name);
  }
}
