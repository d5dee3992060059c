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
import java.util.function.Predicate;

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
    var drivers = new RunDrivers(tx, experiments, few);
    Optional<RunDrivers.Start> start = drivers.few(comparisons());
    boolean isOrdered = experiments.size() == 1 && !orders.isEmpty() && isMetric(orders.getFirst());
    if (isOrdered
        && (start.isEmpty()
            || drivers.isOrderShorter(
                start.get(), orders.getFirst().key().name(), limit + offset))) {
      return new MetricOrder(tx, limit, offset).find();
    }
    if (start.isPresent()) {
      SqlText from = SqlText.of(" from ").then(start.get().runs()).then(" d cross join run r");
      return page(tx, from, "d.run", limit, offset);
    }
    return page(tx, SqlText.of(" from run r"), "r.id", limit, offset);
  }

  /// How many runs match.
  long count(Tx tx) {
    if (experiments.isEmpty()) return 0;
    SqlText sql = SqlText.of("select count(*) as n from run r").then(where());
    return tx.query(sql.sql(), row -> row.whole("n"), sql.args().toArray()).getFirst();
  }

  /// The comparisons among what every run found must pass.
  private List<Filter.Compare> comparisons() {
    return parts().stream()
        .filter(Filter.Compare.class::isInstance)
        .map(Filter.Compare.class::cast)
        .toList();
  }

  private static boolean isMetric(Order order) {
    return order.key().entity().equals("metric");
  }

  /// @param run the id of the run as SQL
  private List<Run> page(Tx tx, SqlText from, String run, int limit, long offset) {
    RunOrder order = RunOrder.of(orders);
    SqlText sql =
        SqlText.of(SELECT)
            .then(from)
            .then(order.joins())
            .then(where(run, _ -> false))
            .then((run.equals("r.id") ? "" : " and r.id = " + run) + " order by " + order.clauses())
            .then(" limit ? offset ?", limit, offset);
    return tx.query(sql.sql(), RunStore::run, sql.args().toArray());
  }

  /// The condition, beginning with ` where `; the run is `r`.
  SqlText where() {
    return where("r.id", _ -> false);
  }

  /// @param run the id of the run as SQL; what is compared of it is so before the run is looked up
  /// @param isPassed what every row passes already
  private SqlText where(String run, Predicate<Filter> isPassed) {
    SqlText where =
        SqlText.of(" where r.lifecycle in (%s)".formatted(view.listed()))
            .then(
                experiments.isEmpty() ? " and 1 = 0" : " and r.experiment in (" + marks() + ")",
                experiments.toArray());
    for (Filter part : parts()) {
      if (isPassed.test(part)) continue;
      where = where.then(" and ").then(SqlText.where(part, one -> SearchWords.condition(one, run)));
    }
    return where;
  }

  /// What every run found must pass.
  private List<Filter> parts() {
    return filter.map(f -> f instanceof Filter.And(var all) ? all : List.of(f)).orElse(List.of());
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
      // What is not a number passes no comparison but that it differs.
      boolean hasRange = comparisons().stream().anyMatch(this::isRange);
      if (found.size() < limit && !hasRange) add(having("s.is_nan = 1"), ties);
      boolean isRequired = comparisons().stream().anyMatch(one -> one.key().equals(first.key()));
      if (found.size() < limit && !isRequired) add(lacking(), rest.clauses());
      return found;
    }

    private SqlText having(String which) {
      return SqlText.of(" from metric_series s cross join run r")
          .then(rest.joins())
          .then(where("s.run", this::isRange))
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
        if (!isRange(one)) continue;
        range = range.then(" and ").then(SqlText.compare("s.value", one.op(), one.value()));
      }
      return range;
    }

    private boolean isRange(Filter part) {
      return part instanceof Filter.Compare one
          && one.key().equals(first.key())
          && one.op() != Op.NE;
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
