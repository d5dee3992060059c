package dev.orrery.tracking;

import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import dev.orrery.web.Events;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells one reader what is written to a run, within a second of it, until the run has ended or the
/// reader has gone.
///
/// It looks at the store, so that it sees what other servers write too. Of many points written
/// between two looks the newest [#POINTS_MAX] of each metric are told.
final class RunFollower implements Runnable {
  private static final int LOOK_MILLIS = 400;
  private static final int POINTS_MAX = 100;

  /// A point that was written.
  record Told(String key, long step, long at, double value) {}

  /// How the run stands.
  record Standing(String status, @Nullable Long endedAt) {}

  private record Seen(long at, long step) {}

  private record Series(long id, String key, long at, long step) {}

  private final Db db;
  private final String run;
  private final Events events;
  private final Map<Long, Seen> seen = new HashMap<>();
  private @Nullable Standing standing;

  private RunFollower(Db db, String run, Events events) {
    this.db = db;
    this.run = run;
    this.events = events;
  }

  static void follow(Db db, String run, Events events) {
    Thread.ofVirtual().name("follow " + run).start(new RunFollower(db, run, events));
  }

  @Override
  public void run() {
    try {
      boolean isFirst = true;
      while (events.open()) {
        boolean isFirstLook = isFirst;
        Standing now = db.read(tx -> look(tx, isFirstLook));
        isFirst = false;
        if (!now.equals(standing)) events.send("run", run, now);
        standing = now;
        if (now.endedAt() != null) break;
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      events.close();
    }
  }

  private Standing look(Tx tx, boolean isFirst) {
    List<Series> series =
        tx.query(
            "select id, name, at, step from metric_series where run = ?",
            row ->
                new Series(row.whole("id"), row.text("name"), row.whole("at"), row.whole("step")),
            run);
    for (Series one : series) {
      Seen before = seen.get(one.id());
      Seen now = new Seen(one.at(), one.step());
      if (now.equals(before)) continue;
      seen.put(one.id(), now);
      long after = isFirst ? Long.MAX_VALUE : before == null ? Long.MIN_VALUE : before.at();
      tell(tx, one, after, before);
    }
    Run found = Runs.get(tx, run);
    return new Standing(
        found.state().name(), found.endedAt() == null ? null : found.endedAt().toEpochMilli());
  }

  /// Tells the points after a time; on the first look only the last.
  private void tell(Tx tx, Series series, long after, @Nullable Seen before) {
    boolean isLastOnly = after == Long.MAX_VALUE;
    List<Told> points =
        tx.query(
            """
            select at, step, value, is_nan from metric_point
            where series = ? and at >= ?
            order by at desc, step desc
            limit ?
            """,
            row ->
                new Told(
                    series.key(),
                    row.whole("step"),
                    row.whole("at"),
                    row.flag("is_nan") ? Double.NaN : row.number("value")),
            series.id(),
            isLastOnly ? series.at() : after,
            isLastOnly ? 1 : POINTS_MAX);
    for (Told point : points.reversed()) {
      boolean isSeen =
          before != null
              && (point.at() < before.at()
                  || (point.at() == before.at() && point.step() <= before.step()));
      if (isSeen) continue;
      events.send("metric", series.id() + "@" + point.at() + "/" + point.step(), point);
    }
  }
}
