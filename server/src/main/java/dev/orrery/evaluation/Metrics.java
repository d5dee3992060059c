package dev.orrery.evaluation;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.stats.Auc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The metrics of one model's scores on some rows; equal to scikit-learn's of the same name.
///
/// A figure that the rows do not define (the AUC of one class, the precision of no alarm) is
/// absent, not 0.
public final class Metrics {
  public static final String ACCURACY = "accuracy";
  public static final String PRECISION = "precision";
  public static final String RECALL = "recall";
  public static final String F1 = "f1";
  public static final String AUC_ROC = "auc_roc";
  public static final String AUC_PR = "auc_pr";
  public static final String LOG_LOSS = "log_loss";
  public static final String BRIER = "brier";

  /// `precision_at_recall_K`, K in percent.
  public static final String PRECISION_AT_RECALL = "precision_at_recall_";

  /// The metrics with a name of their own, in the order in which they are shown.
  public static final List<String> NAMES =
      List.of(ACCURACY, PRECISION, RECALL, F1, AUC_ROC, AUC_PR, LOG_LOSS, BRIER);

  private static final Pattern AT_RECALL = Pattern.compile("precision_at_recall_(\\d{1,3})");

  /// Probabilities are kept so far from 0 and 1 in the log loss, as scikit-learn keeps doubles.
  private static final double CLIP = Math.ulp(1.0);

  private final Confusion confusion;
  private final double threshold;
  private final OptionalDouble auc;
  private final OptionalDouble logLoss;
  private final OptionalDouble brier;
  private final PrecisionRecall curve;

  /// How rows fell at a threshold.
  public record Confusion(
      long truePositives, long falsePositives, long trueNegatives, long falseNegatives) {
    public long rows() {
      return truePositives + falsePositives + trueNegatives + falseNegatives;
    }

    public long positives() {
      return truePositives + falseNegatives;
    }
  }

  private Metrics(double[] scores, boolean[] positive, double threshold) {
    this.threshold = threshold;
    this.confusion = confusion(scores, positive, threshold);
    int[] ascending = Auc.ascending(scores);
    this.curve = PrecisionRecall.of(scores, positive, ascending);
    double area = Auc.of(scores, positive);
    this.auc = Double.isNaN(area) ? OptionalDouble.empty() : OptionalDouble.of(area);
    boolean shares = scores.length > 0;
    double loss = 0;
    double square = 0;
    for (int i = 0; i < scores.length; i++) {
      shares &= scores[i] >= 0 && scores[i] <= 1;
      loss += logLoss(scores[i], positive[i]);
      double miss = scores[i] - (positive[i] ? 1 : 0);
      square += miss * miss;
    }
    this.logLoss = shares ? OptionalDouble.of(loss / scores.length) : OptionalDouble.empty();
    this.brier = shares ? OptionalDouble.of(square / scores.length) : OptionalDouble.empty();
  }

  /// @param scores one per row, no NaN; the log loss and Brier score need them within 0 and 1
  /// @param actual 1 for positive rows, 0 for the others
  /// @param threshold a score at or over it predicts the positive class
  /// @throws Problem of kind INVALID if a score is NaN or an outcome neither 0 nor 1
  public static Metrics of(double[] scores, double[] actual, double threshold) {
    return new Metrics(scores, positive(scores, actual), threshold);
  }

  /// A limit that a metric can take: 0 to 1, or 0 and more of the log loss.
  ///
  /// @throws Problem of kind INVALID if it cannot
  public static double possible(String name, double limit) {
    double most = name.equals(LOG_LOSS) ? Double.MAX_VALUE : 1;
    if (limit >= 0 && limit <= most) return limit;
    throw new Problem(
        Fault.BAD_METRIC,
        "%s is never %s"
            .formatted(name, limit == Math.rint(limit) ? "%.0f".formatted(limit) : limit),
        name.equals(LOG_LOSS) ? "Give a number of 0 or more" : "Give a number from 0 to 1");
  }

  /// Outcomes as booleans, checked.
  static boolean[] positive(double[] scores, double[] actual) {
    if (scores.length != actual.length) {
      throw new IllegalArgumentException(
          "%d scores for %d outcomes".formatted(scores.length, actual.length));
    }
    boolean[] positive = new boolean[actual.length];
    for (int i = 0; i < actual.length; i++) {
      boolean known = actual[i] == 0 || actual[i] == 1;
      if (!known || Double.isNaN(scores[i])) {
        throw new Problem(
            Fault.BAD_METRIC,
            "row %d has the score %s and the outcome %s".formatted(i, scores[i], actual[i]),
            "Measure rows whose outcome is known (0 or 1) and whose score is a number");
      }
      positive[i] = actual[i] == 1;
    }
    return positive;
  }

  /// The loss of one row, in nats.
  static double logLoss(double score, boolean positive) {
    double kept = Math.clamp(score, CLIP, 1 - CLIP);
    return -Math.log(positive ? kept : 1 - kept);
  }

  /// Whether a name names a metric.
  public static boolean known(String name) {
    return NAMES.contains(name) || recallOf(name) > 0;
  }

  /// Whether smaller is better.
  public static boolean lowerIsBetter(String name) {
    return name.equals(LOG_LOSS) || name.equals(BRIER);
  }

  /// The recall in a name such as `precision_at_recall_50`, here 0.5; -1 if it is no such name.
  public static double recallOf(String name) {
    Matcher matcher = AT_RECALL.matcher(name);
    if (!matcher.matches()) return -1;
    int percent = Integer.parseInt(matcher.group(1));
    return percent >= 1 && percent <= 100 ? percent / 100.0 : -1;
  }

  /// A metric by its name in files; empty where the rows do not define it.
  ///
  /// @throws Problem of kind INVALID if there is no metric of this name
  public OptionalDouble value(String name) {
    Confusion c = confusion;
    return switch (name) {
      case ACCURACY -> share(c.truePositives() + c.trueNegatives(), c.rows());
      case PRECISION -> share(c.truePositives(), c.truePositives() + c.falsePositives());
      case RECALL -> share(c.truePositives(), c.positives());
      case F1 ->
          share(
              2 * c.truePositives(),
              2 * c.truePositives() + c.falsePositives() + c.falseNegatives());
      case AUC_ROC -> auc;
      case AUC_PR -> curve.averagePrecision();
      case LOG_LOSS -> logLoss;
      case BRIER -> brier;
      default -> {
        double recall = recallOf(name);
        if (recall < 0) throw unknown(name);
        var point = precisionAtRecall(recall);
        yield point.isPresent()
            ? OptionalDouble.of(point.get().precision())
            : OptionalDouble.empty();
      }
    };
  }

  /// The best precision that is reached with at least this recall, and the threshold for it.
  ///
  /// @param recall over 0 to 1
  /// @return empty if no threshold reaches the recall, as where there are no positive rows
  public java.util.Optional<PrecisionRecall.Point> precisionAtRecall(double recall) {
    return curve.bestPrecision(recall);
  }

  /// The named metrics and some precision at recall, those that are defined, in their order.
  public SequencedMap<String, Double> all(List<String> more) {
    var all = new LinkedHashMap<String, Double>();
    List<String> names = new ArrayList<>(NAMES);
    for (String name : more) if (!names.contains(name)) names.add(name);
    for (String name : names) value(name).ifPresent(value -> all.put(name, value));
    return all;
  }

  public Confusion confusion() {
    return confusion;
  }

  public double threshold() {
    return threshold;
  }

  public long rows() {
    return confusion.rows();
  }

  static Problem unknown(String name) {
    List<String> names = new ArrayList<>(NAMES);
    names.add(PRECISION_AT_RECALL + "50");
    return new Problem(
        Fault.BAD_METRIC,
        "there is no metric '%s'".formatted(Texts.shown(name)),
        Texts.didYouMean(name, names));
  }

  private static Confusion confusion(double[] scores, boolean[] positive, double threshold) {
    long[] cells = new long[4];
    for (int i = 0; i < scores.length; i++) {
      cells[(positive[i] ? 2 : 0) + (scores[i] >= threshold ? 1 : 0)]++;
    }
    return new Confusion(cells[3], cells[1], cells[0], cells[2]);
  }

  private static OptionalDouble share(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }
}
