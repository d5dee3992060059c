package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.model.Rule;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Has a version score rows, and another in its place when it fails: the champion in that of a
/// version under trial, the project's fallback in that of the champion.
final class Scoring implements AutoCloseable {
  /// What an answer of no model is told to be of.
  static final String NO_VERSION = "0.0.0";

  static final String FALLBACK = "fallback";
  private static final int LATE_MAX = 16;

  private final Chaos chaos;

  /// Where a champion with a deadline answers; one that is late keeps its thread until it has.
  private final ThreadPoolExecutor timed =
      new ThreadPoolExecutor(
          0,
          LATE_MAX,
          30,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform().daemon().name("orrery-champion-", 0).factory());

  Scoring(Chaos chaos) {
    this.chaos = chaos;
  }

  /// Scores with what became of them.
  ///
  /// @param loaded whose answer counts as one of this version; null if no version answered
  /// @param arm as the log has it
  /// @param fallback `version`, `rule` or `score` if the fallback answered
  record Scored(
      @Nullable Loaded loaded,
      String version,
      String arm,
      double[] scores,
      byte[] predictions,
      @Nullable String fallback) {}

  /// Has the version answer that a request names, and no other in its place.
  Scored asked(Live now, Table features, Loaded asked) {
    try {
      if (asked == now.champion()) chaos.strike();
      return of(
          asked, Live.ASKED, asked.model().score(now.terms().given(features, asked.version())));
    } catch (RuntimeException e) {
      asked.failed().incrementAndGet();
      throw e;
    }
  }

  Scored score(Live now, Table features, String sticky, boolean mixed) {
    Live.Arm arm = now.arm(sticky, mixed);
    Loaded loaded = arm.loaded();
    if (loaded != now.champion()) {
      try {
        Table given = now.terms().given(features, loaded.version());
        return of(loaded, arm.name(), loaded.model().score(given));
      } catch (RuntimeException _) {
        loaded.failed().incrementAndGet();
      }
      return champion(now, features, arm.name() + Frame.Predictions.FAILED);
    }
    return champion(now, features, arm.name());
  }

  private Scored champion(Live now, Table features, String arm) {
    Loaded champion = now.champion();
    ServeBlock.Fallback fallback = now.terms().serve().fallback();
    try {
      return of(
          champion, arm, inTime(champion, features, fallback == null ? null : fallback.deadline()));
    } catch (RuntimeException e) {
      champion.failed().incrementAndGet();
      if (fallback == null) throw e;
      return instead(fallback, now, features, e);
    }
  }

  private double[] inTime(Loaded champion, Table features, @Nullable Duration deadline) {
    if (deadline == null) {
      chaos.strike();
      return champion.model().score(features);
    }
    Future<double[]> scores;
    try {
      scores =
          timed.submit(() -> {
            chaos.strike();
            return champion.model().score(features);
          });
    } catch (RejectedExecutionException e) {
      throw late("%d answers are late already".formatted(LATE_MAX)).because(e);
    }
    try {
      return scores.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      scores.cancel(true);
      throw late("it took longer than %d ms".formatted(deadline.toMillis())).because(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw late("the server goes down").because(e);
    }
  }

  private static Problem late(String why) {
    return new Problem(
        Fault.MODEL_TOO_SLOW, "the model did not answer in time: " + why, "Try again in a moment");
  }

  private static Scored instead(
      ServeBlock.Fallback fallback, Live now, Table features, RuntimeException why) {
    Loaded standby = now.fallback();
    if (standby != null) {
      Table given = now.terms().given(features, standby.version());
      Scored scored = of(standby, FALLBACK, standby.model().score(given));
      return new Scored(
          standby, scored.version(), FALLBACK, scored.scores(), scored.predictions(), "version");
    }
    if (fallback.version() != null) throw why;
    double[] scores = new double[features.rows()];
    byte[] predictions = new byte[scores.length];
    if (fallback.rule() != null) {
      var condition = Rule.Condition.parse(fallback.rule());
      double[] column = features.numbers(condition.among(features.names()));
      for (int i = 0; i < scores.length; i++) scores[i] = condition.holds(column[i]) ? 1 : 0;
      for (int i = 0; i < scores.length; i++) predictions[i] = (byte) scores[i];
      return new Scored(null, NO_VERSION, FALLBACK, scores, predictions, "rule");
    }
    Arrays.fill(scores, fallback.score() == null ? 0 : fallback.score());
    for (int i = 0; i < scores.length; i++) {
      predictions[i] = (byte) now.champion().model().prediction(scores[i]);
    }
    return new Scored(null, NO_VERSION, FALLBACK, scores, predictions, "score");
  }

  private static Scored of(Loaded loaded, String arm, double[] scores) {
    byte[] predictions = new byte[scores.length];
    for (int i = 0; i < scores.length; i++) {
      predictions[i] = (byte) loaded.model().prediction(scores[i]);
    }
    return new Scored(loaded, loaded.version().toString(), arm, scores, predictions, null);
  }

  @Override
  public void close() {
    timed.shutdownNow();
  }
}
