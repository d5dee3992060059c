package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Audit;
import dev.orrery.artifact.FileReport.Look;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Sandbox;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.project.Project;
import dev.orrery.registry.Promotions;
import dev.orrery.sql.Db;
import java.nio.file.Path;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The endpoint of a project: answers predictions, takes outcomes, moves traffic.
///
/// Safe for use by many threads. Until a first version is deployed it answers that there is none.
public final class Endpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

  private final Setup setup;
  private final PredictionLog log;
  private final Outcomes outcomes;
  private final Feeds feeds;
  private final String name;
  private final String time;
  private final Releases releases;
  private final Trials trials;
  private final Chaos chaos = new Chaos();
  private final Answering answering;
  final LogArchive archive;

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
  /// @param endpoint its name
  /// @param definitions reads the project's present definitions
  public record Setup(
      Path folder,
      Db db,
      Audit audit,
      Lineage lineage,
      Promotions promotions,
      Datasets datasets,
      String endpoint,
      Supplier<Blueprint> definitions,
      String model,
      Models models,
      InstantSource clock) {}

  private Endpoint(Setup setup) {
    this.setup = setup;
    this.name = setup.endpoint();
    this.time = time(setup);
    this.log = PredictionLog.open(setup.folder(), setup.db(), time);
    this.outcomes = new Outcomes(setup.db());
    this.feeds = new Feeds(setup, log, outcomes);
    this.releases =
        new Releases(
            setup.db(),
            setup.audit(),
            setup.lineage(),
            setup.promotions(),
            setup.models(),
            feeds,
            name,
            setup.model(),
            log::end,
            setup.clock());
    this.trials = new Trials(log, outcomes, releases, time);
    this.answering = new Answering(setup, log, chaos);
    this.archive = new LogArchive(log, outcomes, setup.folder().resolveSibling("archive"));
  }

  /// The column of the rows' time: what is served says which, else the project.
  private static String time(Setup setup) {
    var store = new TrafficStore(setup.db());
    return store
        .load(setup.endpoint())
        .flatMap(traffic -> store.blueprint(traffic.blueprint()))
        .orElseGet(setup.definitions())
        .dataset()
        .time();
  }

  /// Opens an endpoint and takes up what it served before, with what that was deployed with: the
  /// project's files may have changed since.
  public static Endpoint open(Setup setup) {
    var endpoint = new Endpoint(setup);
    endpoint.releases.stored().ifPresent(endpoint.releases::resume);
    endpoint.releases.align();
    setup
        .promotions()
        .serve(setup.model(), new Stages(endpoint.name, endpoint.releases, endpoint::preflight));
    List<String> pending = endpoint.pending();
    if (!pending.isEmpty()) {
      LOG.info(
          "{} of the project's files differ from what is deployed at {}, and take effect with the"
              + " next deployment",
          pending,
          endpoint.name);
    }
    return endpoint;
  }

  public String name() {
    return name;
  }

  /// The blocks of the project's definitions in which they differ from what serves; the file where
  /// they cannot be read.
  private List<String> pending() {
    try {
      return blueprint().map(one -> one.differences(setup.definitions().get())).orElse(List.of());
    } catch (Problem _) {
      return List.of(Project.FILE);
    }
  }

  /// What the champion was deployed with.
  public Optional<Blueprint> blueprint() {
    return Optional.ofNullable(releases.live()).flatMap(now -> releases.blueprint(now.traffic()));
  }

  /// The project's present `serve` block; what serves, where that cannot be read.
  private ServeBlock present() {
    Live now = releases.live();
    try {
      return setup.definitions().get().serving(name);
    } catch (Problem e) {
      if (now == null) throw e;
      return now.terms().serve();
    }
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
    return answering.predict(live(), columns, call, null);
  }

  /// The same, answered by the version that the request names, which is no part of a trial then.
  ///
  /// @throws Problem UNKNOWN_MODEL if it is none of [#versions()]
  public Answer predict(Table columns, Call call, String version) {
    Live now = live();
    return answering.predict(now, columns, call, now.asked(version));
  }

  /// The versions in memory, each of which may be asked by its number: the champion first, then
  /// those under trial, the shadow, and the fallback.
  ///
  /// @throws Problem NOTHING_DEPLOYED
  public List<String> versions() {
    return live().loaded().keySet().stream().map(Semver::toString).toList();
  }

  /// @throws Problem UNKNOWN_MODEL if this is none of [#versions()]
  String version(String version) {
    return live().asked(version).version().toString();
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
    List<Outcomes.Outcome> told = now.terms().outcomes().read(body, instant);
    for (Outcomes.Outcome outcome : told) log.find(outcome.id().uuid());
    OutcomeRequests.requireAfter(
        told, one -> log.frame(one.id().frame()).raw().micros(time)[one.id().row()]);
    List<Outcomes.Outcome> fresh = outcomes.add(told, instant);
    if (fresh.isEmpty()) return 0;
    var learnt = new ArrayList<Feed.Told>(fresh.size());
    for (Outcomes.Outcome outcome : fresh) {
      PredictionId id = outcome.id();
      var joined =
          new JoinedRows.Joined(
              log.frame(id.frame()).raw(),
              id.row(),
              outcome.target(),
              outcome.detail(),
              outcome.knownAt());
      learnt.add(new Feed.Told(new Feed.Row(id.frame(), id.row()), joined));
    }
    feeds.learn(learnt);
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
    return new LogScan(log, outcomes, time)
        .rows(RequestRows.micros(from), RequestRows.micros(to), knownBy);
  }

  /// The same rows, without their features, part by part in bounded memory.
  public void eachScored(Instant from, Instant to, Instant knownBy, Consumer<ScoredRows> part) {
    new LogScan(log, outcomes, time)
        .each(RequestRows.micros(from), RequestRows.micros(to), knownBy, part);
  }

  /// The rows of the dataset that predictions and outcomes became in (after, until], with these
  /// columns and [Dataset#KNOWN_AT]: what training has not seen yet.
  public Table liveRows(Instant after, Instant until, SequencedMap<String, Type> columns) {
    JoinedRows joined = live().terms().feed().joined();
    return JoinedRows.raw(columns, joined.whole(feeds.joined(outcomes.effective(after, until))));
  }

  /// How many outcomes became usable in (after, until].
  public long liveRowCount(Instant after, Instant until) {
    return outcomes.count(after, until);
  }

  /// Puts a version into traffic: at once if it is the first, else by the project's strategy, with
  /// the project's present definitions.
  ///
  /// @param history the data version whose rows came before the first prediction
  /// @throws Problem MADE_ELSEWHERE if it would not run here as where it was made
  public Deployment deploy(Semver version, String history, String who, String why) {
    preflight(version).require();
    return releases.deploy(releases.entrance().order(version, null, history, who, why));
  }

  /// The same by any strategy, for a version whose making is held against this process.
  ///
  /// @throws Problem MADE_ELSEWHERE if Java, a library or the features are others than those it was
  ///   made with, unless the order says to deploy it all the same
  public Deployment deploy(DeployOrder order) {
    var preflight = preflight(order.version());
    preflight.require(order);
    return releases.deploy(
        releases
            .entrance()
            .order(
                order.version(),
                order.strategy(),
                preflight.history(),
                order.who(),
                preflight.why(order)));
  }

  /// What would be said of a deployment of this version, changing nothing.
  public Preflight preflight(Semver version) {
    Live now = releases.live();
    String features =
        now == null
            ? null
            : feeds.set(version, feeds.present(version), now.traffic().history()).digest().hex();
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
        present(), releases.live(), trials, chaos, pending(), setup.clock().instant());
  }

  /// How a new version would best be released, and why.
  public Advice advice() {
    return new Adviser(log, outcomes, present(), time).advice(Optional.ofNullable(releases.live()));
  }

  Rehearsals rehearsals() {
    Live unused = live();
    return new Rehearsals(setup, log, chaos);
  }

  /// Writes what the log has closed as Parquet, when the machine has nothing better to do.
  public void archiveWhenQuiet() {
    archive.compactWhenQuiet();
  }

  /// What `orrery admin verify` reads of the log, by name.
  public SequencedMap<String, Look> looks() {
    return archive.looks();
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
    answering.meter(new ServingMeters(shown, name(), model()));
  }

  /// Returns to the champion before the present one with all that it was deployed with, and ends a
  /// trial.
  ///
  /// @throws Problem NOTHING_TO_ROLL_BACK or CANNOT_RESTORE; nothing has moved then
  public Rollback rollback(String who, String why) {
    long began = System.nanoTime();
    Deployment move = releases.rollback(who, why);
    double ms = (System.nanoTime() - began) / 1e6;
    return Rollback.of(move, live(), setup.models().made(move.version()), ms);
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
    feeds.forgetBefore(instant);
    return trials.tick(now, instant);
  }

  /// Has the shadows score everything that was answered until now.
  public void catchUpShadow() {
    trials.catchUp(releases.live());
  }

  /// Has the shadows follow by themselves from now on, a few answers at a time.
  public void followWithShadow() {
    trials.follow();
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
    trials.close();
    archive.close();
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
}
