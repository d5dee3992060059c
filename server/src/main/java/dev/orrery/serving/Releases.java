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
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Moves an endpoint's traffic between versions: load aside, prove, store the move, swap.
///
/// Each move is one transaction with its entry in the audit log, and takes effect only after it is
/// durable. Moves wait for each other; requests never wait for a move.
final class Releases {
  private static final int LOADED_MAX = 4;

  private final Db db;
  private final TrafficStore store;
  private final Audit audit;
  private final Lineage lineage;
  private final Endpoint.Models models;
  private final ServeBlock serve;
  private final String model;
  private final InstantSource clock;

  /// The versions in memory; one that was left lately is swapped back without loading.
  private final Map<Semver, Loaded> loaded = new LinkedHashMap<>(8, 0.75f, true);

  private volatile @Nullable Live live;

  Releases(
      Db db,
      Audit audit,
      Lineage lineage,
      Endpoint.Models models,
      ServeBlock serve,
      String model,
      InstantSource clock) {
    this.db = db;
    this.store = new TrafficStore(db);
    this.audit = audit;
    this.lineage = lineage;
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

  /// Puts a version into traffic: at once if it is the first, else as a canary.
  ///
  /// @param first makes what is needed to answer at all, for the first version
  synchronized Deployment deploy(
      Semver version, String history, String who, String why, Function<Traffic, Live> first) {
    Live now = live;
    Instant at = clock.instant();
    if (now == null) {
      var traffic =
          new Traffic(List.of(version), null, serve.shadowFirst() ? version : null, history, 1);
      Live empty = first.apply(traffic);
      prove(load(version).model(), empty.features());
      return move(
          empty,
          traffic,
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
    prove(load(version).model(), now.features());
    int percent = serve.steps().getFirst();
    return move(
        now,
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
    Live now = needed();
    Traffic traffic = now.traffic();
    if (traffic.stack().size() < 2) {
      throw new Problem(
          Fault.NOTHING_TO_ROLL_BACK,
          "%s is the first version of endpoint '%s'"
              .formatted(traffic.champion(), serve.endpoint()),
          "There is no earlier one; deploy another version");
    }
    Traffic back = traffic.rolledBack();
    return move(
        now,
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
    db.write(tx -> {
      record(tx, to, move);
      return move;
    });
    swap(to, from);
    return move;
  }

  private void record(Tx tx, Traffic to, Deployment move) {
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
