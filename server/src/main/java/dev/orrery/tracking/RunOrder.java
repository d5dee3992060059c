package dev.orrery.tracking;

import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import java.util.ArrayList;
import java.util.List;

/// The order of runs as SQL: what lacks a value comes last whichever way, and of metrics not a
/// number just before it; what is still alike is told apart by its start, the newest first, and
/// then by its id.
///
/// @param joins with what is ordered by, to follow `run r`
/// @param clauses what follows `order by`
record RunOrder(SqlText joins, String clauses) {
  static RunOrder of(List<Order> orders) {
    SqlText joins = SqlText.of("");
    List<String> clauses = new ArrayList<>();
    boolean hasStart = false;
    boolean hasId = false;
    for (int i = 0; i < orders.size(); i++) {
      Order order = orders.get(i);
      String way = order.isDescending() ? " desc" : "";
      String name = order.key().name();
      String as = "o" + i;
      switch (order.key().entity()) {
        case "metric" -> {
          joins = joins.then(join("metric_series", as, name));
          clauses.add("case when %s.run is null then 2 else %s.is_nan end".formatted(as, as));
          clauses.add(as + ".value" + way);
        }
        case "param", "tag" -> {
          joins = joins.then(join("run_" + order.key().entity(), as, name));
          clauses.add("case when %s.run is null then 1 else 0 end".formatted(as));
          clauses.add(as + ".value" + way);
        }
        default -> {
          String column = SearchWords.column(name);
          if (SearchWords.needsEnd(name))
            clauses.add("case when r.ended_at is null then 1 else 0 end");
          clauses.add(column + way);
          hasStart |= name.equals("start_time");
          hasId |= name.equals("run_id");
        }
      }
    }
    if (!hasStart) clauses.add("r.started_at desc");
    if (!hasId) clauses.add("r.id");
    return new RunOrder(joins, String.join(", ", clauses));
  }

  private static SqlText join(String table, String as, String name) {
    return SqlText.of(
        " left join %s %s on %s.run = r.id and %s.name = ?".formatted(table, as, as, as), name);
  }
}
