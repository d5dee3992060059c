package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Numbers;
import dev.orrery.engine.Table.Strings;
import dev.orrery.model.ModelPackage;
import dev.orrery.stats.Auc;
import dev.orrery.stats.Drift;
import dev.orrery.stats.Interval;
import dev.orrery.stats.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Whether a canary may go on: by what failed, by how long it takes, by drift, and by metrics on
/// the same rows.
///
/// Both models are asked about every row of the trial whose outcome is known, whoever answered it,
/// so that the comparison is paired and needs few rows.
final class CanaryJudge {
  /// Fewer rows than this decide nothing.
  static final int ROWS_MIN = 100;

  private static final double Z_95 = 1.959963984540054;
  private static final double CONFIDENCE = 0.95;
  private static final double ERRORS_MAX = 0.01;

  /// How much longer the canary's slowest hundredth may take than the champion's.
  private static final double SLOWER_MAX = 1.5;

  private static final int RESAMPLES = 500;
  private static final double TINY = 1e-15;

  private CanaryJudge() {}

  /// What the rows say.
  sealed interface Verdict {
    /// Nothing speaks against it.
    ///
    /// @param logLossDifference canary less champion, in nats a row; below 0 is better
    record Fine(double logLossDifference, int rows) implements Verdict {}

    record TooFewRows(int rows) implements Verdict {}

    record Worse(String why) implements Verdict {}
  }

  /// One rule, and what it found; for people.
  ///
  /// @param found in words
  /// @param state `ok`, `unknown` or `abort`
  record Finding(String rule, String state, String found) {}

  /// The rows of the trial with the scores that both models give those whose outcome is known.
  private record Paired(double[] actual, double[] old, double[] young) {
    boolean[] positive() {
      boolean[] positive = new boolean[actual.length];
      for (int i = 0; i < actual.length; i++) positive[i] = actual[i] == 1;
      return positive;
    }
  }

  static Verdict judge(
      ScoredRows rows,
      ModelPackage champion,
      Loaded canary,
      List<AbortRule> abortOn,
      boolean last) {
    int known = rows.known();
    List<Finding> findings = findings(rows, champion, canary, abortOn, last);
    for (Finding finding : findings) {
      if (finding.state().equals("abort")) {
        return new Verdict.Worse(finding.rule() + ": " + finding.found());
      }
    }
    if (known < ROWS_MIN) return new Verdict.TooFewRows(known);
    boolean asks = abortOn.stream().anyMatch(rule -> rule.on().equals(AbortRule.LOG_LOSS));
    Paired paired = asks && known > 0 ? paired(rows, champion, canary) : null;
    return new Verdict.Fine(
        paired == null ? 0 : Interval.ofMean(losses(paired), CONFIDENCE).estimate(), known);
  }

  /// What each rule finds; metrics of fewer than 100 known rows are unknown.
  static List<Finding> findings(
      ScoredRows rows,
      ModelPackage champion,
      Loaded canary,
      List<AbortRule> abortOn,
      boolean last) {
    Paired paired = rows.known() < ROWS_MIN ? null : paired(rows, champion, canary);
    var findings = new ArrayList<Finding>();
    for (AbortRule rule : abortOn) {
      findings.add(
          switch (rule.on()) {
            case AbortRule.ERROR_RATE -> errorRate(rule, canary);
            case AbortRule.P99 -> p99(rule, rows, canary);
            case AbortRule.PSI -> psi(rule, rows, canary);
            case AbortRule.LOG_LOSS ->
                paired == null ? few(rule, rows) : logLoss(rule, paired, last);
            default ->
                paired == null
                    ? few(rule, rows)
                    : metric(rule, paired, champion, canary.model(), last);
          });
    }
    return List.copyOf(findings);
  }

  private static Finding found(AbortRule rule, boolean isBad, String what) {
    return new Finding(rule.told(), isBad ? "abort" : "ok", what);
  }

  private static Finding few(AbortRule rule, ScoredRows rows) {
    boolean blind = rows.known() >= ROWS_MIN;
    return new Finding(
        rule.told(),
        "unknown",
        blind
            ? "the log keeps no features to ask both models about"
            : "%d known outcomes of %d".formatted(rows.known(), ROWS_MIN));
  }

  private static Finding errorRate(AbortRule rule, Loaded canary) {
    long answered = canary.answered().get();
    long failed = canary.failed().get();
    double most = rule.limit() == null ? ERRORS_MAX : rule.limit();
    return found(
        rule,
        failed > most * (answered + failed),
        "%d of %d requests failed".formatted(failed, answered + failed));
  }

  private static Finding p99(AbortRule rule, ScoredRows rows, Loaded canary) {
    String version = canary.version().toString();
    double[] mine = latencies(rows, version, true);
    double[] theirs = latencies(rows, version, false);
    if (mine.length < ROWS_MIN || rule.limit() == null && theirs.length < ROWS_MIN) {
      return new Finding(rule.told(), "unknown", "%d rows of its own".formatted(mine.length));
    }
    double p99 = percentile99(mine) / 1_000;
    if (rule.limit() != null) {
      return found(rule, p99 > rule.limit(), "%.3f ms".formatted(p99));
    }
    double other = percentile99(theirs) / 1_000;
    return found(
        rule, p99 > SLOWER_MAX * other, "%.3f ms, of the champion %.3f ms".formatted(p99, other));
  }

  private static double[] latencies(ScoredRows rows, String version, boolean own) {
    double[] found = new double[rows.rows()];
    int n = 0;
    for (int i = 0; i < found.length; i++) {
      if (rows.version()[i].equals(version) == own) found[n++] = rows.latencyMicros()[i];
    }
    double[] sorted = Arrays.copyOf(found, n);
    Arrays.sort(sorted);
    return sorted;
  }

  private static double percentile99(double[] sorted) {
    return sorted[Math.clamp((int) Math.ceil(0.99 * sorted.length) - 1, 0, sorted.length - 1)];
  }

  /// How far the features of the trial are from those that the canary was trained on.
  private static Finding psi(AbortRule rule, ScoredRows rows, Loaded canary) {
    Table given = Feed.of(rows.features(), canary.version().toString());
    double most = rule.limit() == null ? Drift.PSI_MAJOR : rule.limit();
    double worst = Double.NaN;
    String feature = "";
    for (Reference reference : canary.model().references()) {
      if (rows.rows() < ROWS_MIN || !given.has(reference.column())) continue;
      double psi =
          switch (given.column(reference.column())) {
            case Numbers(double[] values) -> reference.shift(values).psi();
            case Strings strings -> reference.shift(strings.values()).psi();
            case dev.orrery.engine.Table.Times _ -> Double.NaN;
          };
      if (Double.isNaN(worst) || psi > worst) {
        worst = psi;
        feature = reference.column();
      }
    }
    if (Double.isNaN(worst)) {
      return new Finding(rule.told(), "unknown", "%d rows".formatted(rows.rows()));
    }
    return found(rule, worst > most, "%.3f of %s".formatted(worst, feature));
  }

  private static @Nullable Paired paired(ScoredRows rows, ModelPackage champion, Loaded canary) {
    Table features = rows.features();
    Table given = Feed.of(features, canary.version().toString());
    if (!features.names().containsAll(champion.signature().names())) return null;
    if (!given.names().containsAll(canary.model().signature().names())) return null;
    int[] known = new int[rows.known()];
    int n = 0;
    for (int i = 0; i < rows.rows(); i++) if (!Double.isNaN(rows.actual()[i])) known[n++] = i;
    double[] actual = new double[n];
    for (int i = 0; i < n; i++) actual[i] = rows.actual()[known[i]];
    return new Paired(
        actual, champion.score(features.pick(known)), canary.model().score(given.pick(known)));
  }

  private static Finding logLoss(AbortRule rule, Paired paired, boolean last) {
    double[] differences = losses(paired);
    double mean = Interval.ofMean(differences, CONFIDENCE).estimate();
    double squares = 0;
    for (double difference : differences) squares += difference * difference;
    int n = differences.length;
    double error = Math.sqrt(Math.max(0, squares / n - mean * mean) / n);
    boolean worse = last ? mean > 0 : mean - Z_95 * error > 0;
    return found(
        rule,
        worse,
        "%s by %.5f (+/- %.5f) over %d rows"
            .formatted(mean > 0 ? "worse" : "better", Math.abs(mean), Z_95 * error, n));
  }

  private static double[] losses(Paired paired) {
    double[] differences = new double[paired.actual().length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] =
          loss(paired.young()[i], paired.actual()[i]) - loss(paired.old()[i], paired.actual()[i]);
    }
    return differences;
  }

  private static double loss(double score, double actual) {
    double share = Math.clamp(score, TINY, 1 - TINY);
    return actual == 1 ? -Math.log(share) : -Math.log1p(-share);
  }

  /// A metric of the canary against its limit, or against the champion's on the same rows.
  private static Finding metric(
      AbortRule rule, Paired paired, ModelPackage champion, ModelPackage canary, boolean last) {
    double mine = value(rule.on(), paired.young(), paired.actual(), canary, null);
    if (Double.isNaN(mine)) return new Finding(rule.told(), "unknown", "not defined on these rows");
    if (rule.limit() != null) {
      return found(
          rule, mine < rule.limit(), "%.4f over %d rows".formatted(mine, paired.actual().length));
    }
    Interval gap =
        rule.on().equals("auc_roc")
            ? Auc.difference(paired.young(), paired.old(), paired.positive(), CONFIDENCE)
            : resampled(rule.on(), paired, champion, canary);
    if (Double.isNaN(gap.estimate())) {
      return new Finding(rule.told(), "unknown", "not defined on these rows");
    }
    boolean worse = last ? gap.estimate() < 0 : gap.below(0);
    return found(
        rule,
        worse,
        "%+.4f [%+.4f, %+.4f] against the champion over %d rows"
            .formatted(gap.estimate(), gap.low(), gap.high(), paired.actual().length));
  }

  /// The difference by a seeded bootstrap of the rows.
  private static Interval resampled(
      String metric, Paired paired, ModelPackage champion, ModelPackage canary) {
    int n = paired.actual().length;
    double estimate =
        value(metric, paired.young(), paired.actual(), canary, null)
            - value(metric, paired.old(), paired.actual(), champion, null);
    var random = new SplittableRandom(n);
    double[] gaps = new double[RESAMPLES];
    int defined = 0;
    int[] picked = new int[n];
    for (int round = 0; round < RESAMPLES; round++) {
      for (int i = 0; i < n; i++) picked[i] = random.nextInt(n);
      double gap =
          value(metric, paired.young(), paired.actual(), canary, picked)
              - value(metric, paired.old(), paired.actual(), champion, picked);
      if (!Double.isNaN(gap)) gaps[defined++] = gap;
    }
    if (defined < RESAMPLES / 2) {
      return new Interval(Double.NaN, Double.NaN, Double.NaN, CONFIDENCE);
    }
    double[] sorted = Arrays.copyOf(gaps, defined);
    Arrays.sort(sorted);
    return new Interval(
        estimate,
        sorted[(int) (0.025 * (defined - 1))],
        sorted[(int) Math.ceil(0.975 * (defined - 1))],
        CONFIDENCE);
  }

  /// @param picked rows, with repetition; null for each once
  private static double value(
      String metric,
      double[] scores,
      double[] actual,
      ModelPackage model,
      int @Nullable [] picked) {
    if (metric.equals("auc_roc")) {
      boolean[] positive = new boolean[actual.length];
      for (int i = 0; i < actual.length; i++) positive[i] = actual[i] == 1;
      return Auc.of(scores, positive);
    }
    double right = 0;
    double hits = 0;
    double alarms = 0;
    double positives = 0;
    for (int i = 0; i < actual.length; i++) {
      int row = picked == null ? i : picked[i];
      int predicted = model.prediction(scores[row]);
      if (predicted == actual[row]) right++;
      if (predicted == 1 && actual[row] == 1) hits++;
      if (predicted == 1) alarms++;
      if (actual[row] == 1) positives++;
    }
    return switch (metric) {
      case "accuracy" -> right / actual.length;
      case "precision" -> hits / alarms;
      case "recall" -> hits / positives;
      default -> throw new IllegalArgumentException(metric);
    };
  }
}
