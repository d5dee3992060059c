package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Key;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.filter.Vocabulary;
import dev.orrery.filter.Vocabulary.Entity;
import dev.orrery.filter.Vocabulary.Field;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Searches for experiments, as MLflow's clients ask for them.
final class ExperimentSearch {
  private static final Vocabulary WORDS =
      Vocabulary.of(
          "experiment",
          Entity.fixed(Key.ATTRIBUTE, "attributes", "attr")
              .with("name", Field.TEXT)
              .with("creation_time", Field.TIME)
              .with("last_update_time", Field.TIME)
              .with("experiment_id", Field.TEXT.onlyOrdered()),
          Entity.free("tag", Field.TEXT.unordered(), "tags"));

  private static final Map<String, String> COLUMNS =
      Map.of(
          "name", "e.name",
          "creation_time", "e.created_at",
          "last_update_time", "e.updated_at",
          "experiment_id", "e.id");

  private ExperimentSearch() {}

  /// Experiments in order, from an offset on.
  static List<Experiment> find(
      Tx tx, String filter, View view, List<String> orderBy, int limit, long offset) {
    Optional<Filter> parsed = Filter.parse(filter, WORDS, Grammar.MLFLOW);
    List<Order> orders = Order.parse(orderBy, WORDS);
    SqlText sql =
        SqlText.of(
            "select %s from experiment e where e.lifecycle in (%s)"
                .formatted(ExperimentStore.COLUMNS, view.listed()));
    if (parsed.isPresent()) {
      sql = sql.then(" and ").then(SqlText.where(parsed.get(), ExperimentSearch::condition));
    }
    sql = sql.then(" order by " + order(orders) + " limit ? offset ?", limit, offset);
    return tx.query(sql.sql(), ExperimentStore::experiment, sql.args().toArray());
  }

  private static SqlText condition(Filter.Compare one) {
    if (one.key().isAttribute()) return SqlText.compare(column(one.key()), one.op(), one.value());
    return SqlText.of(
            "exists (select 1 from experiment_tag t where t.experiment = e.id and t.name = ? and ",
            one.key().name())
        .then(SqlText.compare("t.value", one.op(), one.value()))
        .then(")");
  }

  private static String order(List<Order> orders) {
    List<String> clauses = new ArrayList<>();
    boolean hasId = false;
    for (Order order : orders) {
      clauses.add(column(order.key()) + (order.isDescending() ? " desc" : ""));
      hasId |= order.key().name().equals("experiment_id");
    }
    if (orders.isEmpty()) clauses.addAll(List.of("e.created_at desc", "e.id"));
    else if (!hasId) clauses.add("e.id desc");
    return String.join(", ", clauses);
  }

  private static String column(Key key) {
    String column = COLUMNS.get(key.name());
    if (column == null) throw new IllegalArgumentException("no column for " + key);
    return column;
  }
}
