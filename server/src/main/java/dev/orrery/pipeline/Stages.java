package dev.orrery.pipeline;

import dev.orrery.base.Digest;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.data.DataVersion;
import dev.orrery.engine.Table;
import dev.orrery.evaluation.Comparison;
import dev.orrery.evaluation.Latency;
import dev.orrery.evaluation.Metrics;
import dev.orrery.feature.FeatureBlock;
import dev.orrery.feature.FeatureSet;
import dev.orrery.feature.FeatureVersions.FeatureVersion;
import dev.orrery.model.ModelPackage;
import dev.orrery.pipeline.Fitting.Fitted;
import dev.orrery.pipeline.Outputs.Trained;
import dev.orrery.pipeline.Runner.Ending;
import dev.orrery.registry.CodeVersion;
import dev.orrery.registry.Draft;
import dev.orrery.registry.Make;
import dev.orrery.registry.Make.Field;
import dev.orrery.registry.ModelVersion;
import dev.orrery.tracking.Run;
import dev.orrery.tracking.Tracking;
import dev.orrery.train.Candidate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What each stage of one run does.
final class Stages {
  /// The tag of tracking runs that names the pipeline run they belong to.
  static final String RUN_TAG = "orrery.pipeline";

  /// Where a candidate's package stands among its run's artifacts.
  static final String MODEL_PATH = "model/package.json";

  private static final int LATENCY_ROWS = 5_000;
  private static final double CONFIDENCE = 0.95;
  private static final int LEFTOVERS_MAX = 1_000;

  private final Parts parts;
  private final Recipe recipe;
  private final PipelineRun run;
  private final Runner runner;
  private @Nullable Prepared prepared;
  private @Nullable String record;

  Stages(Parts parts, Recipe recipe, PipelineRun run, Runner runner) {
    this.parts = parts;
    this.recipe = recipe;
    this.run = run;
    this.runner = runner;
  }

  Digest definitions() {
    return recipe.definitions();
  }

  // data

  Ending<Outputs.Data> data() {
    runner.progress(Stage.DATA, "reading " + recipe.dataset().name(), 0);
    Run whole =
        tracking()
            .start(
                recipe.project().name().text(),
                "pipeline " + run.id(),
                Map.of(RUN_TAG, run.id().toString()));
    tracking()
        .logParams(
            whole.id(),
            Map.of(
                "known_until", run.knownUntil().toString(),
                "reasons", String.join(", ", run.reasons())));
    tracking().tag(whole.id(), Surroundings.tags(recipe.project()));
    DataVersion version;
    try {
      version = run.renews() ? renewed() : ingested();
    } catch (Problem e) {
      Failure failure = Failure.of(e);
      report(
          whole,
          Json.pretty(Reports.refused(recipe.dataset(), failure)),
          Reports.page(recipe.dataset(), failure));
      tracking().finish(whole.id(), Run.State.FAILED);
      throw e;
    }
    report(whole, Json.pretty(Reports.passed(version)), Reports.page(version));
    return _ ->
        new Outputs.Data(
            version.id(), version.digest(), version.rows(), run.knownUntil(), whole.id());
  }

  private DataVersion ingested() {
    return parts.datasets().ingest(recipe.dataset(), recipe.project().folder(), run.knownUntil());
  }

  /// The latest version, and after it what service has taught since.
  private DataVersion renewed() {
    Optional<DataVersion> latest = parts.datasets().latest(recipe.dataset().name());
    if (latest.isEmpty()) return ingested();
    // What is served may take fewer columns than the data has: after a rollback.
    Table live =
        parts
            .liveRows()
            .between(latest.get().knownUntil(), run.knownUntil(), latest.get().schema());
    runner.progress(Stage.DATA, "%,d rows from service".formatted(live.rows()), 0.5);
    return parts
        .datasets()
        .append(
            recipe.dataset(),
            latest.get(),
            live,
            run.knownUntil(),
            "predictions and their outcomes");
  }

  private void report(Run whole, String json, String page) {
    tracking()
        .putArtifact(
            whole.id(), "reports/data_validation.json", json.getBytes(StandardCharsets.UTF_8));
    tracking()
        .putArtifact(
            whole.id(), "reports/data_validation.html", page.getBytes(StandardCharsets.UTF_8));
  }

  // features

  Ending<Outputs.Features> features(Outputs.Data data) {
    DataVersion version = parts.datasets().get(data.version());
    FeatureSet set = compile(version);
    FeatureVersion features = parts.featureVersions().of(set);
    List<Field> columns = fields(set.features());
    List<Field> inputs = fields(recipe.dataset().inputs(version.schema()));
    return _ ->
        new Outputs.Features(features.version().toString(), features.digest(), columns, inputs);
  }

  private FeatureSet compile(DataVersion version) {
    return FeatureBlock.compile(recipe.features(), recipe.dataset(), version.schema());
  }

  private static List<Field> fields(SequencedMap<String, Table.Type> columns) {
    List<Field> fields = new ArrayList<>();
    columns.forEach((name, type) ->
        fields.add(new Field(name, type.name().toLowerCase(java.util.Locale.ROOT))));
    return fields;
  }

  // train

  Ending<Outputs.Train> train(Outputs.Data data, Outputs.Features features) {
    Prepared rows = rows(data, Stage.TRAIN);
    List<Candidate> candidates =
        champion()
            .filter(_ -> run.renews())
            .map(champion -> recipe.renewing(champion.make().kind()))
            .orElse(recipe.candidates());
    var fitting =
        new Fitting(
            recipe,
            rows,
            parts.threads(),
            (what, share) -> runner.progress(Stage.TRAIN, what, share));
    int folds = recipe.validation().folds(run.renews());
    double first = 0.1;
    double share = (folds > 0 ? 0.6 : 0.85) / candidates.size();
    List<Fitted> fitted = new ArrayList<>();
    for (Candidate candidate : candidates) {
      double from = first + share * fitted.size();
      runner.progress(Stage.TRAIN, candidate.kind(), from);
      fitted.add(fitting.fit(candidate, from, share));
    }
    List<SortedMap<String, Double>> spread =
        folds > 0 ? fitting.crossValidate(candidates, folds, 0.7, 0.25) : List.of();
    List<Trained> models = new ArrayList<>();
    for (int i = 0; i < fitted.size(); i++) {
      runner.progress(Stage.TRAIN, "noting " + fitted.get(i).candidate().kind(), 0.95);
      models.add(
          note(fitted.get(i), i < spread.size() ? spread.get(i) : Map.of(), rows, data, features));
    }
    return _ ->
        new Outputs.Train(
            rows.trainedUntil(),
            rows.validatedFrom(),
            rows.validatedUntil(),
            rows.times().length,
            rows.validationTimes().length,
            models);
  }

  /// Writes a candidate's run: parameters, figures, the package.
  private Trained note(
      Fitted fitted,
      Map<String, Double> spread,
      Prepared rows,
      Outputs.Data data,
      Outputs.Features features) {
    ModelPackage model = fitted.model();
    SortedMap<String, String> parameters = Fitting.parameters(fitted.candidate());
    Run tracked =
        tracking()
            .start(
                recipe.project().name().text(),
                model.kind(),
                Map.of(
                    RUN_TAG,
                    run.id().toString(),
                    Tracking.PARENT_TAG,
                    data.record(),
                    "orrery.stage",
                    "train"));
    var params = new TreeMap<>(parameters);
    params.put("kind", model.kind());
    params.put("seed", Long.toString(recipe.seed()));
    params.put("data_version", data.version());
    params.put("features_version", features.version());
    params.put("training_rows", Integer.toString(rows.times().length));
    params.put("validation_rows", Integer.toString(rows.validationTimes().length));
    params.put("trained_until", rows.trainedUntil().toString());
    params.put("validated_from", rows.validatedFrom().toString());
    params.put("threshold", Double.toString(model.threshold()));
    params.put("model_digest", model.digest().hex());
    tracking().logParams(tracked.id(), params);
    var metrics = new TreeMap<>(fitted.metrics().all(List.of(recipe.successMetric())));
    metrics.putAll(spread);
    tracking().logMetrics(tracked.id(), metrics);
    var told = new TreeMap<>(fitted.effort().tags());
    told.putAll(Surroundings.tags(recipe.project()));
    tracking().tag(tracked.id(), told);
    tracking().putArtifact(tracked.id(), MODEL_PATH, model.bytes());
    TrainedOn.note(tracking(), tracked.id(), recipe.project());
    tracking()
        .putArtifact(
            tracked.id(),
            "reports/importance.json",
            Json.pretty(importance(model)).getBytes(StandardCharsets.UTF_8));
    tracking().finish(tracked.id(), Run.State.FINISHED);
    return new Trained(
        model.kind(), parameters, tracked.id(), model.digest(), model.size(), metrics);
  }

  private static Map<String, Double> importance(ModelPackage model) {
    var importance = new LinkedHashMap<String, Double>();
    List<Double> all = model.importance();
    List<String> names = model.signature().names();
    for (int i = 0; i < names.size(); i++) importance.put(names.get(i), all.get(i));
    return importance;
  }

  /// The rows of this run, made once in a process.
  private Prepared rows(Outputs.Data data, Stage stage) {
    Prepared known = prepared;
    if (known != null) return known;
    runner.progress(stage, "reading " + data.version(), 0);
    DataVersion version = parts.datasets().get(data.version());
    Table rows = parts.datasets().read(version);
    runner.progress(stage, "computing features of %,d rows".formatted(rows.rows()), 0.03);
    Prepared made =
        Prepared.of(
            rows,
            recipe.dataset(),
            recipe.target(),
            compile(version),
            version,
            recipe.validation().holdout(),
            recipe.history());
    prepared = made;
    return made;
  }

  /// Lets the memory of the rows go.
  void forgetRows() {
    prepared = null;
  }

  // gate

  Ending<Outputs.Gate> gate(Outputs.Data data, Outputs.Train train) {
    Prepared rows = rows(data, Stage.GATE);
    Trained candidate = best(train.models());
    ModelPackage model = ModelPackage.read(parts.blobs().read(candidate.model()));
    runner.progress(Stage.GATE, "timing " + candidate.kind(), 0.3);
    Latency latency = Latency.ofSingleRows(model, rows.validation(), LATENCY_ROWS);
    Map<String, Map<String, Double>> baselines = new HashMap<>();
    for (Trained trained : train.models()) {
      if (isBaseline(trained.kind())) {
        baselines.merge(trained.kind(), trained.metrics(), this::better);
      }
    }
    runner.progress(Stage.GATE, "judging " + candidate.kind(), 0.6);
    Optional<ModelVersion> champion = champion().filter(_ -> run.renews());
    Judge.Duel duel = champion.map(version -> duel(version, model, rows, data)).orElse(null);
    Verdict verdict =
        new Judge(recipe.gates(), recipe.successMetric())
            .judge(
                new Judge.Evidence(
                    candidate.metrics(),
                    baselines,
                    candidate.size(),
                    latency.p99Millis(),
                    underLoad()),
                duel);
    List<String> rejections =
        switch (verdict) {
          case Verdict.Accepted _ -> List.of();
          case Verdict.Rejected rejected -> rejected.reasons();
        };
    var gate =
        new Outputs.Gate(
            candidate, champion.map(ModelVersion::id).orElse(""), verdict.results(), rejections);
    tracking()
        .putArtifact(
            candidate.run(),
            "reports/gates.json",
            Json.pretty(gate).getBytes(StandardCharsets.UTF_8));
    tracking()
        .tag(candidate.run(), Map.of("orrery.gate", rejections.isEmpty() ? "passed" : "rejected"));
    return _ -> gate;
  }

  /// The newest load of the endpoint; it is of a version that serves already.
  private @Nullable String underLoad() {
    return parts
        .registry()
        .loads()
        .newest(recipe.model())
        .map(load ->
            "beside it %s of version %s%s"
                .formatted(
                    load.told(), load.version(), load.counts() ? "" : ", which does not count"))
        .orElse(null);
  }

  /// Both on the validation rows, if the champion has not learned from them.
  private Judge.Duel duel(
      ModelVersion version, ModelPackage candidate, Prepared rows, Outputs.Data data) {
    ModelPackage champion = parts.registry().open(version);
    double[] actual = rows.validationTarget();
    double[] ours = candidate.score(rows.validation());
    double[] theirs =
        champion.score(
            parts
                .champions()
                .definitions()
                .map(served -> served(served, rows, data))
                .orElse(rows.validation()));
    Metrics our = Metrics.of(ours, actual, candidate.threshold());
    Metrics their = Metrics.of(theirs, actual, champion.threshold());
    boolean isNew = trainedBefore(champion, rows.validatedFrom());
    return new Judge.Duel(
        version.id(),
        isNew ? Comparison.of(ours, theirs, actual, CONFIDENCE) : null,
        our.value(Metrics.AUC_ROC).orElse(Double.NaN),
        their.value(Metrics.AUC_ROC).orElse(Double.NaN),
        our.value(Metrics.LOG_LOSS).orElse(Double.NaN),
        their.value(Metrics.LOG_LOSS).orElse(Double.NaN));
  }

  /// The validation rows as the champion is given them, which is not as the candidate is.
  private Table served(Champions.Definitions by, Prepared rows, Outputs.Data data) {
    DataVersion version = parts.datasets().get(data.version());
    runner.progress(Stage.GATE, "computing the champion's features", 0.7);
    return FeatureBlock.compile(by.features(), by.dataset(), version.schema())
        .history(by.dataset().complete(parts.datasets().read(version)))
        .pick(rows.validationRows());
  }

  private static boolean trainedBefore(ModelPackage model, Instant moment) {
    var until = model.card().training().get("trained_until");
    return until != null && Instant.parse(until.asText()).isBefore(moment);
  }

  /// The best in the success metric, and then in AUC, of those that are no baselines; of the
  /// baselines if there is nothing else.
  private Trained best(List<Trained> models) {
    List<Trained> others = models.stream().filter(m -> !isBaseline(m.kind())).toList();
    Comparator<Trained> order =
        Comparator.comparingDouble((Trained m) -> merit(m.metrics(), recipe.successMetric()))
            .thenComparingDouble(m -> merit(m.metrics(), Metrics.AUC_ROC));
    List<Trained> among = others.isEmpty() ? models : others;
    // The first of equals: the order of the definitions decides.
    return among.reversed().stream().max(order).orElseThrow();
  }

  private Map<String, Double> better(Map<String, Double> a, Map<String, Double> b) {
    return merit(a, Metrics.AUC_ROC) >= merit(b, Metrics.AUC_ROC) ? a : b;
  }

  private static double merit(Map<String, Double> metrics, String name) {
    Double value = metrics.get(name);
    if (value == null || value.isNaN()) return Double.NEGATIVE_INFINITY;
    return Metrics.lowerIsBetter(name) ? -value : value;
  }

  private boolean isBaseline(String kind) {
    return recipe.candidates().stream()
        .anyMatch(c -> c.kind().equals(kind) && Recipe.isBaseline(c));
  }

  // register and deploy

  Ending<Outputs.Register> register(
      Outputs.Data data, Outputs.Features features, Outputs.Gate gate) {
    Trained candidate = gate.candidate();
    Semver parent = champion().map(ModelVersion::version).orElse(null);
    var draft =
        new Draft(
            recipe.model(),
            parent,
            new Make(
                candidate.kind(),
                candidate.parameters(),
                features.features(),
                features.inputs(),
                features.version()),
            candidate.model(),
            candidate.model(),
            data.version(),
            features.version(),
            CodeVersion.of(recipe.project().folder(), recipe.project().files()),
            candidate.run(),
            Json.MAPPER.valueToTree(gate.results()),
            candidate.metrics(),
            run.reasons());
    return tx -> new Outputs.Register(parts.registry().register(tx, draft).version().toString());
  }

  Ending<Outputs.Deploy> deploy(Outputs.Register registered) {
    ModelVersion version = parts.registry().get(recipe.model(), Semver.parse(registered.version()));
    boolean isFirst = champion().filter(c -> !c.version().equals(version.version())).isEmpty();
    var rollout = isFirst ? Deployer.Rollout.DIRECT : Deployer.Rollout.CANARY;
    runner.progress(Stage.DEPLOY, version.id(), 0);
    String done = parts.deployer().deploy(version, rollout, String.join(", ", run.reasons()));
    return _ -> new Outputs.Deploy(done, rollout);
  }

  // the record

  /// Ends the tracking runs that an earlier attempt left running.
  void killLeftovers(String kept) {
    record = kept;
    killLeftovers(tracking(), run, kept);
  }

  /// @param kept the id of a tracking run that goes on; empty for none
  static void killLeftovers(Tracking tracking, PipelineRun run, String kept) {
    for (Run left : tracking.tagged(RUN_TAG, run.id().toString(), LEFTOVERS_MAX)) {
      if (left.state() == Run.State.RUNNING && !left.id().equals(kept)) {
        tracking.finish(left.id(), Run.State.KILLED);
      }
    }
  }

  /// Ends the tracking run of the whole.
  void endRecord(PipelineRun.State state) {
    String whole = record;
    killLeftovers(tracking(), run, whole == null ? "" : whole);
    if (whole == null) return;
    if (tracking().get(whole).state() != Run.State.RUNNING) return;
    tracking().tag(whole, Map.of("orrery.outcome", state.name()));
    tracking()
        .finish(whole, state == PipelineRun.State.FAILED ? Run.State.FAILED : Run.State.FINISHED);
  }

  private Optional<ModelVersion> champion() {
    return parts.champions().of(recipe.model());
  }

  private Tracking tracking() {
    return parts.tracking();
  }
}
