package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Op;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// A search for runs: which, and in what order.
///
/// Three plans find the same runs. Where a comparison matches few runs, these are taken and sorted.
/// Where one experiment is searched in order of a metric, the index of that metric is followed
/// until the page is full. Otherwise the runs are gone through from the newest on.
final class RunSearch {
  /// More runs than this are not few: then an order is followed, or the newest first.
  private static final int FEW = 3_000;

  private static final String SELECT = "select " + RunStore.COLUMNS;

  private final List<Long> experiments;
  private final Optional<Filter> filter;
  private final List<Order> orders;
  private final View view;

  RunSearch(List<Long> experiments, Optional<Filter> filter, List<Order> orders, View view) {
    this.experiments = experiments;
    this.filter = filter;
    this.orders = orders;
    this.view = view;
  }

  /// A search as MLflow's clients ask for it.
  static RunSearch of(List<String> experiments, String filter, List<String> orderBy, View view) {
    var ids = new LinkedHashSet<Long>();
    experiments.forEach(id -> Experiments.numberIfAny(id).ifPresent(ids::add));
    return new RunSearch(
        List.copyOf(ids),
        Filter.parse(filter, SearchWords.MLFLOW, Grammar.MLFLOW),
        Order.parse(orderBy, SearchWords.MLFLOW),
        view);
  }

  /// A page of runs.
  List<Run> find(Tx tx, int limit, long offset) {
    return find(tx, limit, offset, FEW);
  }

  /// @param few how many runs a comparison must be passed by to be no start for a plan
  List<Run> find(Tx tx, int limit, long offset, int few) {
    if (experiments.isEmpty()) return List.of();
    Optional<SqlText> start = new RunDrivers(tx, experiments, few).few(comparisons());
    if (start.isPresent()) {
      SqlText from = SqlText.of(" from ").then(start.get()).then(" d cross join run r");
      return page(tx, from, " and r.id = d.run", limit, offset);
    }
    if (experiments.size() == 1 && !orders.isEmpty() && isMetric(orders.getFirst())) {
      return new MetricOrder(tx, limit, offset).find();
    }
    return page(tx, SqlText.of(" from run r"), "", limit, offset);
  }

  /// How many runs match.
  long count(Tx tx) {
    if (experiments.isEmpty()) return 0;
    SqlText sql = SqlText.of("select count(*) as n from run r").then(where());
    return tx.query(sql.sql(), row -> row.whole("n"), sql.args().toArray()).getFirst();
  }

  /// The comparisons that every run found must pass.
  private List<Filter.Compare> comparisons() {
    List<Filter.Compare> all = new ArrayList<>();
    filter.ifPresent(f -> {
      switch (f) {
        case Filter.Compare one -> all.add(one);
        case Filter.And and ->
            and.of()
                .forEach(part -> {
                  if (part instanceof Filter.Compare one) all.add(one);
                });
        case Filter.Or _, Filter.Not _ -> {}
      }
    });
    return all;
  }

  private static boolean isMetric(Order order) {
    return order.key().entity().equals("metric");
  }

  private List<Run> page(Tx tx, SqlText from, String joined, int limit, long offset) {
    RunOrder order = RunOrder.of(orders);
    SqlText sql =
        SqlText.of(SELECT)
            .then(from)
            .then(order.joins())
            .then(where())
            .then(joined + " order by " + order.clauses())
            .then(" limit ? offset ?", limit, offset);
    return tx.query(sql.sql(), RunStore::run, sql.args().toArray());
  }

  /// The condition, beginning with ` where `; the run is `r`.
  SqlText where() {
    SqlText where = SqlText.of(" where r.lifecycle in (%s)".formatted(view.listed()));
    if (experiments.size() == 1)
      where = where.then(" and r.experiment = ?", experiments.getFirst());
    else
      where =
          where.then(
              new SqlText(" and r.experiment in (" + marks() + ")", List.copyOf(experiments)));
    return filter.isPresent()
        ? where.then(" and ").then(SqlText.where(filter.get(), SearchWords::condition))
        : where;
  }

  private String marks() {
    return String.join(", ", Collections.nCopies(experiments.size(), "?"));
  }

  /// The runs of one experiment in order of a metric: those with a value, then those whose value is
  /// not a number, then those without one. The first two follow an index.
  private final class MetricOrder {
    private final Tx tx;
    private final int limit;
    private long offset;
    private final Order first = orders.getFirst();
    private final RunOrder rest = RunOrder.of(orders.subList(1, orders.size()));
    private final List<Run> found = new ArrayList<>();

    MetricOrder(Tx tx, int limit, long offset) {
      this.tx = tx;
      this.limit = limit;
      this.offset = offset;
    }

    List<Run> find() {
      String way = first.isDescending() ? "s.value desc, " : "s.value, ";
      // Where nothing else is ordered by, the index has the newest first among equal values.
      String ties = orders.size() == 1 ? "s.started_at desc, s.run" : rest.clauses();
      add(having("s.is_nan = 0"), way + ties);
      if (found.size() < limit) add(having("s.is_nan = 1"), ties);
      boolean isRequired = comparisons().stream().anyMatch(one -> one.key().equals(first.key()));
      if (found.size() < limit && !isRequired) add(lacking(), rest.clauses());
      return found;
    }

    private SqlText having(String which) {
      return SqlText.of(" from metric_series s cross join run r")
          .then(rest.joins())
          .then(where())
          .then(
              " and r.id = s.run and s.experiment = ? and s.name = ? and " + which,
              experiments.getFirst(),
              first.key().name())
          .then(range());
    }

    /// What the filter says of this metric, for the index.
    private SqlText range() {
      SqlText range = SqlText.of("");
      for (Filter.Compare one : comparisons()) {
        boolean isRange = one.key().equals(first.key()) && one.op() != Op.NE;
        if (isRange)
          range = range.then(" and ").then(SqlText.compare("s.value", one.op(), one.value()));
      }
      return range;
    }

    private SqlText lacking() {
      return SqlText.of(" from run r")
          .then(rest.joins())
          .then(where())
          .then(
              " and not exists (select 1 from metric_series s where s.run = r.id and s.name = ?)",
              first.key().name());
    }

    private void add(SqlText from, String order) {
      SqlText sql =
          SqlText.of(SELECT)
              .then(from)
              .then(" order by " + order)
              .then(" limit ? offset ?", limit - found.size(), offset);
      List<Run> some = tx.query(sql.sql(), RunStore::run, sql.args().toArray());
      found.addAll(some);
      if (!some.isEmpty()) {
        offset = 0;
      } else if (offset > 0) {
        SqlText counted = SqlText.of("select count(*) as n").then(from);
        offset -=
            tx.query(counted.sql(), row -> row.whole("n"), counted.args().toArray()).getFirst();
      }
    }
  }
}
