package dev.orrery.tracking;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.filter.Key;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Runs gathered by what they have in common, with what their metrics come to.
final class RunGroups {
  static final int GROUPS_MAX = 1_000;

  private static final int BY_MAX = 5;
  private static final int METRICS_MAX = 20;

  /// @param by such as `params.lr`, `tags.team`, `status`: 1 to 5
  /// @param metrics names of metrics: at most 20
  record Ask(
      @Nullable List<String> experiments,
      @Nullable String filter,
      @Nullable List<String> by,
      @Nullable List<String> metrics,
      @Nullable String view) {
    Ask {
      if (by == null || by.isEmpty() || by.size() > BY_MAX) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "groups are made by %d keys".formatted(by == null ? 0 : by.size()),
            "Give 'by' 1 to %d keys such as params.lr".formatted(BY_MAX));
      }
      if (metrics != null
          && (metrics.size() > METRICS_MAX || metrics.stream().anyMatch(Objects::isNull))) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "%d metrics of each group are asked for".formatted(metrics.size()),
            "Name at most %d".formatted(METRICS_MAX));
      }
    }
  }

  /// @param key by the text it was asked by; null where runs lack it
  record Group(Map<String, @Nullable String> key, long count, Map<String, Spread> metrics) {}

  /// What a metric comes to over the runs that have it and where it is a number.
  record Spread(double mean, double min, double max, long count) {}

  private RunGroups() {}

  /// The largest groups first, 1,000 at most.
  static List<Group> of(Tx tx, Ask ask) {
    List<String> by = Objects.requireNonNull(ask.by());
    List<String> metrics = ask.metrics() == null ? List.of() : ask.metrics();
    List<Key> keys = Order.parse(by, SearchWords.FULL).stream().map(Order::key).toList();
    SqlText joins = SqlText.of("");
    List<String> groups = new ArrayList<>();
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Key key = keys.get(i);
      if (key.entity().equals("metric")) {
        throw new Problem(
            Fault.BAD_PARAMETER,
            "'%s' is a number, and groups are made by texts".formatted(key),
            "Group by a parameter, a tag or an attribute");
      }
      String column = "b" + i + ".value";
      if (key.isAttribute()) column = "cast(" + SearchWords.column(key.name()) + " as text)";
      else {
        String table = key.entity().equals("param") ? "run_param" : "run_tag";
        joins = joins.then(join(table, "b" + i), key.name());
      }
      groups.add(column);
      columns.add(column + " as k" + i);
    }
    columns.add("count(*) as n");
    for (int i = 0; i < metrics.size(); i++) {
      String number = "m" + i + ".value";
      joins =
          joins
              .then(join("metric_series", "m" + i), metrics.get(i))
              .then(" and m" + i + ".is_nan = 0");
      columns.add("avg(" + number + ") as a" + i);
      columns.add("min(" + number + ") as l" + i);
      columns.add("max(" + number + ") as h" + i);
      columns.add("count(" + number + ") as n" + i);
    }
    RunQuery query =
        new RunQuery(ask.experiments(), ask.filter(), null, null, null, null, null, ask.view());
    SqlText sql =
        SqlText.of("select " + String.join(", ", columns) + " from run r")
            .then(joins)
            .then(RunQueryStore.of(tx, query).where())
            .then(" group by " + String.join(", ", groups))
            .then(" order by count(*) desc, " + String.join(", ", groups))
            .then(" limit ?", GROUPS_MAX);
    return tx.query(sql.sql(), row -> group(row, by, metrics), sql.args().toArray());
  }

  private static String join(String table, String as) {
    return " left join " + table + " " + as + " on " + as + ".run = r.id and " + as + ".name = ?";
  }

  private static Group group(Row row, List<String> by, List<String> metrics) {
    Map<String, @Nullable String> key = new LinkedHashMap<>();
    for (int i = 0; i < by.size(); i++) key.put(by.get(i), row.textOrNull("k" + i));
    Map<String, Spread> spreads = new LinkedHashMap<>();
    for (int i = 0; i < metrics.size(); i++) {
      long count = row.whole("n" + i);
      if (count == 0) continue;
      spreads.put(
          metrics.get(i),
          new Spread(row.number("a" + i), row.number("l" + i), row.number("h" + i), count));
    }
    return new Group(key, row.whole("n"), spreads);
  }
}
