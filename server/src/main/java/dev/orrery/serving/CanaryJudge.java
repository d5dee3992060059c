package dev.orrery.serving;

import dev.orrery.model.ModelPackage;
import java.util.Set;

/// Whether a canary may go on: by what failed, and by log loss on the same rows.
///
/// Both models are asked about every row of the trial whose outcome is known, whoever answered it,
/// so that the comparison is paired and needs few rows.
final class CanaryJudge {
  /// Fewer rows than this decide nothing.
  static final int ROWS_MIN = 100;

  private static final double Z_95 = 1.959963984540054;
  private static final double ERRORS_MAX = 0.01;
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

  static Verdict judge(
      ScoredRows rows, ModelPackage champion, Loaded canary, Set<String> abortOn, boolean last) {
    long answered = canary.answered().get();
    long failed = canary.failed().get();
    if (abortOn.contains("error_rate") && failed > ERRORS_MAX * (answered + failed)) {
      return new Verdict.Worse(
          "error_rate: %d of %d requests failed".formatted(failed, answered + failed));
    }
    int known = rows.known();
    if (known < ROWS_MIN) return new Verdict.TooFewRows(known);
    if (!abortOn.contains("log_loss")) return new Verdict.Fine(0, known);
    double[] old = champion.score(rows.features());
    double[] young = canary.model().score(rows.features());
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < old.length; i++) {
      double actual = rows.actual()[i];
      if (Double.isNaN(actual)) continue;
      double difference = loss(young[i], actual) - loss(old[i], actual);
      sum += difference;
      squares += difference * difference;
    }
    double mean = sum / known;
    double error = Math.sqrt(Math.max(0, squares / known - mean * mean) / known);
    boolean worse = last ? mean > 0 : mean - Z_95 * error > 0;
    if (worse) {
      return new Verdict.Worse(
          "log_loss: worse by %.5f (+/- %.5f) over %d rows".formatted(mean, Z_95 * error, known));
    }
    return new Verdict.Fine(mean, known);
  }

  private static double loss(double score, double actual) {
    double share = Math.clamp(score, TINY, 1 - TINY);
    return actual == 1 ? -Math.log(share) : -Math.log1p(-share);
  }
}
