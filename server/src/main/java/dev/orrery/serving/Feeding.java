package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.data.Dataset;
import dev.orrery.model.ModelPackage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which version is fed by what, as its deployment is stored. Used under the lock of [Releases].
record Feeding(Feeder feeder, TrafficStore store, String endpoint) {
  private static final Logger LOG = LoggerFactory.getLogger(Feeding.class);

  /// What a version is served by: by its deployment that has not ended, else by its last one; a
  /// version that was never deployed, or by an older program, by what the project has now.
  Blueprint blueprint(Traffic traffic, Semver version) {
    String digest = traffic.blueprint(version);
    if (digest.isEmpty()) digest = store.lastBlueprint(endpoint, version).orElse("");
    return digest.isEmpty()
        ? feeder.present(version)
        : store
            .blueprint(digest)
            .orElseThrow(() ->
                new Problem(
                    Fault.CANNOT_RESTORE,
                    "what %s was deployed with is not in the store any more".formatted(version),
                    "Restore the store, or train and deploy another version"));
  }

  /// Refuses a version whose rows have columns that the champion's have not: it cannot be asked
  /// about the same requests.
  static void requireBeside(Semver version, Feed feed, Live now) {
    Set<String> lacking = lacking(feed, now);
    if (lacking.isEmpty()) return;
    throw new Problem(
        Fault.DEPLOY_REFUSED,
        "%s takes {%s}, which requests to %s do not have"
            .formatted(version, Texts.shown(String.join(", ", lacking)), now.champion().version()),
        "Deploy it at once, once clients send that: --strategy blue_green");
  }

  private static Set<String> lacking(Feed feed, Live now) {
    var lacking = new TreeSet<String>();
    feed.inputs()
        .forEach((column, type) -> {
          if (now.rows().inputs().get(column) != type) lacking.add(column);
        });
    return lacking;
  }

  /// Makes what a rollback returns to, and refuses one that could not answer.
  ///
  /// @throws Problem CANNOT_RESTORE
  void requireRestorable(Traffic back, ModelPackage model, Live now) {
    Semver version = back.champion();
    Feed feed;
    try {
      feed = feeder.feed(version, blueprint(back, version), back.history());
      Shelf.requireFed(model, feed);
    } catch (Problem e) {
      if (e.fault() == Fault.CANNOT_RESTORE) throw e;
      throw new Problem(
              Fault.CANNOT_RESTORE,
              "the features of %s cannot be computed again: %s".formatted(version, e.getMessage()),
              "Nothing has been changed; mend that, or deploy another version")
          .because(e);
    }
    Set<String> lacking = lacking(feed, now);
    if (lacking.isEmpty()) return;
    throw new Problem(
        Fault.CANNOT_RESTORE,
        "%s takes {%s}, which requests do not have since %s"
            .formatted(version, Texts.shown(String.join(", ", lacking)), now.champion().version()),
        "Nothing has been changed; once clients send that again: orrery deploy start %s"
                .formatted(version)
            + " --strategy blue_green");
  }

  /// What is needed to serve some traffic.
  Round round(Traffic traffic, Set<Semver> others) {
    Semver champion = traffic.champion();
    Blueprint by = blueprint(traffic, champion);
    Feed feed = feeder.feed(champion, by, traffic.history());
    var round = new Round(this, traffic, by, feed);
    for (Semver version : others) round.add(version);
    return round;
  }

  /// Gathers.
  static final class Round {
    private final Feeding feeding;
    private final Traffic traffic;
    private final Blueprint by;
    private final Feed feed;
    private final ServeBlock serve;
    private final Map<Semver, Feed> others = new HashMap<>();
    private final List<Feed> feeds = new ArrayList<>();

    Round(Feeding feeding, Traffic traffic, Blueprint by, Feed feed) {
      this.feeding = feeding;
      this.traffic = traffic;
      this.by = by;
      this.feed = feed;
      this.serve = by.serving(feeding.endpoint());
      feeds.add(feed);
    }

    ServeBlock serve() {
      return serve;
    }

    private Feed add(Semver version) {
      Blueprint its = feeding.blueprint(traffic, version);
      Feed found = feeding.feeder().feed(version, its, traffic.history());
      feeds.add(found);
      if (found != feed) others.put(version, found);
      return found;
    }

    /// Whether a version that is good to have can be fed beside the champion.
    boolean feeds(Semver version, ModelPackage model) {
      if (version.equals(traffic.champion())) return true;
      try {
        Feed found = add(version);
        Shelf.requireFed(model, found);
        if (feed.inputs().entrySet().containsAll(found.inputs().entrySet())) return true;
        LOG.warn("{} takes columns that requests do not have, and is done without", version);
      } catch (Problem e) {
        LOG.warn("{} cannot be fed, and is done without: {}", version, e.getMessage());
      }
      others.remove(version);
      return false;
    }

    /// Has the feed of the champion before learn on, so that a rollback finds it filled.
    void keepBefore() {
      Semver before = traffic.stack().get(traffic.stack().size() - 2);
      String digest = traffic.blueprints().get(traffic.stack().size() - 2);
      if (digest.isEmpty()) return;
      try {
        feeding
            .store()
            .blueprint(digest)
            .ifPresent(its -> feeds.add(feeding.feeder().feed(before, its, traffic.history())));
      } catch (Problem e) {
        LOG.warn("there is no way back to {} at present: {}", before, e.getMessage());
      }
    }

    List<Feed> feeds() {
      return feeds;
    }

    Terms terms() {
      Semver tried = traffic.trial();
      Dataset dataset = by.dataset();
      return new Terms(
          serve,
          tried == null || traffic.trialBlueprint() == null
              ? serve
              : feeding.blueprint(traffic, tried).serving(feeding.endpoint()),
          new RequestRows(
              feed.inputs(),
              dataset.time(),
              dataset.contract(),
              feeding.store().inputs(feeding.endpoint())),
          new OutcomeRequests(dataset),
          feed,
          others);
    }
  }
}
