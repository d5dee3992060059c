package dev.orrery.serving;

import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.engine.Table;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.serving.JoinedRows.Joined;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The feeds of an endpoint: each made from the store alone, and told of every outcome.
final class Feeds implements Feeder {
  private static final Logger LOG = LoggerFactory.getLogger(Feeds.class);

  /// How late an outcome may come and still be learnt from.
  static final Duration LATE_OUTCOMES = Duration.ofDays(1);

  private static final Instant FOREVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  private final Endpoint.Setup setup;
  private final PredictionLog log;
  private final Outcomes outcomes;
  private final List<Feed> all = new CopyOnWriteArrayList<>();

  Feeds(Endpoint.Setup setup, PredictionLog log, Outcomes outcomes) {
    this.setup = setup;
    this.log = log;
    this.outcomes = outcomes;
  }

  @Override
  public Blueprint present(Semver version) {
    Blueprint present = setup.definitions().get();
    String trained = setup.models().made(version).map(Made::definitions).orElse(null);
    if (trained == null) return present;
    Blueprint then = Blueprint.read(trained);
    return then.definition().equals(present.definition()) ? present : then.served(present);
  }

  @Override
  public Feed feed(Semver version, Blueprint by, String history) {
    Dataset dataset = by.dataset();
    DataVersion from = from(version, history);
    String key = Json.text(by.definition()) + from.schema() + from.id();
    Optional<Feed> known = all.stream().filter(feed -> feed.key().equals(key)).findFirst();
    if (known.isPresent()) return known.get();
    FeatureSet set = set(version, by, history);
    var feed =
        new Feed(
            key,
            dataset,
            dataset.inputs(from.schema()),
            new LiveFeatures(set),
            new JoinedRows(dataset, from.schema()));
    all.add(feed);
    try {
      fill(feed, from, from.id().equals(history) ? Instant.EPOCH : from.knownUntil());
      return feed;
    } catch (RuntimeException e) {
      all.remove(feed);
      throw e;
    }
  }

  /// The features that a version would be given, compiled only.
  FeatureSet set(Semver version, Blueprint by, String history) {
    return FeatureBlock.compile(by.features(), by.dataset(), from(version, history).schema());
  }

  /// What a version was trained on has the columns that it takes; where those are the first rows'
  /// too, windows start from these, and the log goes on.
  private DataVersion from(Semver version, String history) {
    DataVersion first = setup.datasets().get(history);
    DataVersion own =
        setup
            .models()
            .made(version)
            .map(Made::history)
            .filter(id -> !id.isEmpty())
            .map(setup.datasets()::get)
            .orElse(first);
    return own.schema().equals(first.schema()) ? first : own;
  }

  /// @param since what became known until then stands in the history
  private void fill(Feed feed, DataVersion from, Instant since) {
    Instant oldest =
        setup
            .clock()
            .instant()
            .minus(LATE_OUTCOMES)
            .minus(Duration.of(feed.features().set().longestMicros(), ChronoUnit.MICROS));
    Table rows = recent(feed.dataset().complete(setup.datasets().read(from)), oldest);
    Instant after = oldest.isAfter(since) ? oldest : since;
    List<Feed.Told> known = told(after);
    if (rows.rows() == 0 && known.isEmpty() && feed.features().set().longestMicros() > 0) {
      LOG.warn(
          "all windows of the features are empty: {} and its outcomes know nothing after {}. They"
              + " fill as outcomes are told; rows of an older time are answered with empty windows",
          from.id(),
          oldest);
    }
    feed.fill(rows, known);
  }

  private List<Feed.Told> told(Instant after) {
    var known = new ArrayList<Feed.Told>();
    try (PredictionLog.Lookup frames = log.lookup()) {
      for (Outcomes.Stored one : outcomes.effective(after, FOREVER)) {
        try {
          known.add(new Feed.Told(new Feed.Row(one.frame(), one.row()), joined(one, frames)));
        } catch (Problem e) {
          if (e.fault() != Fault.JOURNAL_DAMAGED) throw e;
          LOG.error("an outcome is left out of the windows of features: {}", e.toString());
        }
      }
    }
    return known;
  }

  /// Outcomes with the rows that they are of.
  List<Joined> joined(List<Outcomes.Stored> stored) {
    try (PredictionLog.Lookup frames = log.lookup()) {
      return stored.stream().map(one -> joined(one, frames)).toList();
    }
  }

  private Joined joined(Outcomes.Stored one, PredictionLog.Lookup frames) {
    Table raw = frames.frame(one.frame()).raw();
    return new Joined(raw, one.row(), one.target(), one.detail(), one.knownAt());
  }

  private static Table recent(Table rows, Instant oldest) {
    long[] known = rows.micros(Dataset.KNOWN_AT);
    long moment = RequestRows.micros(oldest);
    return rows.pick(IntStream.range(0, known.length).filter(i -> known[i] > moment).toArray());
  }

  /// Has every feed learn what became known, after it is stored.
  void learn(List<Feed.Told> told) {
    all.forEach(feed -> feed.learn(told));
  }

  /// Forgets what no window of a row at this moment or later reaches.
  void forgetBefore(Instant moment) {
    long micros = RequestRows.micros(moment.minus(LATE_OUTCOMES));
    all.forEach(feed -> feed.features().forgetBefore(micros));
  }

  @Override
  public void keep(Collection<Feed> needed) {
    all.removeIf(feed -> !needed.contains(feed));
  }
}
