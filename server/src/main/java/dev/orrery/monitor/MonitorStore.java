package dev.orrery.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.monitor.DayPerformance.Series;
import dev.orrery.monitor.FeatureCounts.Cells;
import dev.orrery.sql.Db;
import dev.orrery.sql.Row;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// All SQL over the monitor's tables but `finding`.
final class MonitorStore {
  private static final TypeReference<TreeMap<String, Double>> FIGURES = new TypeReference<>() {};
  private static final TypeReference<TreeMap<String, Cells>> CELLS = new TypeReference<>() {};

  private final Db db;
  private final String endpoint;

  MonitorStore(Db db, String endpoint) {
    this.db = db;
    this.endpoint = endpoint;
  }

  /// The checks made last, newest first.
  List<Check> checks(int limit) {
    return db.query(
        """
        select period_start, period_end, champion, state, predictions, latency_p50, latency_p99,
          drift, outcomes, figures
        from monitor_check
        where endpoint = ?
        order by period_start desc
        limit ?
        """,
        MonitorStore::check,
        endpoint,
        limit);
  }

  /// When the first period began that was ever checked.
  Optional<Instant> began() {
    return db.first(
        """
        select period_start
        from monitor_check
        where endpoint = ? and state = 'served'
        order by period_start
        limit 1
        """,
        row -> row.instant("period_start"),
        endpoint);
  }

  void save(Tx tx, Check check) {
    tx.update(
        """
        insert into monitor_check (endpoint, period_start, period_end, champion, state,
          predictions, latency_p50, latency_p99, drift, outcomes, figures)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (endpoint, period_start) do update set period_end = excluded.period_end,
          champion = excluded.champion, state = excluded.state,
          predictions = excluded.predictions, latency_p50 = excluded.latency_p50,
          latency_p99 = excluded.latency_p99, drift = excluded.drift,
          outcomes = excluded.outcomes, figures = excluded.figures
        """,
        endpoint,
        check.from(),
        check.to(),
        check.champion().toString(),
        check.state().word(),
        check.predictions(),
        check.latencyP50(),
        check.latencyP99(),
        check.drift().word(),
        check.outcomes(),
        Json.text(check.figures()));
  }

  private static Check check(Row row) {
    return new Check(
        row.instant("period_start"),
        row.instant("period_end"),
        Semver.parse(row.text("champion")),
        Check.State.valueOf(row.text("state").toUpperCase(Locale.ROOT)),
        row.whole("predictions"),
        row.numberOrNull("latency_p50"),
        row.numberOrNull("latency_p99"),
        FeatureDrift.State.valueOf(row.text("drift").toUpperCase(Locale.ROOT)),
        row.whole("outcomes"),
        read(row.text("figures"), FIGURES));
  }

  /// A period's performance with what is needed to add it up with others.
  record Scored(DayPerformance day, ScoreCells cells) {}

  void save(Tx tx, Scored scored) {
    DayPerformance day = scored.day();
    Performance is = day.performance();
    tx.update(
        """
        insert into daily_performance (endpoint, period_start, series, period_end, known_by,
          predictions, true_positives, false_positives, true_negatives, false_negatives,
          auc_roc, log_loss, brier, cells)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (endpoint, period_start, series) do update set
          period_end = excluded.period_end, known_by = excluded.known_by,
          predictions = excluded.predictions, true_positives = excluded.true_positives,
          false_positives = excluded.false_positives, true_negatives = excluded.true_negatives,
          false_negatives = excluded.false_negatives, auc_roc = excluded.auc_roc,
          log_loss = excluded.log_loss, brier = excluded.brier, cells = excluded.cells
        """,
        endpoint,
        day.from(),
        day.series().word(),
        day.to(),
        day.knownBy(),
        is.predictions(),
        is.truePositives(),
        is.falsePositives(),
        is.trueNegatives(),
        is.falseNegatives(),
        is.aucRoc(),
        is.logLoss(),
        is.brier(),
        Json.text(scored.cells()));
  }

  /// The performance of the periods since a moment, by period.
  List<DayPerformance> days(Instant since, int limit) {
    return db.query(
        """
        select period_start, period_end, series, known_by, predictions, true_positives,
          false_positives, true_negatives, false_negatives, auc_roc, log_loss, brier
        from daily_performance
        where endpoint = ? and period_start >= ?
        order by period_start desc, series
        limit ?
        """,
        MonitorStore::day,
        endpoint,
        since,
        limit);
  }

  /// What was served in the periods that begin in [from, to).
  static List<Scored> served(Tx tx, String endpoint, Instant from, Instant to) {
    return tx.query(
        """
        select period_start, period_end, series, known_by, predictions, true_positives,
          false_positives, true_negatives, false_negatives, auc_roc, log_loss, brier, cells
        from daily_performance
        where endpoint = ? and period_start >= ? and period_start < ? and series = 'served'
        order by period_start
        """,
        row -> new Scored(day(row), Json.read(row.text("cells"), ScoreCells.class)),
        endpoint,
        from,
        to);
  }

  private static DayPerformance day(Row row) {
    return new DayPerformance(
        row.instant("period_start"),
        row.instant("period_end"),
        Series.valueOf(row.text("series").toUpperCase(Locale.ROOT)),
        row.instant("known_by"),
        new Performance(
            row.whole("predictions"),
            row.whole("true_positives"),
            row.whole("false_positives"),
            row.whole("true_negatives"),
            row.whole("false_negatives"),
            row.numberOrNull("auc_roc"),
            row.numberOrNull("log_loss"),
            row.numberOrNull("brier")));
  }

  /// The counts of the periods that begin in [from, to), over one version's cells.
  List<FeatureCounts> counts(Semver version, Instant from, Instant to) {
    return db.query(
        """
        select period_start, row_count, counts
        from feature_count
        where endpoint = ? and version = ? and period_start >= ? and period_start < ?
        order by period_start
        """,
        row ->
            new FeatureCounts(
                row.instant("period_start"),
                version,
                row.whole("row_count"),
                read(row.text("counts"), CELLS)),
        endpoint,
        version.toString(),
        from,
        to);
  }

  void save(Tx tx, FeatureCounts counts) {
    tx.update(
        """
        insert into feature_count (endpoint, period_start, version, row_count, counts)
        values (?, ?, ?, ?, ?)
        on conflict (endpoint, period_start, version) do update set
          row_count = excluded.row_count, counts = excluded.counts
        """,
        endpoint,
        counts.from(),
        counts.version().toString(),
        counts.rows(),
        Json.text(counts.cells()));
  }

  /// Forgets counts that no window asks for any more.
  void forgetCounts(Tx tx, Instant before) {
    tx.update(
        "delete from feature_count where endpoint = ? and period_start < ?", endpoint, before);
  }

  void save(Tx tx, List<FeatureDrift> features) {
    tx.batch(
        """
        insert into drift_check (endpoint, period_end, feature, window_from, champion, state,
          row_count, psi, ks, p_value, unseen)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (endpoint, period_end, feature) do update set
          window_from = excluded.window_from, champion = excluded.champion,
          state = excluded.state, row_count = excluded.row_count, psi = excluded.psi,
          ks = excluded.ks, p_value = excluded.p_value, unseen = excluded.unseen
        """,
        features.stream().map(this::columns).toList());
  }

  private @Nullable Object[] columns(FeatureDrift drift) {
    return new @Nullable Object[] {
      endpoint,
      drift.to(),
      drift.feature(),
      drift.from(),
      drift.champion().toString(),
      drift.state().word(),
      drift.rows(),
      drift.psi(),
      drift.ks(),
      drift.pValue(),
      drift.unseen() == null ? null : Json.text(drift.unseen())
    };
  }

  /// The features of the newest check, the one that is farthest off first.
  List<FeatureDrift> newestDrift() {
    return db.query(
        """
        select period_end, feature, window_from, champion, state, row_count, psi, ks, p_value,
          unseen
        from drift_check
        where endpoint = ?
          and period_end = (select max(period_end) from drift_check where endpoint = ?)
        order by case when psi is null then 1 else 0 end, psi desc, feature
        """,
        MonitorStore::drift,
        endpoint,
        endpoint);
  }

  /// One feature through time, newest first.
  List<FeatureDrift> drift(String feature, int limit) {
    return db.query(
        """
        select period_end, feature, window_from, champion, state, row_count, psi, ks, p_value,
          unseen
        from drift_check
        where endpoint = ? and feature = ?
        order by period_end desc
        limit ?
        """,
        MonitorStore::drift,
        endpoint,
        feature,
        limit);
  }

  private static FeatureDrift drift(Row row) {
    return new FeatureDrift(
        row.text("feature"),
        row.instant("window_from"),
        row.instant("period_end"),
        Semver.parse(row.text("champion")),
        FeatureDrift.State.valueOf(row.text("state").toUpperCase(Locale.ROOT)),
        row.whole("row_count"),
        row.numberOrNull("psi"),
        row.numberOrNull("ks"),
        row.numberOrNull("p_value"),
        row.textOrNull("unseen") == null ? null : Json.read(row.text("unseen"), UnseenTexts.class));
  }

  private static <T> T read(String text, TypeReference<T> type) {
    try {
      return Json.MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row of the monitor is damaged", e);
    }
  }
}
