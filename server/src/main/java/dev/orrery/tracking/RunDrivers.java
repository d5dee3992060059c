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
  private final Tx tx;
  private final List<Long> experiments;
  private final int few;

  /// @param few as many as this are not few any more
  RunDrivers(Tx tx, List<Long> experiments, int few) {
    this.tx = tx;
    this.experiments = experiments;
    this.few = few;
  }

  /// A query in parentheses for the ids, as `run`, of all runs that pass the comparison with the
  /// fewest; none if every one is passed by many.
  Optional<SqlText> few(List<Filter.Compare> comparisons) {
    SqlText fewest = null;
    long least = few;
    for (Filter.Compare one : comparisons) {
      SqlText runs = runs(one).orElse(null);
      if (runs == null) continue;
      SqlText counted =
          SqlText.of("select count(*) as n from (select 1 as one from ")
              .then(runs)
              .then(" c limit ?) b", least);
      long count =
          tx.query(counted.sql(), row -> row.whole("n"), counted.args().toArray()).getFirst();
      if (count < least) {
        least = count;
        fewest = runs;
      }
    }
    return Optional.ofNullable(fewest);
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
