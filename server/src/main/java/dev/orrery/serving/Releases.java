package dev.orrery.serving;

import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.lineage.Lineage;
import dev.orrery.lineage.Node;
import dev.orrery.model.Input;
import dev.orrery.model.ModelPackage;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Promotions;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Moves an endpoint's traffic between versions: load aside, prove, store the move, swap.
///
/// Each move is one transaction with the stages of the versions and its entries in the audit log,
/// and takes effect only after it is durable. Moves wait for each other; requests never wait for a
/// move.
///
/// The registry moves traffic within a transaction of its own. Whoever moves takes this object's
/// lock first and the store's writer then, never the other way round; a method with a [Tx] runs
/// under the lock of the thread that began the transaction.
final class Releases {
  private static final int LOADED_MAX = 4;

  private final Db db;
  private final TrafficStore store;
  private final Audit audit;
  private final Lineage lineage;
  private final Promotions promotions;
  private final Endpoint.Models models;
  private final ServeBlock serve;
  private final String model;
  private final InstantSource clock;

  /// The versions in memory; one that was left lately is swapped back without loading.
  private final Map<Semver, Loaded> loaded = new LinkedHashMap<>(8, 0.75f, true);

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
      InstantSource clock) {
    this.db = db;
    this.store = new TrafficStore(db);
    this.audit = audit;
    this.lineage = lineage;
    this.promotions = promotions;
    this.models = models;
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

  /// Puts a version into traffic: at once if it is the first, else as a canary.
  ///
  /// @param first makes what is needed to answer at all, for the first version
  synchronized Deployment deploy(
      Semver version, String history, String who, String why, Function<Traffic, Live> first) {
    Plan plan = entry(version, history, who, why);
    return move(ready(version, history, first), plan);
  }

  /// The same within a transaction that [#moving] has begun.
  Traffic deploy(Tx tx, ModelVersion version, String who, String why) {
    if (!moving || !version.version().equals(next)) {
      throw new Problem(
          Fault.DEPLOY_REFUSED,
          "%s is another version than was asked for when the move began".formatted(version.id()),
          "Ask again");
    }
    Plan plan = entry(version.version(), version.dataVersion(), who, why);
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

  /// What a version needs before it takes traffic: it is loaded, fed, and answers its golden rows.
  private Live ready(Semver version, String history, Function<Traffic, Live> first) {
    Live now = live;
    Live ready = now != null ? now : first.apply(beginning(version, history));
    prove(load(version).model(), ready.features());
    return ready;
  }

  private Traffic beginning(Semver version, String history) {
    return new Traffic(List.of(version), null, serve.shadowFirst() ? version : null, history, 1);
  }

  private Plan entry(Semver version, String history, String who, String why) {
    Live now = live;
    Instant at = clock.instant();
    if (now == null) {
      return new Plan(
          beginning(version, history),
          new Deployment(Deployment.Kind.DEPLOYED, version, null, 100, who, why, at));
    }
    Traffic traffic = now.traffic();
    if (traffic.canary() != null) {
      throw new Problem(
          Fault.CANARY_RUNNING,
          "the canary %s is running".formatted(traffic.canary().version()),
          "Wait until it is promoted or aborted, or abort it");
    }
    if (version.equals(traffic.champion())) {
      throw new Problem(
          Fault.DEPLOY_REFUSED, "%s is the champion already".formatted(version), "Deploy another");
    }
    int percent = serve.steps().getFirst();
    return new Plan(
        traffic.withCanary(new Traffic.Canary(version, 0, percent, at, at)),
        new Deployment(
            Deployment.Kind.CANARY_STARTED, version, traffic.champion(), percent, who, why, at));
  }

  /// Gives the canary its next share, or all of the traffic for good after its last step.
  synchronized Deployment step(String why) {
    Live now = needed();
    Traffic traffic = now.traffic();
    Traffic.Canary canary = java.util.Objects.requireNonNull(traffic.canary(), "a canary runs");
    Instant at = clock.instant();
    int step = canary.step() + 1;
    Semver version = canary.version();
    if (step == serve.steps().size()) {
      return move(
          now,
          traffic.withChampion(version),
          new Deployment(
              Deployment.Kind.PROMOTED, version, traffic.champion(), 100, "orrery", why, at));
    }
    int percent = serve.steps().get(step);
    return move(
        now,
        traffic.withCanary(new Traffic.Canary(version, step, percent, canary.since(), at)),
        new Deployment(
            Deployment.Kind.CANARY_STEPPED,
            version,
            traffic.champion(),
            percent,
            "orrery",
            why,
            at));
  }

  /// Ends the canary; the champion answers everything.
  synchronized Deployment abort(String who, String why) {
    Live now = needed();
    Traffic.Canary canary = now.traffic().canary();
    if (canary == null) {
      throw new Problem(
          Fault.NOTHING_TO_ROLL_BACK, "no canary is running", "There is nothing to abort");
    }
    return move(
        now,
        now.traffic().withCanary(null),
        new Deployment(
            Deployment.Kind.ABORTED,
            canary.version(),
            now.traffic().champion(),
            0,
            who,
            why,
            clock.instant()));
  }

  /// Returns to the champion before the present one.
  synchronized Deployment rollback(String who, String why) {
    return move(needed(), back(who, why));
  }

  /// The same within a transaction that [#moving] has begun.
  Traffic rollback(Tx tx, String who, String why) {
    if (!moving) throw new IllegalStateException("traffic is moved without its lock");
    Plan plan = back(who, why);
    Loaded unused = load(plan.to().champion());
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
        "deployment." + move.kind().name().toLowerCase(java.util.Locale.ROOT),
        serve.endpoint(),
        Json.MAPPER.valueToTree(move));
    lineage.link(
        tx,
        new Node("model", model + "@" + move.version()),
        new Node("deployment", serve.endpoint() + "#" + to.epoch()),
        move.kind().name().toLowerCase(java.util.Locale.ROOT));
    promotions.follow(
        tx, model, Stages.moved(serve.endpoint(), now == null ? null : now.traffic(), to, move));
  }

  private void swap(Traffic traffic, Live from) {
    Traffic.Canary canary = traffic.canary();
    Semver shadow = traffic.shadow();
    live =
        new Live(
            traffic,
            load(traffic.champion()),
            canary == null ? null : load(canary.version()),
            shadow == null ? null : load(shadow),
            from.features(),
            from.rows(),
            from.joined());
    forgetOld();
  }

  private Loaded load(Semver version) {
    Loaded known = loaded.get(version);
    if (known != null) return known;
    var fresh = new Loaded(version, models.load(version));
    loaded.put(version, fresh);
    return fresh;
  }

  private void forgetOld() {
    Live now = needed();
    var needed = new java.util.HashSet<Semver>();
    needed.add(now.champion().version());
    if (now.canary() != null) needed.add(now.canary().version());
    if (now.shadow() != null) needed.add(now.shadow().version());
    var versions = List.copyOf(loaded.keySet());
    for (Semver version : versions) {
      if (loaded.size() > LOADED_MAX && !needed.contains(version)) loaded.remove(version);
    }
  }

  /// Refuses a model that this endpoint's features do not feed.
  private static void prove(ModelPackage model, LiveFeatures features) {
    for (Input input : model.signature().inputs()) {
      if (features.set().features().get(input.name()) != input.type()) {
        throw new Problem(
            Fault.DEPLOY_REFUSED,
            "the model takes the feature '%s' (%s), which this endpoint does not compute"
                .formatted(input.name(), input.type()),
            "Train again on the present features");
      }
    }
    model.verify();
  }
}
