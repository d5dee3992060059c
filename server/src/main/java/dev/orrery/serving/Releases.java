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
import dev.orrery.serving.Entrance.Order;
import dev.orrery.serving.Entrance.Plan;
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
  private final Feeder feeder;
  private final Entrance entrance;
  private final String endpoint;
  private final String model;
  private final InstantSource clock;

  /// Where the log ends: what a trial has seen stands behind it.
  private final Supplier<Position> end;

  private volatile @Nullable Live live;

  /// Whether a write of the registry is under way, and what it may deploy.
  private volatile boolean moving;

  private volatile @Nullable Order next;

  Releases(
      Db db,
      Audit audit,
      Lineage lineage,
      Promotions promotions,
      Endpoint.Models models,
      Feeder feeder,
      String endpoint,
      String model,
      Supplier<Position> end,
      InstantSource clock) {
    this.db = db;
    this.store = new TrafficStore(db);
    this.audit = audit;
    this.lineage = lineage;
    this.promotions = promotions;
    this.shelf = new Shelf(models);
    this.feeder = feeder;
    this.end = end;
    this.endpoint = endpoint;
    this.model = model;
    this.clock = clock;
    this.entrance = new Entrance(feeder, feeding(), shelf, end, clock);
  }

  Entrance entrance() {
    return entrance;
  }

  @Nullable Live live() {
    return live;
  }

  /// What the champion was deployed with.
  Optional<Blueprint> blueprint(Traffic traffic) {
    return store.blueprint(traffic.blueprint());
  }

  Optional<Traffic> stored() {
    return store.load(endpoint);
  }

  List<Deployment> moves(int limit) {
    return store.moves(endpoint, Math.clamp(limit, 1, 1_000));
  }

  /// Takes up what was served before the process ended.
  ///
  /// What an older program deployed is kept from now on as it is served now.
  synchronized void resume(Traffic traffic) {
    if (!traffic.blueprint().isEmpty()) {
      swap(traffic);
      return;
    }
    Blueprint by = feeder.present(traffic.champion());
    Feed feed = feeder.feed(traffic.champion(), by, traffic.history());
    Traffic known = traffic.withBlueprint(by.digest().hex());
    db.write(tx -> {
      store.keep(tx, endpoint, by, feed.inputs().keySet());
      store.save(tx, endpoint, known, clock.instant());
      return known;
    });
    swap(known);
  }

  /// Brings the stages to where traffic is, if they stand elsewhere.
  synchronized void align() {
    Live now = live;
    if (now == null) return;
    var found = Stages.found(endpoint, now.traffic());
    if (!db.read(tx -> promotions.follows(tx, model, found))) return;
    db.write(tx -> {
      promotions.follow(tx, model, found);
      return found;
    });
  }

  /// Puts a version into traffic: at once if it is the first, else by its strategy. Where it is the
  /// champion already, it is served by what the order has it deployed with.
  synchronized Deployment deploy(Order order) {
    Live now = live;
    if (now != null) Entrance.requireFree(now.traffic(), order);
    entrance.prepare(order, now);
    return move(entrance.plan(order, now));
  }

  /// The same by the project's strategy, within a transaction that [#moving] has begun.
  Traffic deploy(Tx tx, ModelVersion version, String who, String why) {
    Order ready = next;
    if (!moving || ready == null || !version.version().equals(ready.version())) {
      throw new Problem(
          Fault.DEPLOY_REFUSED,
          "%s is another version than was asked for when the move began".formatted(version.id()),
          "Ask again");
    }
    Live now = live;
    if (now != null) Entrance.requireFree(now.traffic(), ready);
    Plan plan = entrance.plan(ready.because(who, why + ready.why()), now);
    record(tx, plan);
    return plan.to();
  }

  /// Does a write of the registry that may move traffic: nobody else does meanwhile, and what it
  /// has moved takes effect before this returns.
  ///
  /// @param version what the write may deploy; it is loaded and proven first
  /// @param note what the reason of that deployment ends with
  synchronized <T> T moving(@Nullable ModelVersion version, String note, Supplier<T> write) {
    Order order =
        version == null
            ? null
            : entrance.order(version.version(), null, version.dataVersion(), SYSTEM, note);
    if (order != null) entrance.prepare(order, live);
    moving = true;
    next = order;
    try {
      return write.get();
    } finally {
      moving = false;
      next = null;
      settle();
    }
  }

  boolean serves(Semver version) {
    Live now = live;
    return now != null && now.traffic().champion().equals(version);
  }

  /// Serves what the rows say, whatever became of a write.
  private void settle() {
    Live now = live;
    Optional<Traffic> stored = stored();
    if (stored.isEmpty()) return;
    if (now == null || now.traffic().epoch() != stored.get().epoch()) swap(stored.get());
  }

  /// Gives the canary its next share, or all of the traffic for good after its last step.
  synchronized Deployment step(String why) {
    Live now = needed();
    Traffic traffic = now.traffic();
    Traffic.Canary canary = Objects.requireNonNull(traffic.canary(), "a canary runs");
    Instant at = clock.instant();
    int step = canary.step() + 1;
    Semver version = canary.version();
    List<Integer> steps = now.terms().trial().steps();
    if (step >= steps.size()) return promoted(now, version, SYSTEM, why);
    int percent = steps.get(step);
    return move(
        traffic.withCanary(
            new Traffic.Canary(version, step, percent, canary.since(), at),
            traffic.trialBlueprint()),
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
    Deployment move =
        move(traffic.withExperiment(experiment.with(verdict), traffic.trialBlueprint()), ended);
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
    Blueprint by = feeding().blueprint(traffic, version);
    // Of a test with several, the data and features are each version's own, and the rest is the
    // test's.
    if (traffic.trialBlueprint() != null) {
      by = by.served(feeding().blueprint(traffic, Objects.requireNonNull(traffic.trial())));
    }
    return move(
        new Plan(
            traffic
                .withChampion(version, by.digest().hex())
                .shadowing(by.serving(endpoint).shadowFirst()),
            new Deployment(
                Deployment.Kind.PROMOTED,
                version,
                traffic.champion(),
                100,
                who,
                why,
                clock.instant()),
            by));
  }

  /// Ends the trial; the champion answers everything.
  synchronized Deployment abort(String who, String why) {
    Live now = needed();
    Semver trial = now.traffic().trial();
    if (trial == null) {
      throw new Problem(Fault.NO_TRIAL, "no version is under trial", "There is nothing to abort");
    }
    return move(
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

  /// Returns to the champion before the present one, with all that it was deployed with. Nothing
  /// but the store is needed for it, and of that only the version it returns to.
  ///
  /// @throws Problem CANNOT_RESTORE if that cannot be made again; nothing has moved then
  synchronized Deployment rollback(String who, String why) {
    return move(back(who, why));
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
          "%s is the first version of endpoint '%s'".formatted(traffic.champion(), endpoint),
          "There is no earlier one; deploy another version");
    }
    Traffic back = withShadow(traffic.rolledBack());
    feeding().requireRestorable(back, shelf.load(back.champion()).model(), needed());
    return new Plan(
        back,
        new Deployment(
            Deployment.Kind.ROLLED_BACK,
            back.champion(),
            traffic.champion(),
            100,
            who,
            why,
            clock.instant()),
        null);
  }

  /// With the shadow that the champion's `serve` block asks for.
  private Traffic withShadow(Traffic traffic) {
    return blueprint(traffic)
        .map(by -> traffic.shadowing(by.serving(endpoint).shadowFirst()))
        .orElse(traffic);
  }

  private Live needed() {
    Live now = live;
    if (now == null) throw Endpoint.nothing();
    return now;
  }

  private Deployment move(Traffic to, Deployment move) {
    return move(new Plan(to, move, null));
  }

  private Deployment move(Plan plan) {
    Deployment made = db.write(tx -> record(tx, plan));
    swap(plan.to());
    return made;
  }

  private Deployment record(Tx tx, Plan plan) {
    Live now = live;
    Traffic to = plan.to();
    Blueprint by = plan.by();
    Deployment move = plan.move().configured(to.blueprintNow(plan.move().version()));
    if (by != null) {
      Feed feed = feeder.feed(move.version(), by, to.history());
      store.keep(tx, endpoint, by, feed.inputs().keySet());
    }
    store.save(tx, endpoint, to, move.at());
    store.record(tx, endpoint, move);
    audit.append(
        tx,
        move.who(),
        "deployment." + move.kind().name().toLowerCase(Locale.ROOT),
        endpoint,
        Json.MAPPER.valueToTree(move));
    lineage.link(
        tx,
        new Node("model", model + "@" + move.version()),
        new Node("deployment", endpoint + "#" + to.epoch()),
        move.kind().name().toLowerCase(Locale.ROOT));
    promotions.follow(
        tx, model, Stages.moved(endpoint, now == null ? null : now.traffic(), to, move));
    return move;
  }

  private Feeding feeding() {
    return new Feeding(feeder, store, endpoint);
  }

  private void swap(Traffic traffic) {
    Loaded champion = shelf.load(traffic.champion());
    Map<Semver, Loaded> others = new HashMap<>();
    for (Semver version : traffic.needed()) {
      if (!version.equals(traffic.champion())) others.put(version, shelf.load(version));
    }
    Feeding feeding = feeding();
    Feeding.Round round = feeding.round(traffic, others.keySet());
    shelf
        .beside(traffic.shadow())
        .filter(shadow -> round.feeds(shadow.version(), shadow.model()))
        .ifPresent(shadow -> others.put(shadow.version(), shadow));
    ServeBlock.Fallback fallback = round.serve().fallback();
    Loaded standby =
        shelf
            .beside(fallback == null ? null : fallback.version())
            .filter(found -> round.feeds(found.version(), found.model()))
            .orElse(null);
    live = new Live(traffic, champion, others, standby, round.terms());
    var needed = new HashSet<>(traffic.needed());
    if (traffic.shadow() != null) needed.add(traffic.shadow());
    // The one before stays warm, for a rollback.
    if (traffic.stack().size() > 1) {
      needed.add(traffic.stack().get(traffic.stack().size() - 2));
      round.keepBefore();
    }
    if (standby != null) needed.add(standby.version());
    shelf.keep(needed);
    feeder.keep(round.feeds());
  }
}
