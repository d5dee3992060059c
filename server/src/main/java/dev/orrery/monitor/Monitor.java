package dev.orrery.monitor;

import dev.orrery.base.Semver;
import dev.orrery.monitor.FeatureCounts.Cells;
import dev.orrery.monitor.MonitorStore.Scored;
import dev.orrery.sql.Db;
import dev.orrery.stats.KolmogorovSmirnov;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Watches one endpoint: check what has closed, ask for what was found.
///
/// Safe for use by many threads; checks wait for each other.
public final class Monitor {
  /// A period is looked at again by the checks of the next two, since outcomes come later.
  static final int LOOKS = 3;

  /// Metrics over fewer outcomes than this are unknown.
  static final int OUTCOMES_MIN = 100;

  /// For each bin so many rows: fewer, and chance alone gives a PSI of 0.05.
  static final int ROWS_PER_BIN = 20;

  private static final int PERIODS_AT_ONCE = 1_000;
  private static final int MOVES_MAX = 1_000;
  private static final int LIMIT_MAX = 10_000;

  private final Db db;
  private final Source source;
  private final MonitorBlock block;
  private final Probe probe;
  private final Rules rules;
  private final MonitorStore store;
  private final Findings findings;
  private final PerformanceReport report;

  /// The champion's measures, kept from one check to the next.
  private @Nullable Measures measures;

  /// The counts of the newest check's window; only saves reading them.
  private List<FeatureCounts> counted = List.of();

  private volatile @Nullable First first;
  private volatile @Nullable Check latest;

  private record Measures(Semver version, List<Yardstick> yardsticks) {}

  public Monitor(Db db, Source source, MonitorBlock block, Probe probe) {
    this.db = db;
    this.source = source;
    this.block = block;
    this.probe = probe;
    this.rules = new Rules(block);
    this.store = new MonitorStore(db, source.endpoint());
    this.findings = new Findings(db, source.endpoint());
    this.report = new PerformanceReport(source);
    this.latest = store.checks(1).stream().findFirst().orElse(null);
  }

  /// When the next check is due; empty as long as nothing is deployed.
  public synchronized Optional<Instant> due() {
    return start().map(from -> from.plus(block.every()));
  }

  /// Checks every period that has closed by a moment and was not checked yet, in order.
  ///
  /// @return the checks that were made, at most 1,000
  public synchronized List<Check> check(Instant upTo) {
    var made = new ArrayList<Check>();
    if (due().filter(due -> !due.isAfter(upTo)).isEmpty()) return made;
    latest = store.checks(1).stream().findFirst().orElse(null);
    Instant from = start().orElseThrow();
    source.catchUpShadow();
    var history = new History(source.moves(MOVES_MAX));
    while (!from.plus(block.every()).isAfter(upTo) && made.size() < PERIODS_AT_ONCE) {
      made.add(check(from, history));
      from = from.plus(block.every());
    }
    return made;
  }

  /// The beginning of the first period that was not checked yet.
  private Optional<Instant> start() {
    Check newest = latest;
    if (newest != null) return Optional.of(newest.to());
    return new History(source.moves(MOVES_MAX))
        .oldest()
        .map(move -> {
          long every = block.every().toMillis();
          return Instant.ofEpochMilli(Math.floorDiv(move.at().toEpochMilli(), every) * every);
        });
  }

  private Check check(Instant from, History history) {
    Instant to = from.plus(block.every());
    Semver champion = history.championBefore(to).orElseThrow();
    First first = first(history).orElseThrow();
    List<Yardstick> yardsticks = yardsticks(champion);
    Instant looked = from.minus(block.every().multipliedBy(LOOKS - 1));
    Examination seen = Examination.of(source.scored(looked, to, to), looked, block.every(), LOOKS);
    Instant window = to.minus(block.window());
    Counted counts = counts(champion, yardsticks, seen, window, to);
    boolean full = store.began().map(began -> !began.isAfter(window)).orElse(false);
    List<FeatureDrift> drift = drift(champion, yardsticks, counts.all(), window, to, full);
    Check done =
        db.write(tx -> {
          for (int period = 0; period < LOOKS; period++) {
            boolean empty = seen.periods().get(period).length == 0;
            if (empty && period < LOOKS - 1) continue;
            store.save(tx, seen.served(period, to));
            store.save(tx, seen.first(period, first, to));
          }
          for (FeatureCounts fresh : counts.fresh()) store.save(tx, fresh);
          store.forgetCounts(tx, window.minus(block.every().multipliedBy(LOOKS)));
          store.save(tx, drift);
          List<Scored> days = MonitorStore.served(tx, source.endpoint(), window, to);
          Check check = sumUp(days, champion, seen, drift, to);
          store.save(tx, check);
          findings.take(tx, verdicts(days, check, drift, full), to);
          findings.keepFeatures(
              tx, yardsticks.stream().map(Yardstick::feature).collect(Collectors.toSet()), to);
          return check;
        });
    latest = done;
    counted = counts.all();
    return done;
  }

  /// The first version; its package is read once.
  private Optional<First> first(History history) {
    Semver version = source.shadow().or(history::first).orElse(null);
    if (version == null) return Optional.empty();
    First known = first;
    if (known == null || !known.version().equals(version)) {
      known = new First(version, source.model(version).threshold());
      first = known;
    }
    return Optional.of(known);
  }

  private List<Yardstick> yardsticks(Semver champion) {
    Measures known = measures;
    if (known == null || !known.version().equals(champion)) {
      known = new Measures(champion, Yardstick.of(source.model(champion)));
      measures = known;
    }
    return known.yardsticks();
  }

  /// The counts of a window's periods, and those among them that are not stored yet.
  private record Counted(List<FeatureCounts> all, List<FeatureCounts> fresh) {}

  /// The counts of the window's periods: those just seen, those kept, and, after the champion has
  /// changed, those counted again from the log.
  private Counted counts(
      Semver champion, List<Yardstick> yardsticks, Examination seen, Instant window, Instant to) {
    SortedMap<Instant, FeatureCounts> byStart = new TreeMap<>();
    var fresh = new ArrayList<FeatureCounts>();
    for (FeatureCounts known : known(champion, window, to)) byStart.put(known.from(), known);
    for (int period = 0; period < LOOKS; period++) {
      FeatureCounts known = byStart.get(seen.start(period));
      // Rows are only ever added, so that as many rows are the same rows.
      boolean same = known != null && known.rows() == seen.periods().get(period).length;
      if (!same && !seen.start(period).isBefore(window)) {
        fresh.add(seen.counts(period, champion, yardsticks));
      }
    }
    for (FeatureCounts counted : fresh) byStart.put(counted.from(), counted);
    for (Instant at = window; at.isBefore(to); at = at.plus(block.every())) {
      if (byStart.containsKey(at)) continue;
      Instant end = at.plus(block.every());
      Examination again = Examination.of(source.scored(at, end, to), at, block.every(), 1);
      FeatureCounts counted = again.counts(0, champion, yardsticks);
      byStart.put(at, counted);
      fresh.add(counted);
    }
    return new Counted(List.copyOf(byStart.values()), fresh);
  }

  /// The counts that an earlier check made.
  private List<FeatureCounts> known(Semver champion, Instant window, Instant to) {
    Check before = latest;
    List<FeatureCounts> kept = counted;
    boolean kind =
        before != null
            && before.champion().equals(champion)
            && before.to().equals(to.minus(block.every()));
    if (!kind || kept.isEmpty()) return store.counts(champion, window, to);
    return kept.stream().filter(counts -> !counts.from().isBefore(window)).toList();
  }

  private List<FeatureDrift> drift(
      Semver champion,
      List<Yardstick> yardsticks,
      List<FeatureCounts> counts,
      Instant window,
      Instant to,
      boolean full) {
    SortedMap<String, Cells> sums = FeatureCounts.sum(counts);
    var features = new ArrayList<FeatureDrift>();
    for (Yardstick yardstick : yardsticks) {
      Cells now = sums.get(yardstick.feature());
      OptionalDouble psi = now == null ? OptionalDouble.empty() : yardstick.psi(now);
      KolmogorovSmirnov ks = now == null ? null : yardstick.ks(now);
      long rows = now == null ? 0 : now.rows();
      FeatureDrift.State state;
      if (psi.isEmpty()) state = FeatureDrift.State.NO_DATA;
      else if (!full) state = FeatureDrift.State.FILLING;
      else if (rows < (long) ROWS_PER_BIN * (yardstick.bins() - 1)) {
        state = FeatureDrift.State.TOO_FEW;
      } else state = FeatureDrift.State.JUDGED;
      features.add(
          new FeatureDrift(
              yardstick.feature(),
              window,
              to,
              champion,
              state,
              rows,
              psi.isPresent() ? (Double) psi.getAsDouble() : null,
              ks == null ? null : (Double) ks.statistic(),
              ks == null ? null : (Double) ks.probability(),
              now == null ? null : now.unseen()));
    }
    return features;
  }

  private Check sumUp(
      List<Scored> days, Semver champion, Examination seen, List<FeatureDrift> drift, Instant to) {
    int last = LOOKS - 1;
    var figures = new TreeMap<String, Double>();
    long outcomes = quality(days, figures);
    greatest(drift, FeatureDrift::psi).ifPresent(psi -> figures.put(MonitorBlock.PSI, psi));
    greatest(drift, FeatureDrift::ks).ifPresent(ks -> figures.put(MonitorBlock.KS, ks));
    Rules.unseen(drift).ifPresent(share -> figures.put(MonitorBlock.UNSEEN, share));
    Double p50 = seen.latency(last, 0.50);
    Double p99 = seen.latency(last, 0.99);
    if (p50 != null) figures.put(MonitorBlock.LATENCY_P50, p50);
    if (p99 != null) figures.put(MonitorBlock.LATENCY_P99, p99);
    if (probed()) figures.putAll(probe.read());
    long predictions = seen.periods().get(last).length;
    return new Check(
        to.minus(block.every()),
        to,
        champion,
        predictions == 0 ? Check.State.NO_DATA : Check.State.SERVED,
        predictions,
        p50,
        p99,
        overall(drift),
        outcomes,
        figures);
  }

  /// Whether a rule asks for what only the probe knows; else the figures depend on rows alone.
  private boolean probed() {
    return !block.system().isEmpty() || block.model().containsKey(MonitorBlock.ERROR_RATE);
  }

  private static Optional<Double> greatest(
      List<FeatureDrift> drift,
      java.util.function.Function<FeatureDrift, @Nullable Double> figure) {
    Double greatest = null;
    for (FeatureDrift feature : drift) {
      Double value = figure.apply(feature);
      if (feature.state() != FeatureDrift.State.JUDGED || value == null) continue;
      if (greatest == null || value > greatest) greatest = value;
    }
    return Optional.ofNullable(greatest);
  }

  private static FeatureDrift.State overall(List<FeatureDrift> drift) {
    return drift.stream()
        .map(FeatureDrift::state)
        .min(java.util.Comparator.naturalOrder())
        .orElse(FeatureDrift.State.NO_DATA);
  }

  /// Adds up the window's periods.
  ///
  /// @return how many outcomes are known
  private static long quality(List<Scored> days, Map<String, Double> figures) {
    long[] counts = new long[5];
    double logLoss = 0;
    double brier = 0;
    ScoreCells cells = ScoreCells.empty();
    for (Scored scored : days) {
      Performance day = scored.day().performance();
      counts[0] += day.predictions();
      counts[1] += day.truePositives();
      counts[2] += day.falsePositives();
      counts[3] += day.trueNegatives();
      counts[4] += day.falseNegatives();
      if (day.logLoss() != null) logLoss += day.logLoss() * day.outcomes();
      if (day.brier() != null) brier += day.brier() * day.outcomes();
      cells.add(scored.cells());
    }
    double auc = cells.auc();
    long outcomes = counts[1] + counts[2] + counts[3] + counts[4];
    if (outcomes < OUTCOMES_MIN) return outcomes;
    var all =
        new Performance(
            counts[0],
            counts[1],
            counts[2],
            counts[3],
            counts[4],
            Double.isNaN(auc) ? null : (Double) auc,
            logLoss / outcomes,
            brier / outcomes);
    put(figures, "accuracy", all.accuracy());
    put(figures, "precision", all.precision());
    put(figures, "recall", all.recall());
    put(figures, "f1", all.f1());
    put(figures, "auc_roc", all.aucRoc());
    put(figures, "log_loss", all.logLoss());
    put(figures, "brier", all.brier());
    return outcomes;
  }

  private static void put(Map<String, Double> figures, String name, @Nullable Double value) {
    if (value != null) figures.put(name, value);
  }

  private List<Verdict> verdicts(
      List<Scored> days, Check check, List<FeatureDrift> drift, boolean full) {
    var verdicts = new ArrayList<>(rules.drift(drift));
    verdicts.addAll(rules.unseenTexts(drift));
    verdicts.addAll(rules.metrics(check.figures()));
    long[] before =
        days.stream()
            .filter(scored -> scored.day().from().isBefore(check.from()))
            .mapToLong(scored -> scored.day().performance().predictions())
            .toArray();
    Verdict volume = rules.volume(source.endpoint(), check.from(), check.predictions(), before);
    if (volume != null) verdicts.add(volume);
    if (full) {
      long predictions = check.predictions() + java.util.Arrays.stream(before).sum();
      verdicts.add(Rules.outcomes(source.endpoint(), predictions, check.outcomes()));
    }
    return verdicts;
  }

  /// The newest check.
  public Optional<Check> latest() {
    return Optional.ofNullable(latest);
  }

  /// Checks, newest first.
  public List<Check> checks(int limit) {
    return store.checks(Math.clamp(limit, 1, LIMIT_MAX));
  }

  /// Performance by period as the checks recorded it, newest first, served and first version.
  public List<DayPerformance> days(Instant since, int limit) {
    return store.days(since, Math.clamp(limit, 1, LIMIT_MAX));
  }

  /// Findings, the open ones first.
  public List<Finding> findings(int limit, boolean openOnly) {
    return findings.newest(Math.clamp(limit, 1, LIMIT_MAX), openOnly);
  }

  /// The features at the newest check, the one that is farthest off first.
  public List<FeatureDrift> drift() {
    return store.newestDrift();
  }

  /// One feature through time, newest first.
  public List<FeatureDrift> drift(String feature, int limit) {
    return store.drift(feature, Math.clamp(limit, 1, LIMIT_MAX));
  }

  /// Performance by month or day, computed from the log with what is known by now.
  public List<PerformanceReport.Line> performance(PerformanceReport.By by, Instant now) {
    source.catchUpShadow();
    return first(new History(source.moves(MOVES_MAX)))
        .map(known -> report.lines(by, known, now))
        .orElse(List.of());
  }

  public Duration every() {
    return block.every();
  }
}
