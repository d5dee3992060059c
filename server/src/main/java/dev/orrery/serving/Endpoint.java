package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Sandbox;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.project.Node;
import dev.orrery.registry.Promotions;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The endpoint of a project: answers predictions, takes outcomes, moves traffic.
///
/// Safe for use by many threads. Until a first version is deployed it answers that there is none.
public final class Endpoint implements AutoCloseable {
  private static final Duration LATE_OUTCOMES = Duration.ofDays(1);
  private static final Instant FOREVER = Instant.ofEpochMilli(Long.MAX_VALUE);

  private final Setup setup;
  private final PredictionLog log;
  private final Outcomes outcomes;
  private final OutcomeRequests requests;
  private final Releases releases;
  private final Trials trials;
  private final Chaos chaos = new Chaos();
  private final Answering answering;
  private final LogArchive archive;

  /// Gives the package of a version, its bytes checked.
  public interface Models {
    ModelPackage load(Semver version);

    /// What a version was made from, as far as it is recorded.
    default Optional<Made> made(Semver version) {
      return Optional.empty();
    }
  }

  /// Who asks, and how.
  ///
  /// @param idempotency the same key with the same body is answered alike, and logged once
  /// @param caller the caller's own key, by which a canary or an A/B test is sticky
  /// @param isRehearsal whether it is one of a rehearsal's requests, which are not logged; heeded
  ///   only while a rehearsal runs
  public record Call(Optional<String> idempotency, Optional<String> caller, boolean isRehearsal) {
    public static final Call PLAIN = new Call(Optional.empty(), Optional.empty(), false);
  }

  /// What an endpoint is made of.
  ///
  /// @param folder where the prediction log lives
  /// @param promotions of the registry, whose stages of the model are where its traffic is
  /// @param model the model's name in the registry
  /// @param features the project's `features` block
  public record Setup(
      Path folder,
      Db db,
      Audit audit,
      Lineage lineage,
      Promotions promotions,
      Datasets datasets,
      Dataset dataset,
      Node features,
      ServeBlock serve,
      String model,
      Models models,
      InstantSource clock) {}

  private Endpoint(Setup setup) {
    this.setup = setup;
    this.log = PredictionLog.open(setup.folder(), setup.db(), setup.dataset().time());
    this.outcomes = new Outcomes(setup.db());
    this.requests = new OutcomeRequests(setup.dataset());
    this.releases =
        new Releases(
            setup.db(),
            setup.audit(),
            setup.lineage(),
            setup.promotions(),
            setup.models(),
            setup.serve(),
            setup.model(),
            log::end,
            setup.clock());
    this.trials = new Trials(log, outcomes, releases, setup.serve(), setup.dataset().time());
    this.answering = new Answering(setup, log, chaos);
    this.archive =
        new LogArchive(
            log, outcomes, setup.datasets().engine(), setup.folder().resolveSibling("archive"));
  }

  /// Opens an endpoint and takes up what it served before.
  public static Endpoint open(Setup setup) {
    var endpoint = new Endpoint(setup);
    endpoint
        .releases
        .stored()
        .ifPresent(traffic -> endpoint.releases.resume(traffic, endpoint.prepared(traffic)));
    endpoint.releases.align();
    setup
        .promotions()
        .serve(setup.model(), new Stages(endpoint.name(), endpoint.releases, endpoint::prepared));
    return endpoint;
  }

  public String name() {
    return setup.serve().endpoint();
  }

  /// The model's name in the registry.
  public String model() {
    return setup.model();
  }

  /// Answers rows, in any of the forms of [RequestRows].
  ///
  /// @param key the caller's idempotency key: the same key with the same body is answered alike,
  ///   and logged once
  /// @throws Problem of kind INVALID, TOO_LARGE, CONFLICT or UNAVAILABLE; nothing is logged then
  public Answer predict(byte[] body, Optional<String> key) {
    return predict(body, new Call(key, Optional.empty(), false));
  }

  /// The same for a caller who may have said who it is.
  public Answer predict(byte[] body, Call call) {
    return answering.predict(live(), body, call);
  }

  /// Whether a request of a few rows is at present answered at once and without waiting.
  boolean isQuick() {
    Live now = releases.live();
    return now != null && answering.isQuick(now);
  }

  /// Answers rows that came as whole columns; columns that are no input are refused.
  public Answer predict(Table columns) {
    return predict(columns, Call.PLAIN);
  }

  /// The same for a caller who may have said who it is; an idempotency key is not heeded.
  public Answer predict(Table columns, Call call) {
    return answering.predict(live(), columns, call);
  }

  /// The raw columns that a row must have, with their types, in the order of `features`.
  public SequencedMap<String, Type> inputs() {
    return live().rows().inputs();
  }

  /// Takes outcomes, `{"outcomes":[{"id","actual","known_at"}]}`: all or none.
  ///
  /// @return how many were new; the others had been told before, alike
  /// @throws Problem of kind INVALID, NOT_FOUND or CONFLICT; nothing is stored then
  public int outcomes(JsonNode body) {
    Live now = live();
    Instant instant = setup.clock().instant();
    List<Outcomes.Outcome> told = requests.read(body, instant);
    for (Outcomes.Outcome outcome : told) log.find(outcome.id().uuid());
    String time = setup.dataset().time();
    OutcomeRequests.requireAfter(
        told, one -> log.frame(one.id().frame()).raw().micros(time)[one.id().row()]);
    List<Outcomes.Outcome> fresh = outcomes.add(told, instant);
    if (fresh.isEmpty()) return 0;
    var joined = new ArrayList<JoinedRows.Joined>(fresh.size());
    for (Outcomes.Outcome outcome : fresh) {
      joined.add(
          new JoinedRows.Joined(
              log.frame(outcome.id().frame()).raw(),
              outcome.id().row(),
              outcome.target(),
              outcome.detail(),
              outcome.knownAt()));
    }
    List<JoinedRows.Joined> kept = now.joined().kept(joined);
    if (!kept.isEmpty()) now.features().learn(now.joined().events(kept));
    return fresh.size();
  }

  /// Those of these ids that are no predictions of this endpoint.
  public List<UUID> missing(List<UUID> ids) {
    List<UUID> missing = new ArrayList<>();
    for (UUID id : ids) {
      try {
        PredictionLog.Logged unused = log.find(id);
      } catch (Problem e) {
        if (e.kind() != Problem.Kind.NOT_FOUND) throw e;
        missing.add(id);
      }
    }
    return missing;
  }

  /// A logged prediction with its outcome, if it is known.
  ///
  /// @throws Problem of kind NOT_FOUND if there is none with this id
  public Prediction find(UUID id) {
    PredictionLog.Logged logged = log.find(id);
    int row = PredictionId.of(id).row();
    Outcomes.@Nullable Stored outcome =
        outcomes.ofFrames(logged.at(), logged.at()).getOrDefault(logged.at(), List.of()).stream()
            .filter(stored -> stored.row() == row)
            .findFirst()
            .orElse(null);
    return Prediction.of(id, setup.model(), logged.frame(), row, outcome);
  }

  /// Logged rows with event times in [from, to), joined with what was known by a moment.
  public ScoredRows scored(Instant from, Instant to, Instant knownBy) {
    return new LogScan(log, outcomes, setup.dataset().time())
        .rows(RequestRows.micros(from), RequestRows.micros(to), knownBy);
  }

  /// The same rows, without their features, part by part in bounded memory.
  public void eachScored(Instant from, Instant to, Instant knownBy, Consumer<ScoredRows> part) {
    new LogScan(log, outcomes, setup.dataset().time())
        .each(RequestRows.micros(from), RequestRows.micros(to), knownBy, part);
  }

  /// The rows of the dataset that predictions and outcomes became in (after, until], with raw
  /// columns and [Dataset#KNOWN_AT]: what training has not seen yet.
  public Table liveRows(Instant after, Instant until) {
    Live now = live();
    return now.joined().raw(now.joined().whole(join(outcomes.effective(after, until))));
  }

  /// How many outcomes became usable in (after, until].
  public long liveRowCount(Instant after, Instant until) {
    return outcomes.count(after, until);
  }

  private List<JoinedRows.Joined> join(List<Outcomes.Stored> stored) {
    var joined = new ArrayList<JoinedRows.Joined>(stored.size());
    for (Outcomes.Stored one : stored) {
      joined.add(
          new JoinedRows.Joined(
              log.frame(one.frame()).raw(), one.row(), one.target(), one.detail(), one.knownAt()));
    }
    return joined;
  }

  /// Puts a version into traffic: at once if it is the first, else by the project's strategy.
  ///
  /// @param history the data version whose rows came before the first prediction
  public Deployment deploy(Semver version, String history, String who, String why) {
    return releases.deploy(
        new Releases.Order(version, setup.serve().strategy(), history, who, why), this::prepared);
  }

  /// The same by any strategy, for a version whose making is held against this process.
  ///
  /// @throws Problem MADE_ELSEWHERE if Java, a library or the features are others than those it was
  ///   made with, unless the order says to deploy it all the same
  public Deployment deploy(DeployOrder order) {
    var preflight = preflight(order.version());
    preflight.require(order);
    return releases.deploy(
        new Releases.Order(
            order.version(),
            order.strategy() == null ? setup.serve().strategy() : order.strategy(),
            preflight.history(),
            order.who(),
            preflight.why(order)),
        this::prepared);
  }

  /// What would be said of a deployment of this version, changing nothing.
  public Preflight preflight(Semver version) {
    String features = releases.live() == null ? null : live().features().set().digest().hex();
    return Preflight.of(version, setup.models(), features);
  }

  /// Ends a trial well: the version under trial takes all traffic.
  ///
  /// @param version which one, of a test with several; null for the only one, or the winner
  public Deployment promote(@Nullable Semver version, String who, String why) {
    return releases.promote(version, who, why);
  }

  /// What is served by whom, and how the trial stands.
  public DeploymentStatus status() {
    return DeploymentStatus.of(
        setup.serve(), releases.live(), trials, chaos, setup.clock().instant());
  }

  /// How a new version would best be released, and why.
  public Advice advice() {
    return new Adviser(log, outcomes, setup).advice(Optional.ofNullable(releases.live()));
  }

  Rehearsals rehearsals() {
    Live unused = live();
    return new Rehearsals(setup, log, chaos);
  }

  /// Writes what the log has closed as Parquet.
  void archive() {
    int unused = archive.compact();
  }

  /// The same, when the machine has nothing better to do.
  public void archiveWhenQuiet() {
    archive.compactWhenQuiet();
  }

  /// Answers a question in SQL over the log's `predictions`.
  ///
  /// @param rows at most so many, and at most 10,000
  Sandbox.Answer ask(String sql, int rows) {
    return archive.ask(sql, rows);
  }

  /// The newest rows that were asked about, as a client would send them again.
  List<Map<String, Object>> sample(int rows) {
    return new Rehearsals(setup, log, chaos).sample(live().rows().inputs().keySet(), rows);
  }

  /// Shows what is answered, by version, from now on.
  public void meter(dev.orrery.web.Meters shown) {
    answering.meter(new ServingMeters(shown, name()));
  }

  /// Returns to the champion before the present one, and ends a canary.
  public Deployment rollback(String who, String why) {
    return releases.rollback(who, why);
  }

  /// Ends a trial; the champion answers everything.
  public Deployment abort(String who, String why) {
    return releases.abort(who, why);
  }

  /// Does what is due by the clock: the canary's next step, or the end of a trial. Called whenever
  /// the clock has moved, and now and then.
  public Optional<Deployment> tick() {
    Live now = releases.live();
    if (now == null) return Optional.empty();
    Instant instant = setup.clock().instant();
    now.features().forgetBefore(RequestRows.micros(instant.minus(LATE_OUTCOMES)));
    return trials.tick(now, instant);
  }

  /// Has the shadows score everything that was answered until now.
  public void catchUpShadow() {
    trials.catchUp(releases.live());
  }

  public Optional<Traffic> traffic() {
    return Optional.ofNullable(releases.live()).map(Live::traffic);
  }

  /// The champion's package.
  public Optional<ModelPackage> champion() {
    return Optional.ofNullable(releases.live()).map(live -> live.champion().model());
  }

  /// The moves of traffic, newest first.
  public List<Deployment> moves(int limit) {
    return releases.moves(limit);
  }

  public Latencies latencies() {
    return answering.latencies();
  }

  public long predictionCount() {
    return log.rows();
  }

  public long outcomeCount() {
    return outcomes.count();
  }

  /// The event time of the newest prediction.
  public Optional<Instant> newestEvent() {
    Long micros = log.newestEvent();
    return micros == null
        ? Optional.empty()
        : Optional.of(Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  @Override
  public void close() {
    answering.close();
    log.close();
  }

  static Problem nothing() {
    return new Problem(
        Fault.NOTHING_DEPLOYED,
        "no model version is deployed",
        "Train and deploy one with 'orrery run'");
  }

  private Live live() {
    Live now = releases.live();
    if (now == null) throw nothing();
    return now;
  }

  /// What is needed to answer, without the models: the columns, and features filled with all that
  /// is known now.
  private Live prepared(Traffic traffic) {
    Dataset dataset = setup.dataset();
    DataVersion version = setup.datasets().get(traffic.history());
    FeatureSet set = FeatureBlock.compile(setup.features(), dataset, version.schema());
    var features = new LiveFeatures(set);
    var joined = new JoinedRows(dataset, version.schema());
    Instant oldest =
        setup
            .clock()
            .instant()
            .minus(LATE_OUTCOMES)
            .minus(Duration.of(set.longestMicros(), ChronoUnit.MICROS));
    features.learn(recent(dataset.complete(setup.datasets().read(version)), oldest));
    List<JoinedRows.Joined> known = joined.kept(join(outcomes.effective(oldest, FOREVER)));
    if (!known.isEmpty()) features.learn(joined.events(known));
    Loaded none = new Loaded(traffic.champion(), setup.models().load(traffic.champion()));
    setup.serve().requireFits(dataset.inputs(version.schema()).keySet(), dataset.outcomes());
    var rows =
        new RequestRows(dataset.inputs(version.schema()), dataset.time(), dataset.contract());
    return new Live(traffic, none, Map.of(), null, features, rows, joined);
  }

  private static Table recent(Table rows, Instant oldest) {
    long[] known = rows.micros(Dataset.KNOWN_AT);
    long moment = RequestRows.micros(oldest);
    return rows.pick(IntStream.range(0, known.length).filter(i -> known[i] > moment).toArray());
  }
}
