package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.model.Input;
import dev.orrery.model.ModelPackage;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The versions in memory: one that was left lately is taken up again without loading. Used under
/// the lock of [Releases].
final class Shelf {
  private static final Logger LOG = LoggerFactory.getLogger(Shelf.class);
  private static final int LOADED_MAX = 4;

  /// How often a model answers its golden rows before it answers a client, so that the compiler has
  /// seen it.
  private static final int WARM_UP_ROUNDS = 20;

  private final Endpoint.Models models;
  private final Map<Semver, Loaded> loaded = new LinkedHashMap<>(8, 0.75f, true);

  Shelf(Endpoint.Models models) {
    this.models = models;
  }

  Loaded load(Semver version) {
    Loaded known = loaded.get(version);
    if (known != null) return known;
    var fresh = new Loaded(version, models.load(version));
    loaded.put(version, fresh);
    return fresh;
  }

  /// A version that is good to have; that it cannot be had stops no move.
  Optional<Loaded> beside(@Nullable Semver version) {
    if (version == null) return Optional.empty();
    try {
      return Optional.of(load(version));
    } catch (Problem e) {
      LOG.warn("{} cannot be loaded, and is done without: {}", version, e.getMessage());
      return Optional.empty();
    }
  }

  /// Loads a version aside, has it answer its golden rows, and warms it up; refuses one that this
  /// does not feed.
  void prepare(Semver version, Feed feed) {
    ModelPackage fresh = load(version).model();
    try {
      requireFed(fresh, feed);
      fresh.verify();
      for (int round = 0; round < WARM_UP_ROUNDS; round++) {
        double[] unused = fresh.score(fresh.golden().rows());
      }
    } catch (RuntimeException e) {
      loaded.remove(version);
      throw e;
    }
  }

  /// Refuses a model that takes features which a feed does not give.
  static void requireFed(ModelPackage model, Feed feed) {
    for (Input input : model.signature().inputs()) {
      if (feed.features().set().features().get(input.name()) == input.type()) continue;
      throw new Problem(
          Fault.DEPLOY_REFUSED,
          "the model takes the feature '%s' (%s), which this endpoint does not compute"
              .formatted(input.name(), input.type()),
          "Train again on the present features");
    }
  }

  /// Lets the ones go that were used least lately, but none of these.
  void keep(Collection<Semver> needed) {
    for (Semver version : List.copyOf(loaded.keySet())) {
      if (loaded.size() > LOADED_MAX && !needed.contains(version)) loaded.remove(version);
    }
  }
}
