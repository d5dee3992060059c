package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.data.Dataset;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.feature.LiveFeatures;
import dev.orrery.journal.Journal.Position;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.project.Node;
import dev.orrery.registry.Promotions;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private static final int LOCKS = 64;

  private final SecureRandom random = new SecureRandom();
  private final Setup setup;
  private final PredictionLog log;
  private final Outcomes outcomes;
  private final OutcomeRequests requests;
  private final Releases releases;
  private final Shadow shadow;
  private final Latencies latencies = new Latencies();
  private final Object[] keyLocks = IntStream.range(0, LOCKS).mapToObj(_ -> new Object()).toArray();

  /// Gives the package of a version, its bytes checked.
  public interface Models {
    ModelPackage load(Semver version);
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
            setup.clock());
    this.shadow = new Shadow(log);
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
  public Answer predict(JsonNode body, Optional<String> key, byte[] bytes) {
    Live now = live();
    long hash = key.isPresent() ? Arrays.hashCode(bytes) : 0;
    if (key.isEmpty()) {
      return answer(now, now.rows().read(body, setup.clock().instant()), "", 0, sticky(now));
    }
    synchronized (keyLocks[Math.floorMod(key.get().hashCode(), LOCKS)]) {
      Optional<PredictionLog.Logged> before = log.byKey(key.get());
      if (before.isPresent()) return again(before.get(), key.get(), hash);
      Table rows = now.rows().read(body, setup.clock().instant());
      return answer(now, rows, key.get(), hash, key.get());
    }
  }

  /// Answers rows that came as whole columns; columns that are no input are refused.
  public Answer predict(Table columns) {
    Live now = live();
    for (String name : columns.names()) {
      if (!now.rows().inputs().containsKey(name)) {
        throw RequestRows.bad(
            "there is no input '%s'".formatted(dev.orrery.base.Texts.shown(name)),
            dev.orrery.base.Texts.didYouMean(name, now.rows().inputs().keySet()));
      }
    }
    Table rows = now.rows().checked(columns.select(List.copyOf(now.rows().inputs().keySet())));
    return answer(now, rows, "", 0, sticky(now));
  }

  /// The raw columns that a row must have, with their types, in the order of `features`.
  public SequencedMap<String, Type> inputs() {
    return live().rows().inputs();
  }

  /// What stands for a caller without a key; drawn only where a canary asks for it.
  private String sticky(Live now) {
    return now.canary() == null ? "" : Long.toHexString(random.nextLong());
  }

  private Answer answer(Live now, Table rows, String key, long hash, String sticky) {
    long start = System.nanoTime();
    Table features = now.features().features(rows);
    Loaded arm = now.arm(sticky);
    double[] scores;
    try {
      scores = arm.model().score(features);
    } catch (RuntimeException e) {
      arm.failed().incrementAndGet();
      if (arm == now.champion()) throw e;
      arm = now.champion();
      scores = arm.model().score(features);
    }
    arm.answered().incrementAndGet();
    byte[] predictions = new byte[scores.length];
    for (int i = 0; i < scores.length; i++) {
      predictions[i] = (byte) arm.model().prediction(scores[i]);
    }
    Instant at = setup.clock().instant().truncatedTo(java.time.temporal.ChronoUnit.MILLIS);
    var frame =
        new Frame.Predictions(
            at,
            random.nextInt(1 << 12),
            key,
            hash,
            arm.version().toString(),
            arm == now.champion() ? "champion" : "canary",
            rows,
            features,
            scores,
            predictions,
            (int) Math.min(Integer.MAX_VALUE, (System.nanoTime() - start) / 1_000));
    Position place = log.append(frame);
    latencies.add((System.nanoTime() - start) / 1_000.0);
    return told(place, frame);
  }

  private Answer again(PredictionLog.Logged before, String key, long hash) {
    if (before.frame().bodyHash() != hash) {
      throw new Problem(
          Fault.KEY_REUSED,
          "the Idempotency-Key '%s' was used for another body"
              .formatted(dev.orrery.base.Texts.shown(key)),
          "Use a fresh key for each request that is not a repetition");
    }
    return told(before.at(), before.frame());
  }

  private Answer told(Position at, Frame.Predictions frame) {
    var ids = new ArrayList<UUID>(frame.rows());
    var predictions = new ArrayList<Integer>(frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      ids.add(new PredictionId(at, row, frame.at().toEpochMilli(), frame.mark()).uuid());
      predictions.add((int) frame.predictions()[row]);
    }
    return new Answer(predictions, frame.scores(), ids, setup.model(), frame.version());
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
    now.features().learn(now.joined().events(joined));
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

  /// Puts a version into traffic: at once if it is the first, else as a canary.
  ///
  /// @param history the data version whose rows came before the first prediction
  public Deployment deploy(Semver version, String history, String who, String why) {
    return releases.deploy(version, history, who, why, this::prepared);
  }

  /// Returns to the champion before the present one, and ends a canary.
  public Deployment rollback(String who, String why) {
    return releases.rollback(who, why);
  }

  /// Ends a canary.
  public Deployment abort(String who, String why) {
    return releases.abort(who, why);
  }

  /// Does what is due by the clock: the canary's next step, or its end. Called whenever the clock
  /// has moved, and now and then.
  public Optional<Deployment> tick() {
    Live now = releases.live();
    if (now == null) return Optional.empty();
    Instant instant = setup.clock().instant();
    now.features().forgetBefore(RequestRows.micros(instant.minus(LATE_OUTCOMES)));
    Traffic.Canary canary = now.traffic().canary();
    Loaded young = now.canary();
    if (canary == null || young == null) return Optional.empty();
    if (instant.isBefore(canary.stepSince().plus(setup.serve().hold()))) return Optional.empty();
    ScoredRows rows = scored(canary.since(), instant, instant);
    boolean last = canary.step() == setup.serve().steps().size() - 1;
    return switch (CanaryJudge.judge(
        rows, now.champion().model(), young, setup.serve().abortOn(), last)) {
      case CanaryJudge.Verdict.TooFewRows _ -> Optional.empty();
      case CanaryJudge.Verdict.Worse(String why) -> Optional.of(releases.abort("orrery", why));
      case CanaryJudge.Verdict.Fine(double difference, int n) ->
          Optional.of(
              releases.step(
                  "log loss %+.5f against the champion over %d rows".formatted(difference, n)));
    };
  }

  /// Has the shadow score everything that was answered until now.
  public void catchUpShadow() {
    Live now = releases.live();
    shadow.catchUp(now == null ? null : now.shadow());
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
    return latencies;
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
        : Optional.of(Instant.EPOCH.plus(micros, java.time.temporal.ChronoUnit.MICROS));
  }

  @Override
  public void close() {
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
            .minus(Duration.of(set.longestMicros(), java.time.temporal.ChronoUnit.MICROS));
    features.learn(recent(dataset.complete(setup.datasets().read(version)), oldest));
    List<JoinedRows.Joined> known = join(outcomes.effective(oldest, FOREVER));
    if (!known.isEmpty()) features.learn(joined.events(known));
    Loaded none = new Loaded(traffic.champion(), setup.models().load(traffic.champion()));
    var rows =
        new RequestRows(dataset.inputs(version.schema()), dataset.time(), dataset.contract());
    return new Live(traffic, none, null, null, features, rows, joined);
  }

  private static Table recent(Table rows, Instant oldest) {
    long[] known = rows.micros(Dataset.KNOWN_AT);
    long moment = RequestRows.micros(oldest);
    return rows.pick(IntStream.range(0, known.length).filter(i -> known[i] > moment).toArray());
  }
}
