package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.journal.Journal.Position;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How a version comes into traffic: what is asked of it before, and the move that brings it in.
/// Used under the lock of [Releases].
///
/// @param end where the log ends: what a trial has seen stands behind it
record Entrance(
    Feeder feeder, Feeding feeding, Shelf shelf, Supplier<Position> end, InstantSource clock) {
  /// A version to bring into traffic.
  ///
  /// @param history the data version whose rows came before the first prediction
  /// @param by what it is deployed with
  record Order(
      Semver version, Strategy strategy, String history, String who, String why, Blueprint by) {
    Order because(String by, String reason) {
      return new Order(version, strategy, history, by, reason, this.by);
    }
  }

  /// A move that is not made yet.
  ///
  /// @param by what it deploys a version with; null where it deploys none
  record Plan(Traffic to, Deployment move, @Nullable Blueprint by) {}

  /// The order to deploy a version by the project's present definitions.
  ///
  /// @param strategy null for the project's
  Order order(Semver version, @Nullable Strategy strategy, String history, String who, String why) {
    Blueprint by = feeder.present(version);
    Strategy how = strategy == null ? by.serving(feeding.endpoint()).strategy() : strategy;
    return new Order(version, how, history, who, why, by);
  }

  /// What a version needs before it takes traffic: it is loaded, fed, answers its golden rows, and
  /// is warm.
  void prepare(Order order, @Nullable Live now) {
    String history = now == null ? order.history() : now.traffic().history();
    Feed feed = feeder.feed(order.version(), order.by(), history);
    ServeBlock serve = order.by().serving(feeding.endpoint());
    serve.requireFits(feed.inputs().keySet(), feed.dataset().outcomes());
    boolean beside = now != null && order.strategy() != Strategy.BLUE_GREEN;
    if (now != null) requireTime(now, order.version(), feed);
    if (now != null && beside && !order.version().equals(now.champion().version())) {
      Feeding.requireBeside(order.version(), feed, now);
      serve.requireFits(now.rows().inputs().keySet(), feed.dataset().outcomes());
    }
    shelf.prepare(order.version(), feed);
  }

  /// The log has one column for the rows' time.
  private void requireTime(Live now, Semver version, Feed feed) {
    String time = now.terms().feed().dataset().time();
    if (feed.dataset().time().equals(time)) return;
    throw new Problem(
        Fault.DEPLOY_REFUSED,
        "the rows of %s have their time in '%s', and those of endpoint '%s' in '%s'"
            .formatted(version, Texts.shown(feed.dataset().time()), feeding.endpoint(), time),
        "Name another endpoint under 'serve.endpoint'");
  }

  /// The move by which a version comes into traffic.
  Plan plan(Order order, @Nullable Live now) {
    Instant at = clock.instant();
    Semver version = order.version();
    Blueprint by = order.by();
    ServeBlock serve = by.serving(feeding.endpoint());
    String digest = by.digest().hex();
    if (now == null) {
      return new Plan(
          Traffic.first(version, serve.shadowFirst(), order.history(), digest),
          moved(Deployment.Kind.DEPLOYED, order, null, 100, at),
          by);
    }
    Traffic traffic = now.traffic();
    Semver before = traffic.champion();
    if (before.equals(version)) {
      return new Plan(
          traffic.withChampion(version, digest).shadowing(serve.shadowFirst()),
          moved(Deployment.Kind.CONFIGURED, order, before, 100, at),
          by);
    }
    Position from = end.get();
    return switch (order.strategy()) {
      case BLUE_GREEN ->
          new Plan(
              traffic.withChampion(version, digest).shadowing(serve.shadowFirst()),
              moved(Deployment.Kind.PROMOTED, order, before, 100, at),
              by);
      case CANARY -> {
        int percent = serve.steps().getFirst();
        yield new Plan(
            traffic.withCanary(new Traffic.Canary(version, 0, percent, at, at), digest),
            moved(Deployment.Kind.CANARY_STARTED, order, before, percent, at),
            by);
      }
      case SHADOW ->
          new Plan(
              traffic.withCandidate(
                  new Traffic.Candidate(version, at, from.segment(), from.offset()), digest),
              moved(Deployment.Kind.SHADOW_STARTED, order, before, 0, at),
              by);
      case AB_TEST -> {
        AbTest test = Experiments.resolved(serve.abTest(), version, before);
        for (AbTest.Variant variant : test.variants()) {
          Semver its = Objects.requireNonNull(variant.version());
          if (its.equals(before) || its.equals(version)) continue;
          Feed feed = feeder.feed(its, feeding.blueprint(traffic, its), traffic.history());
          Feeding.requireBeside(its, feed, now);
          shelf.prepare(its, feed);
        }
        yield new Plan(
            traffic.withExperiment(
                new Traffic.Experiment(test, at, from.segment(), from.offset(), null), digest),
            moved(Deployment.Kind.EXPERIMENT_STARTED, order, before, test.percent(version), at),
            by);
      }
    };
  }

  private static Deployment moved(
      Deployment.Kind kind, Order order, @Nullable Semver previous, int percent, Instant at) {
    return new Deployment(kind, order.version(), previous, percent, order.who(), order.why(), at);
  }

  static void requireFree(Traffic traffic, Order order) {
    requireNoTrial(traffic);
    if (!order.version().equals(traffic.champion())) return;
    if (!order.by().digest().hex().equals(traffic.blueprint())) return;
    throw new Problem(
        Fault.DEPLOY_REFUSED,
        "%s is the champion already, with this configuration".formatted(order.version()),
        "Deploy another");
  }

  private static void requireNoTrial(Traffic traffic) {
    Semver trial = traffic.trial();
    if (trial == null) return;
    String kind =
        traffic.canary() != null ? "canary" : traffic.candidate() != null ? "shadow" : "A/B test";
    throw new Problem(
        Fault.CANARY_RUNNING,
        "the %s of %s is running".formatted(kind, trial),
        "Wait for its end, or end it with 'orrery deploy promote' or 'orrery deploy abort'");
  }
}
