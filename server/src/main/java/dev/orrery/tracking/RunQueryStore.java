package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.mlflow.PageToken;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All SQL of our own searches of runs.
final class RunQueryStore {
  private static final int RUNS_MAX = 1_000;

  /// A page of runs.
  record Page(List<RunView> runs, @Nullable Long count, @Nullable String next) {}

  private record Bare(
      String id,
      String experiment,
      String name,
      String state,
      String lifecycle,
      String user,
      Instant startedAt,
      @Nullable Instant endedAt) {}

  private record Text(String run, String name, String value) {}

  private record Number(String run, String name, double value) {}

  private RunQueryStore() {}

  static Page search(Tx tx, RunQuery query) {
    SqlText where = where(query);
    long offset = PageToken.offset(query.page());
    int limit = query.limitOrUsual();
    SqlText sql =
        SqlText.of(
                "select r.id, r.experiment, r.name, r.state, r.lifecycle, r.user_name,"
                    + " r.started_at, r.ended_at from run r")
            .then(ordered(query, where))
            .then(" limit ? offset ?", limit + 1, offset);
    List<Bare> found = tx.query(sql.sql(), RunQueryStore::bare, sql.args().toArray());
    boolean isMore = found.size() > limit;
    List<Bare> shown = isMore ? found.subList(0, limit) : found;
    return new Page(
        views(tx, shown, query.columnsOrAll()),
        query.isCounted() ? count(tx, where) : null,
        isMore ? PageToken.of(offset + limit) : null);
  }

  static long count(Tx tx, SqlText where) {
    SqlText sql = SqlText.of("select count(*) as n from run r").then(where);
    return tx.query(sql.sql(), row -> row.whole("n"), sql.args().toArray()).getFirst();
  }

  /// The condition of a search, beginning with ` where `.
  static SqlText where(RunQuery query) {
    List<SqlText> parts = new ArrayList<>();
    String view = query.view() == null ? "active" : query.view();
    if (!view.equals("all")) parts.add(SqlText.of("r.lifecycle = ?", view));
    List<String> experiments = query.experiments();
    if (experiments != null && !experiments.isEmpty()) {
      List<Object> ids = new ArrayList<>();
      for (String id : experiments) ids.add(Experiments.number(id));
      parts.add(new SqlText("r.experiment in (" + InputStore.marks(ids) + ")", ids));
    }
    Filter.parse(query.filter(), RunWords.RUNS, Grammar.FULL)
        .ifPresent(filter -> parts.add(SqlText.where(filter, RunWords::condition)));
    return parts.isEmpty()
        ? SqlText.of("")
        : SqlText.of(" where ").then(SqlText.join(" and ", parts));
  }

  /// Joins, condition and order: metrics real values first, then NaN, then absent; texts absent
  /// last; the newest first where nothing else tells.
  private static SqlText ordered(RunQuery query, SqlText where) {
    List<String> texts = query.order() == null ? List.of() : query.order();
    SqlText joins = SqlText.of("");
    List<String> by = new ArrayList<>();
    boolean isTimed = false;
    int number = 0;
    for (Order order : Order.parse(texts, RunWords.RUNS)) {
      String way = order.isDescending() ? " desc" : " asc";
      String name = order.key().name();
      String o = "o" + number++;
      switch (order.key().entity()) {
        case "metric" -> {
          joins = join(joins, "metric_series", o, name);
          by.add(
              "case when " + o + ".is_nan = 0 then 0 when " + o + ".is_nan = 1 then 1 else 2 end");
          by.add(o + ".value" + way);
        }
        case "param" -> {
          joins = join(joins, "run_param", o, name);
          by.add(o + ".value" + way + " nulls last");
        }
        case "tag" -> {
          joins = join(joins, "run_tag", o, name);
          by.add(o + ".value" + way + " nulls last");
        }
        default -> {
          by.add(RunWords.column(name) + way + " nulls last");
          isTimed |= name.equals("start_time");
        }
      }
    }
    if (!isTimed) by.add("r.started_at desc");
    by.add("r.id");
    return joins.then(where).then(" order by " + String.join(", ", by));
  }

  private static SqlText join(SqlText joins, String table, String as, String name) {
    return joins.then(
        " left join " + table + " " + as + " on " + as + ".run = r.id and " + as + ".name = ?",
        name);
  }

  static List<RunView> byIds(Tx tx, List<String> ids, RunQuery.Columns columns) {
    List<Bare> found = new ArrayList<>();
    for (List<String> some : chunks(ids)) {
      found.addAll(
          tx.query(
              "select r.id, r.experiment, r.name, r.state, r.lifecycle, r.user_name,"
                  + " r.started_at, r.ended_at from run r where r.id in ("
                  + InputStore.marks(some)
                  + ")",
              RunQueryStore::bare,
              some.toArray()));
    }
    return views(tx, found, columns);
  }

  private static List<RunView> views(Tx tx, List<Bare> bare, RunQuery.Columns columns) {
    List<String> ids = bare.stream().map(Bare::id).toList();
    Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
    Map<String, Map<String, String>> params = new LinkedHashMap<>();
    Map<String, Map<String, String>> tags = new LinkedHashMap<>();
    Map<String, String> sources = new LinkedHashMap<>();
    for (List<String> some : chunks(ids)) {
      fillNumbers(tx, some, columns.metrics(), metrics);
      fillTexts(tx, "run_param", some, columns.params(), params);
      fillTexts(tx, "run_tag", some, columns.tags(), tags);
      texts(tx, "run_tag", some, List.of("mlflow.source.name"))
          .forEach(text -> sources.put(text.run(), text.value()));
    }
    return bare.stream()
        .map(run ->
            new RunView(
                run.id(),
                run.name(),
                run.experiment(),
                run.state(),
                run.lifecycle(),
                run.user(),
                run.startedAt(),
                run.endedAt(),
                sources.getOrDefault(run.id(), ""),
                metrics.getOrDefault(run.id(), Map.of()),
                params.getOrDefault(run.id(), Map.of()),
                tags.getOrDefault(run.id(), Map.of())))
        .toList();
  }

  private static void fillTexts(
      Tx tx,
      String table,
      List<String> runs,
      @Nullable List<String> names,
      Map<String, Map<String, String>> into) {
    if (names == null || names.isEmpty()) return;
    for (Text text : texts(tx, table, runs, names)) {
      into.computeIfAbsent(text.run(), _ -> new TreeMap<>()).put(text.name(), text.value());
    }
  }

  private static List<Text> texts(Tx tx, String table, List<String> runs, List<String> names) {
    SqlText sql = SqlText.of("select run, name, value from " + table).then(within(runs, names));
    return tx.query(
        sql.sql(),
        row -> new Text(row.text("run"), row.text("name"), row.text("value")),
        sql.args().toArray());
  }

  private static void fillNumbers(
      Tx tx,
      List<String> runs,
      @Nullable List<String> names,
      Map<String, Map<String, Double>> into) {
    if (names == null || names.isEmpty()) return;
    SqlText sql =
        SqlText.of("select run, name, value, is_nan from metric_series").then(within(runs, names));
    List<Number> found =
        tx.query(
            sql.sql(),
            row ->
                new Number(
                    row.text("run"),
                    row.text("name"),
                    row.flag("is_nan") ? Double.NaN : row.number("value")),
            sql.args().toArray());
    for (Number number : found) {
      into.computeIfAbsent(number.run(), _ -> new TreeMap<>()).put(number.name(), number.value());
    }
  }

  private static SqlText within(List<String> runs, List<String> names) {
    SqlText within =
        new SqlText(" where run in (" + InputStore.marks(runs) + ")", List.copyOf(runs));
    if (names.contains("*")) return within;
    return within.then(
        new SqlText(" and name in (" + InputStore.marks(names) + ")", List.copyOf(names)));
  }

  private static List<List<String>> chunks(List<String> ids) {
    List<List<String>> chunks = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += RUNS_MAX) {
      chunks.add(ids.subList(from, Math.min(ids.size(), from + RUNS_MAX)));
    }
    return chunks;
  }

  private static Bare bare(Row row) {
    return new Bare(
        row.text("id"),
        Long.toString(row.whole("experiment")),
        row.text("name"),
        row.text("state"),
        row.text("lifecycle"),
        row.text("user_name"),
        row.instant("started_at"),
        row.instantOrNull("ended_at"));
  }
}
