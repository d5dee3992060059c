package dev.orrery.serving;

import dev.orrery.journal.Journal.Position;
import dev.orrery.stats.Normal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks at what an endpoint has answered and was told, and says which strategy fits.
final class Adviser {
  /// Enough of the log to tell traffic by, counted back from its end.
  private static final int SEGMENTS = 20;

  private static final double DAY_MICROS = 86_400e6;

  /// Of fewer requests, or within a shorter time, no rate is told.
  private static final int REQUESTS_MIN = 100;

  private static final double HOURS_MIN = 1;

  /// The power with which a test is to find a difference.
  private static final double POWER = 0.8;

  /// The relative change of the positive share that a test is to find.
  private static final double RELATIVE = 0.1;

  /// A test longer than this is overtaken by the next version.
  private static final double TEST_DAYS_MAX = 28;

  private final PredictionLog log;
  private final Outcomes outcomes;
  private final ServeBlock serve;
  private final String time;

  /// @param time the column of the rows' time
  Adviser(PredictionLog log, Outcomes outcomes, ServeBlock serve, String time) {
    this.log = log;
    this.outcomes = outcomes;
    this.serve = serve;
    this.time = time;
  }

  /// What the newest part of the log tells.
  ///
  /// @param days that it spans, by when the requests were answered: the rows may be of any time
  /// @param known of its rows have an outcome, `positive` of those the target
  /// @param delayDays the median time from a row to when its outcome became known; NaN if unknown
  record Facts(
      long requests, long rows, double days, long known, double positive, double delayDays) {
    /// Whether there is enough of it to tell how much comes a day.
    boolean hasRate() {
      return requests >= REQUESTS_MIN && days >= HOURS_MIN / 24;
    }

    double perDay() {
      return rows / days;
    }

    double knownShare() {
      return rows == 0 ? 0 : (double) known / rows;
    }
  }

  Advice advice(Optional<Live> now) {
    Facts facts = facts();
    boolean hasWindows =
        now.map(live -> live.terms().feed().features().set().longestMicros() > 0).orElse(false);
    return of(facts, serve, hasWindows);
  }

  private Facts facts() {
    int first = Math.max(1, log.end().segment() - SEGMENTS);
    var seen = new Seen();
    log.read(
        new Position(first, Position.START.offset()),
        (at, frame, _) -> {
          if (frame instanceof Frame.Predictions predictions) seen.take(at, predictions);
          return true;
        });
    return seen.facts();
  }

  /// Gathers.
  private final class Seen {
    private long requests;
    private long rows;
    private Instant firstAt = Instant.MAX;
    private Instant lastAt = Instant.MIN;
    private @Nullable Position first;
    private @Nullable Position last;

    void take(Position at, Frame.Predictions frame) {
      if (first == null) first = at;
      last = at;
      requests++;
      rows += frame.rows();
      if (frame.at().isBefore(firstAt)) firstAt = frame.at();
      if (frame.at().isAfter(lastAt)) lastAt = frame.at();
    }

    Facts facts() {
      if (first == null || last == null) return new Facts(0, 0, 0, 0, Double.NaN, Double.NaN);
      double days = Duration.between(firstAt, lastAt).toMillis() / 86_400e3;
      long known = 0;
      double positive = 0;
      var delays = new ArrayList<Double>();
      for (var frame : outcomes.ofFrames(first, last).entrySet()) {
        long[] events = log.frame(frame.getKey()).raw().micros(time);
        for (Outcomes.Stored outcome : frame.getValue()) {
          known++;
          positive += outcome.target();
          delays.add((outcome.knownAt() * 1e3 - events[outcome.row()]) / DAY_MICROS);
        }
        if (delays.size() > 20_000) break;
      }
      double[] sorted = delays.stream().mapToDouble(d -> d).sorted().toArray();
      return new Facts(
          requests,
          rows,
          days,
          known,
          positive / known,
          sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2]);
    }
  }

  static Advice of(Facts facts, ServeBlock serve, boolean hasWindows) {
    var told = new ArrayList<String>();
    told.add(
        facts.hasRate()
            ? "%,d rows in %,d requests answered over %.1f days: %,.0f rows a day"
                .formatted(facts.rows(), facts.requests(), facts.days(), facts.perDay())
            : "%,d rows in %,d requests answered within %.1f hours: no rate is told of fewer than %d requests, or of less than an hour"
                .formatted(facts.rows(), facts.requests(), facts.days() * 24, REQUESTS_MIN));
    told.add(
        Double.isNaN(facts.delayDays())
            ? "no outcome is known of them"
            : "outcomes known of %.0f %% of them, half within %.2f days; positive share %.3f"
                .formatted(100 * facts.knownShare(), facts.delayDays(), facts.positive()));
    var reasons = new ArrayList<String>();
    String strategy = strategy(facts, serve, reasons);
    var modes = new ArrayList<String>();
    String mode = mode(facts, hasWindows, modes);
    return new Advice(strategy, mode, serve.strategy().word(), told, reasons, modes);
  }

  private static String strategy(Facts facts, ServeBlock serve, List<String> reasons) {
    if (facts.rows() < CanaryJudge.ROWS_MIN) {
      reasons.add(
          "blue_green: %d rows are too few to split; golden rows and gates are what there is to prove a version by, and the one before stays warm"
              .formatted(facts.rows()));
      return Strategy.BLUE_GREEN.word();
    }
    if (facts.known() == 0) {
      reasons.add(
          "shadow: without outcomes a canary can be judged by errors and latency only; a shadow at"
              + " least shows which decisions would change, and risks none");
      return Strategy.SHADOW.word();
    }
    if (!facts.hasRate()) {
      reasons.add(
          "shadow: how many outcomes a step or a test would see is not known yet; ask again after an hour and %d requests"
              .formatted(REQUESTS_MIN));
      return Strategy.SHADOW.word();
    }
    double share = serve.steps().getFirst() / 100.0;
    double holdDays = serve.hold().toMillis() / 86_400e3;
    double knownPerStep = facts.perDay() * holdDays * facts.knownShare();
    AbTest test = serve.abTest();
    if (test != null) {
      double n = sampleSize(facts.positive());
      double least = Arrays.stream(new double[] {n, test.minSampleSize()}).max().orElse(n);
      double slowest =
          test.variants().stream().mapToDouble(AbTest.Variant::percent).min().orElse(50) / 100;
      double days = least / (facts.perDay() * facts.knownShare() * slowest) + facts.delayDays();
      reasons.add(
          "a test that finds a change of %.0f %% of the share %.3f at 5 %% with power %.0f %% needs 2 (1.960 + %.3f)^2 p (1 - p) / d^2 = %,.0f known outcomes a variant; the test asks for %,d"
              .formatted(
                  100 * RELATIVE,
                  facts.positive(),
                  100 * POWER,
                  Normal.quantile(POWER),
                  n,
                  test.minSampleSize()));
      reasons.add(
          "the smallest variant reaches %,.0f in %,.0f / (%,.0f x %.2f x %.2f) + %.2f = %.1f days"
              .formatted(
                  least,
                  least,
                  facts.perDay(),
                  facts.knownShare(),
                  slowest,
                  facts.delayDays(),
                  days));
      if (days <= TEST_DAYS_MAX) {
        reasons.add("ab_test: that is within %.0f days".formatted(TEST_DAYS_MAX));
        return Strategy.AB_TEST.word();
      }
      reasons.add("no ab_test: %.0f days are longer than %.0f".formatted(days, TEST_DAYS_MAX));
    }
    double total = holdDays * serve.steps().size();
    if (facts.delayDays() > total || knownPerStep < CanaryJudge.ROWS_MIN) {
      reasons.add(
          "shadow: a step of %.2f days sees %,.0f known outcomes (%,.0f x %.2f x %.2f), and %d are needed; half of the outcomes take %.2f days, all steps %.2f"
              .formatted(
                  holdDays,
                  knownPerStep,
                  facts.perDay(),
                  holdDays,
                  facts.knownShare(),
                  CanaryJudge.ROWS_MIN,
                  facts.delayDays(),
                  total));
      return Strategy.SHADOW.word();
    }
    reasons.add(
        "canary: a step of %.2f days sees %,.0f known outcomes (%,.0f x %.2f x %.2f; %d are needed), while at first %.0f %% of the requests are at risk"
            .formatted(
                holdDays,
                knownPerStep,
                facts.perDay(),
                holdDays,
                facts.knownShare(),
                CanaryJudge.ROWS_MIN,
                100 * share));
    return Strategy.CANARY.word();
  }

  /// Known outcomes a variant, to find a relative change of a share.
  static double sampleSize(double share) {
    double d = RELATIVE * share;
    double z = Normal.quantile(0.975) + Normal.quantile(POWER);
    return Math.ceil(2 * z * z * share * (1 - share) / (d * d));
  }

  private static String mode(Facts facts, boolean hasWindows, List<String> reasons) {
    double each = facts.requests() == 0 ? 1 : (double) facts.rows() / facts.requests();
    if (hasWindows) {
      reasons.add(
          "live: features look back from the row's own moment, so that an answer computed ahead is"
              + " out of date");
      return "live";
    }
    // A few big requests far apart are a batch, however few they are; within an hour none is far.
    double hours = facts.days() * 24;
    if (hours < HOURS_MIN) {
      reasons.add("live: %.1f rows a request, and no rate is known yet".formatted(each));
      return "live";
    }
    double perHour = facts.requests() / hours;
    if (each >= 100 && perHour <= 1) {
      reasons.add(
          "batch: %.0f rows a request, %.2f requests an hour: 'orrery predict FILE' gives the same answers without a client that waits"
              .formatted(each, perHour));
      return "batch";
    }
    reasons.add(
        "live: %.1f rows a request, %.1f requests an hour: somebody waits for each answer"
            .formatted(each, perHour));
    return "live";
  }
}
