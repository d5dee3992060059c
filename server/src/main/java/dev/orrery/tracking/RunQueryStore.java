package dev.orrery.tracking;

import dev.orrery.filter.Filter;
import dev.orrery.filter.Grammar;
import dev.orrery.filter.Order;
import dev.orrery.filter.SqlText;
import dev.orrery.mlflow.PageToken;
import dev.orrery.sql.Tx;
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

  private record Text(String run, String name, String value) {}

  private record Number(String run, String name, double value) {}

  private RunQueryStore() {}

  static Page search(Tx tx, RunQuery query) {
    RunSearch search = of(tx, query);
    long offset = PageToken.offset(query.page());
    int limit = query.limitOrUsual();
    List<Run> found = search.find(tx, limit + 1, offset);
    boolean isMore = found.size() > limit;
    List<Run> shown = isMore ? found.subList(0, limit) : found;
    return new Page(
        views(tx, shown, query.columnsOrAll()),
        query.isCounted() ? search.count(tx) : null,
        isMore ? PageToken.of(offset + limit) : null);
  }

  static RunSearch of(Tx tx, RunQuery query) {
    List<String> named = query.experiments();
    List<Long> experiments =
        named == null || named.isEmpty()
            ? tx.query("select id from experiment order by id", row -> row.whole("id"))
            : named.stream().map(Experiments::number).toList();
    return new RunSearch(
        experiments,
        Filter.parse(query.filter(), SearchWords.FULL, Grammar.FULL),
        Order.parse(query.order() == null ? List.of() : query.order(), SearchWords.FULL),
        query.seen());
  }

  static List<RunView> byIds(Tx tx, List<String> ids, RunQuery.Columns columns) {
    List<Run> found = new ArrayList<>();
    ids.forEach(id -> RunStore.run(tx, id).ifPresent(found::add));
    return views(tx, found, columns);
  }

  private static List<RunView> views(Tx tx, List<Run> bare, RunQuery.Columns columns) {
    List<String> ids = bare.stream().map(Run::id).toList();
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
                run.state().name(),
                run.lifecycle().text(),
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
}
