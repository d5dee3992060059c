package dev.orrery.serving;

import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.journal.Journal.Position;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Promotions;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Moves an endpoint's traffic between versions: load aside, prove, warm up, store the move, swap.
///
/// Each move is one transaction with the stages of the versions and its entries in the audit log,
/// and takes effect only after it is durable. Moves wait for each other; requests never wait for a
/// move, and those in flight end with the version they began with, which is let go when the last of
/// them has.
///
/// The registry moves traffic within a transaction of its own. Whoever moves takes this object's
/// lock first and the store's writer then, never the other way round; a method with a [Tx] runs
/// under the lock of the thread that began the transaction.
final class Releases {
  private static final String SYSTEM = "orrery";

  private final Db db;
  private final TrafficStore store;
  private final Audit audit;
  private final Lineage lineage;
  private final Promotions promotions;
  private final Shelf shelf;
  private final ServeBlock serve;
  private final String model;
  private final InstantSource clock;

  /// Where the log ends: what a trial has seen stands behind it.
  private final Supplier<Position> end;

  private volatile @Nullable Live live;

  /// Whether a write of the registry is under way, and what it may deploy.
  private volatile boolean moving;

  private volatile @Nullable Semver next;

  /// A move that is not made yet.
  private record Plan(Traffic to, Deployment move) {}

  Releases(
      Db db,
      Audit audit,
      Lineage lineage,
      Promotions promotions,
      Endpoint.Models models,
      ServeBlock serve,
      String model,
      Supplier<Position> end,
      InstantSource clock) {
    this.db = db;
    this.store = new TrafficStore(db);
    this.audit = audit;
    this.lineage = lineage;
    this.promotions = promotions;
    this.shelf = new Shelf(models);
    this.end = end;
    this.serve = serve;
    this.model = model;
    this.clock = clock;
  }

  @Nullable Live live() {
    return live;
  }

  Optional<Traffic> stored() {
    return store.load(serve.endpoint());
  }

  List<Deployment> moves(int limit) {
    return store.moves(serve.endpoint(), Math.clamp(limit, 1, 1_000));
  }

  /// Takes up what was served before the process ended.
  synchronized void resume(Traffic traffic, Live without) {
    swap(traffic, without);
  }

  /// Brings the stages to where traffic is, if they stand elsewhere.
  synchronized void align() {
    Live now = live;
    if (now == null) return;
    var found = Stages.found(serve.endpoint(), now.traffic());
    if (!db.read(tx -> promotions.follows(tx, model, found))) return;
    db.write(tx -> {
      promotions.follow(tx, model, found);
      return found;
    });
  }

  /// A version to bring into traffic.
  ///
  /// @param history the data version whose rows came before the first prediction
  record Order(Semver version, Strategy strategy, String history, String who, String why) {}

  /// Puts a version into traffic: at once if it is the first, else by its strategy.
  ///
  /// @param first makes what is needed to answer at all, for the first version
  synchronized Deployment deploy(Order order, Function<Traffic, Live> first) {
    Live now = live;
    if (now != null) requireFree(now.traffic(), order.version());
    Live ready = ready(order.version(), order.history(), first);
    return move(ready, entry(order, ready));
  }

  /// The same by the project's strategy, within a transaction that [#moving] has begun.
  Traffic deploy(Tx tx, ModelVersion version, String who, String why) {
    if (!moving || !version.version().equals(next)) {
      throw new Problem(
          Fault.DEPLOY_REFUSED,
          "%s is another version than was asked for when the move began".formatted(version.id()),
          "Ask again");
    }
    Live now = live;
    if (now != null) requireFree(now.traffic(), version.version());
    Plan plan =
        entry(new Order(version.version(), serve.strategy(), version.dataVersion(), who, why), now);
    record(tx, plan);
    return plan.to();
  }

  /// Does a write of the registry that may move traffic: nobody else does meanwhile, and what it
  /// has moved takes effect before this returns.
  ///
  /// @param version what the write may deploy; it is loaded and proven first
  synchronized <T> T moving(
      @Nullable ModelVersion version, Function<Traffic, Live> first, Supplier<T> write) {
    Live from = version == null ? live : ready(version.version(), version.dataVersion(), first);
    moving = true;
    next = version == null ? null : version.version();
    try {
      return write.get();
    } finally {
      moving = false;
      next = null;
      if (from != null) settle(from);
    }
  }

  /// Serves what the rows say, whatever became of a write.
  private void settle(Live from) {
    Live now = live;
    Optional<Traffic> stored = stored();
    if (stored.isEmpty()) return;
    if (now == null || now.traffic().epoch() != stored.get().epoch()) swap(stored.get(), from);
  }

  /// What a version needs before it takes traffic: it is loaded, fed, answers its golden rows, and
  /// is warm.
  private Live ready(Semver version, String history, Function<Traffic, Live> first) {
    Live now = live;
    Live ready = now != null ? now : first.apply(beginning(version, history));
    shelf.prepare(version, ready.features());
    return ready;
  }

  private Traffic beginning(Semver version, String history) {
    return new Traffic(List.of(version), null, serve.shadowFirst() ? version : null, history, 1);
  }

  /// @param ready what answers; it may be about to begin
  private Plan entry(Order order, @Nullable Live ready) {
    Live now = live;
    Instant at = clock.instant();
    Semver version = order.version();
    if (now == null || ready == null) {
      return new Plan(
          beginning(version, order.history()),
          moved(Deployment.Kind.DEPLOYED, order, null, 100, at));
    }
    Traffic traffic = now.traffic();
    Semver before = traffic.champion();
    Position from = end.get();
    return switch (order.strategy()) {
      case BLUE_GREEN ->
          new Plan(
              traffic.withChampion(version),
              moved(Deployment.Kind.PROMOTED, order, before, 100, at));
      case CANARY -> {
        int percent = serve.steps().getFirst();
        yield new Plan(
            traffic.withCanary(new Traffic.Canary(version, 0, percent, at, at)),
            moved(Deployment.Kind.CANARY_STARTED, order, before, percent, at));
      }
      case SHADOW ->
          new Plan(
              traffic.withCandidate(
                  new Traffic.Candidate(version, at, from.segment(), from.offset())),
              moved(Deployment.Kind.SHADOW_STARTED, order, before, 0, at));
      case AB_TEST -> {
        AbTest test = Experiments.resolved(serve.abTest(), version, before);
        for (AbTest.Variant variant : test.variants()) {
          shelf.prepare(Objects.requireNonNull(variant.version()), ready.features());
        }
        yield new Plan(
            traffic.withExperiment(
                new Traffic.Experiment(test, at, from.segment(), from.offset(), null)),
            moved(Deployment.Kind.EXPERIMENT_STARTED, order, before, test.percent(version), at));
      }
    };
  }

  private static Deployment moved(
      Deployment.Kind kind, Order order, @Nullable Semver previous, int percent, Instant at) {
    return new Deployment(kind, order.version(), previous, percent, order.who(), order.why(), at);
  }

  private static void requireFree(Traffic traffic, Semver version) {
    requireNoTrial(traffic);
    if (!version.equals(traffic.champion())) return;
    throw new Problem(
        Fault.DEPLOY_REFUSED, "%s is the champion already".formatted(version), "Deploy another");
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

  /// Gives the canary its next share, or all of the traffic for good after its last step.
  synchronized Deployment step(String why) {
    Live now = needed();
    Traffic traffic = now.traffic();
    Traffic.Canary canary = Objects.requireNonNull(traffic.canary(), "a canary runs");
    Instant at = clock.instant();
    int step = canary.step() + 1;
    Semver version = canary.version();
    if (step == serve.steps().size()) return promoted(now, version, SYSTEM, why);
    int percent = serve.steps().get(step);
    return move(
        now,
        traffic.withCanary(new Traffic.Canary(version, step, percent, canary.since(), at)),
        new Deployment(
            Deployment.Kind.CANARY_STEPPED, version, traffic.champion(), percent, SYSTEM, why, at));
  }

  /// Keeps what an A/B test ended with; where the winner is not promoted, the control answers.
  synchronized Deployment decided(Verdict verdict) {
    Live now = needed();
    Traffic traffic = now.traffic();
    Traffic.Experiment experiment =
        Objects.requireNonNull(traffic.experiment(), "an A/B test runs");
    String why = experiment.test().name() + ": " + verdict.told();
    var ended =
        new Deployment(
            Deployment.Kind.EXPERIMENT_ENDED,
            Objects.requireNonNull(traffic.trial()),
            traffic.champion(),
            0,
            SYSTEM,
            why,
            clock.instant());
    Deployment move = move(now, traffic.withExperiment(experiment.with(verdict)), ended);
    Optional<Verdict.Arm> winner = verdict.winner();
    if (!experiment.test().promote() || winner.isEmpty()) return move;
    return promoted(needed(), Semver.parse(winner.get().version()), SYSTEM, why);
  }

  /// Ends a trial well: the version under trial takes all traffic.
  ///
  /// @param version which one, of a test with several; null for the only one, or the winner
  synchronized Deployment promote(@Nullable Semver version, String who, String why) {
    Live now = needed();
    Traffic traffic = now.traffic();
    return promoted(now, Experiments.promotable(traffic, version), who, why);
  }

  private Deployment promoted(Live now, Semver version, String who, String why) {
    Traffic traffic = now.traffic();
    return move(
        now,
        traffic.withChampion(version),
        new Deployment(
            Deployment.Kind.PROMOTED, version, traffic.champion(), 100, who, why, clock.instant()));
  }

  /// Ends the trial; the champion answers everything.
  synchronized Deployment abort(String who, String why) {
    Live now = needed();
    Semver trial = now.traffic().trial();
    if (trial == null) {
      throw new Problem(Fault.NO_TRIAL, "no version is under trial", "There is nothing to abort");
    }
    return move(
        now,
        now.traffic().withoutTrial(),
        new Deployment(
            Deployment.Kind.ABORTED,
            trial,
            now.traffic().champion(),
            0,
            who,
            why,
            clock.instant()));
  }

  /// Returns to the champion before the present one. Nothing but the store is needed for it, and of
  /// that only the version it returns to.
  synchronized Deployment rollback(String who, String why) {
    return move(needed(), back(who, why));
  }

  /// The same within a transaction that [#moving] has begun.
  Traffic rollback(Tx tx, String who, String why) {
    if (!moving) throw new IllegalStateException("traffic is moved without its lock");
    Plan plan = back(who, why);
    record(tx, plan);
    return plan.to();
  }

  private Plan back(String who, String why) {
    Traffic traffic = needed().traffic();
    if (traffic.stack().size() < 2) {
      throw new Problem(
          Fault.NOTHING_TO_ROLL_BACK,
          "%s is the first version of endpoint '%s'"
              .formatted(traffic.champion(), serve.endpoint()),
          "There is no earlier one; deploy another version");
    }
    Traffic back = traffic.rolledBack();
    Loaded unused = shelf.load(back.champion());
    return new Plan(
        back,
        new Deployment(
            Deployment.Kind.ROLLED_BACK,
            back.champion(),
            traffic.champion(),
            100,
            who,
            why,
            clock.instant()));
  }

  private Live needed() {
    Live now = live;
    if (now == null) throw Endpoint.nothing();
    return now;
  }

  private Deployment move(Live from, Traffic to, Deployment move) {
    return move(from, new Plan(to, move));
  }

  private Deployment move(Live from, Plan plan) {
    db.write(tx -> {
      record(tx, plan);
      return plan;
    });
    swap(plan.to(), from);
    return plan.move();
  }

  private void record(Tx tx, Plan plan) {
    Live now = live;
    Traffic to = plan.to();
    Deployment move = plan.move();
    store.save(tx, serve.endpoint(), to, move.at());
    store.record(tx, serve.endpoint(), move);
    audit.append(
        tx,
        move.who(),
        "deployment." + move.kind().name().toLowerCase(Locale.ROOT),
        serve.endpoint(),
        Json.MAPPER.valueToTree(move));
    lineage.link(
        tx,
        new Node("model", model + "@" + move.version()),
        new Node("deployment", serve.endpoint() + "#" + to.epoch()),
        move.kind().name().toLowerCase(Locale.ROOT));
    promotions.follow(
        tx, model, Stages.moved(serve.endpoint(), now == null ? null : now.traffic(), to, move));
  }

  private void swap(Traffic traffic, Live from) {
    Loaded champion = shelf.load(traffic.champion());
    Map<Semver, Loaded> others = new HashMap<>();
    for (Semver version : traffic.needed()) {
      if (!version.equals(traffic.champion())) others.put(version, shelf.load(version));
    }
    shelf.beside(traffic.shadow()).ifPresent(shadow -> others.put(shadow.version(), shadow));
    ServeBlock.Fallback fallback = serve.fallback();
    Loaded standby = fallback == null ? null : shelf.beside(fallback.version()).orElse(null);
    live =
        new Live(traffic, champion, others, standby, from.features(), from.rows(), from.joined());
    var needed = new HashSet<>(traffic.needed());
    if (traffic.shadow() != null) needed.add(traffic.shadow());
    // The one before stays warm, for a rollback.
    if (traffic.stack().size() > 1) needed.add(traffic.stack().get(traffic.stack().size() - 2));
    if (standby != null) needed.add(standby.version());
    shelf.keep(needed);
  }
}
