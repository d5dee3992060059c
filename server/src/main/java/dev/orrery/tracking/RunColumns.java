package dev.orrery.tracking;

import dev.orrery.sql.Tx;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the runs of an experiment have, by name: what a table of them may show.
record RunColumns(List<String> metrics, List<String> params, List<String> tags) {
  /// @param experiment null for all
  static RunColumns of(Tx tx, @Nullable Long experiment, int limit) {
    return new RunColumns(
        names(tx, "metric_series", experiment, limit),
        names(tx, "run_param", experiment, limit),
        names(tx, "run_tag", experiment, limit));
  }

  private static List<String> names(Tx tx, String table, @Nullable Long experiment, int limit) {
    if (experiment != null) return hop(tx, table, experiment, limit);
    var all = new TreeSet<String>();
    for (long id : tx.query("select id from experiment order by id", row -> row.whole("id"))) {
      all.addAll(hop(tx, table, id, limit));
      if (all.size() >= limit) break;
    }
    return all.stream().limit(limit).toList();
  }

  /// Hops from one name to the next in the index, so that it costs the names and not the rows.
  private static List<String> hop(Tx tx, String table, long experiment, int limit) {
    String next = "select min(name) from " + table + " where experiment = ?";
    return tx.query(
        "with recursive names (name) as (select ("
            + next
            + ") union all select ("
            + next
            + " and name > names.name) from names where names.name is not null)"
            + " select name from names where name is not null limit ?",
        row -> row.text("name"),
        experiment,
        experiment,
        limit);
  }
}
