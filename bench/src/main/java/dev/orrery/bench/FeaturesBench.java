package dev.orrery.bench;

import dev.orrery.engine.Table;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// How long the features of a whole history take, each row as of its own time: training waits for
/// it. Beside it the same features in DuckDB: running sums, and an ASOF join for each edge of a
/// window.
final class FeaturesBench {
  private static final int ROUNDS = 2;

  private FeaturesBench() {}

  static List<Line> measure(Plan plan) throws Exception {
    var lines = new ArrayList<Line>();
    int limit = plan.isQuick() ? 100_000 : 1_000_000;
    Flights flights = Flights.load(plan.flights(), limit);
    int rows = flights.rows().rows();
    double ours = Double.MAX_VALUE;
    double[] sums = new double[2];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      Table features = flights.features().history(flights.rows());
      ours = Math.min(ours, (System.nanoTime() - start) / 1e9);
      sums[0] = sum(features.numbers("origin_recent.late_share_2h"));
      sums[1] = sum(features.numbers("destination_recent.delay_7d"));
    }
    for (int threads = 1; threads <= Runtime.getRuntime().availableProcessors(); threads *= 2) {
      double theirs = duckDb(plan, limit, threads, sums);
      Line line =
          Line.rate(
              "features of %,d past rows, 24 columns".formatted(rows),
              "rows/s",
              rows / ours,
              "DuckDB ASOF, %d thread%s".formatted(threads, threads == 1 ? "" : "s"),
              rows / theirs);
      lines.add(line.withinTimes(1.3));
    }
    var live = Jmh.run(LiveFeaturesBench.class, plan);
    for (int request : new int[] {1, 100}) {
      lines.add(
          Line.time(
                  "features of a request, %d row%s".formatted(request, request == 1 ? "" : "s"),
                  "us",
                  Jmh.score(live, "live_features/" + request),
                  "ready ones in a HashMap",
                  Jmh.score(live, "heap/" + request))
              .within(request == 1 ? 10 : 500));
    }
    return lines;
  }

  private static double duckDb(Plan plan, int limit, int threads, double[] sums)
      throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement sql = connection.createStatement()) {
      sql.execute("set threads = " + threads);
      sql.execute(
          """
          create table flight as
          select row_number() over () as id, *, cast(delay >= 15 as integer) as late,
            least(greatest(delay, -30), 180) as clipped,
            date + to_minutes(cast(distance / 7.5 + 30 + greatest(delay, 0) as integer)) as known
          from read_parquet('%s')
          limit %d
          """
              .formatted(plan.flights().resolve("data/flights.parquet"), limit));
      double least = Double.MAX_VALUE;
      for (int i = 0; i < ROUNDS; i++) {
        sql.execute("drop table if exists feature");
        long start = System.nanoTime();
        sql.execute("create table feature as " + history());
        least = Math.min(least, (System.nanoTime() - start) / 1e9);
      }
      try (var found =
          sql.executeQuery(
              "select sum(origin_late_share_2h), sum(destination_delay_7d) from feature")) {
        found.next();
        for (int i = 0; i < sums.length; i++) {
          double theirs = found.getDouble(i + 1);
          if (Math.abs(theirs - sums[i]) > 1e-6 * Math.abs(theirs)) {
            throw new IllegalStateException(
                "DuckDB's features differ: %s is not %s".formatted(theirs, sums[i]));
          }
        }
      }
      return least;
    }
  }

  private static String history() {
    String[] entities = {"origin", "destination"};
    String[] labels = {"0h", "2h", "24h", "7d"};
    int[] hours = {0, 2, 24, 168};
    var with = new StringBuilder("with ");
    var columns = new StringBuilder();
    var joins = new StringBuilder();
    for (String entity : entities) {
      with.append(with.length() > 5 ? ", " : "")
          .append(
              """
              %1$s_log as (
                select %1$s as entity, known, count(*) over w as n, sum(late) over w as late,
                  sum(clipped) over w as delay
                from flight
                window w as (partition by %1$s order by known)
              )
              """
                  .formatted(entity));
      for (int i = 0; i < labels.length; i++) {
        joins.append(
            """
            asof left join %1$s_log %1$s_%2$s
              on f.%1$s = %1$s_%2$s.entity and f.date - interval %3$d hour >= %1$s_%2$s.known
            """
                .formatted(entity, labels[i], hours[i]));
        if (i == 0) continue;
        columns.append(
            """
            , coalesce(%1$s_0h.n, 0) - coalesce(%1$s_%2$s.n, 0) as %1$s_flights_%2$s,
              (coalesce(%1$s_0h.late, 0) - coalesce(%1$s_%2$s.late, 0))
                / nullif(%1$s_flights_%2$s, 0) as %1$s_late_share_%2$s,
              (coalesce(%1$s_0h.delay, 0) - coalesce(%1$s_%2$s.delay, 0))
                / nullif(%1$s_flights_%2$s, 0) as %1$s_delay_%2$s
            """
                .formatted(entity, labels[i]));
      }
    }
    return with
        + "select f.id, hour(date) as hour, isodow(date) - 1 as day, isodow(date) > 5 as weekend,"
        + " distance, origin, destination"
        + columns
        + " from flight f "
        + joins;
  }

  private static double sum(double[] values) {
    double sum = 0;
    for (double value : values) if (!Double.isNaN(value)) sum += value;
    return sum;
  }
}
