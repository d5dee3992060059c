package dev.orrery.scorecard;

import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.clock.Clockwork;
import dev.orrery.model.ModelPackage;
import dev.orrery.monitor.Check;
import dev.orrery.monitor.DayPerformance;
import dev.orrery.monitor.Finding;
import dev.orrery.monitor.Monitor;
import dev.orrery.pipeline.PipelineRun;
import dev.orrery.pipeline.Pipelines;
import dev.orrery.pipeline.StageRun;
import dev.orrery.pipeline.StageText;
import dev.orrery.project.Project;
import dev.orrery.registry.LoadTest;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Registry;
import dev.orrery.retrain.Decided;
import dev.orrery.retrain.Retrain;
import dev.orrery.retrain.Retrainer;
import dev.orrery.serving.Deployment;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.Traffic;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Puts the scorecard of a project together.
public final class Scorecard {
  private static final int VERSIONS_MAX = 50;
  private static final int FINDINGS_MAX = 20;
  private static final int OPEN_MAX = 1_000;
  private static final int DAYS_MAX = 400;
  private static final long ENOUGH_ANSWERS = 1_000;
  private static final List<String> LATENCIES = List.of("latency", "p99_latency", "latency_p99");

  private final Project project;
  private final Name model;
  private final Registry registry;
  private final Pipelines pipelines;
  private final Endpoint endpoint;
  private final Monitor monitor;
  private final Retrainer retrainer;
  private final Clockwork clock;
  private final Rate rate = new Rate();

  public Scorecard(
      Project project,
      Name model,
      Registry registry,
      Pipelines pipelines,
      Endpoint endpoint,
      Monitor monitor,
      Retrainer retrainer,
      Clockwork clock) {
    this.project = project;
    this.model = model;
    this.registry = registry;
    this.pipelines = pipelines;
    this.endpoint = endpoint;
    this.monitor = monitor;
    this.retrainer = retrainer;
    this.clock = clock;
  }

  public Overview overview() {
    Optional<Traffic> traffic = endpoint.traffic();
    List<ModelVersion> versions = registry.list(model, VERSIONS_MAX);
    List<Retrain> retrains = retrainer.retrains(VERSIONS_MAX);
    List<Deployment> moves = endpoint.moves(DAYS_MAX);
    return new Overview(
        project.name().text(),
        endpoint.name(),
        new Overview.Clock(clock.state().virtual(), clock.instant()),
        stages(traffic, retrains),
        performance(traffic, moves, retrains),
        versions.stream().map(version -> version(version, traffic)).toList(),
        monitor.findings(FINDINGS_MAX, false).stream().map(Scorecard::found).toList(),
        criteria(),
        live(),
        retrains.stream().map(Scorecard::retraining).toList(),
        next(traffic));
  }

  /// The criteria and constraints with their states.
  public List<Criteria.Line> criteria() {
    return Criteria.of(project, measured());
  }

  private Map<String, Criteria.Measured> measured() {
    var measured = new HashMap<String, Criteria.Measured>();
    endpoint
        .traffic()
        .flatMap(traffic -> registry.find(model, traffic.champion()))
        .ifPresent(version -> {
          String evidence =
              "version %s, run %s, validation".formatted(version.version(), version.run());
          version
              .metrics()
              .forEach((name, value) -> measured.put(name, new Criteria.Measured(value, evidence)));
        });
    monitor
        .latest()
        .ifPresent(check ->
            check
                .figures()
                .forEach((name, value) ->
                    measured.put(
                        name, new Criteria.Measured(value, "served until " + check.to()))));
    endpoint
        .champion()
        .map(ModelPackage::size)
        .ifPresent(size ->
            measured.put(
                "model_size", new Criteria.Measured((double) size, "the champion's package")));
    if (endpoint.predictionCount() >= ENOUGH_ANSWERS) {
      double p99 = endpoint.latencies().quantileMillis(0.99) / 1e3;
      if (!Double.isNaN(p99)) {
        var latency = new Criteria.Measured(p99, "requests since the start");
        for (String name : LATENCIES) measured.put(name, latency);
      }
    }
    endpoint.traffic().ifPresent(traffic -> underLoad(traffic.champion(), measured));
    return measured;
  }

  /// What loads have shown of the champion: its newest report decides, if it counts. That of
  /// another version says nothing of this one.
  private void underLoad(Semver champion, Map<String, Criteria.Measured> measured) {
    Optional<LoadTest> newest = registry.loads().of(model, champion).stream().findFirst();
    if (newest.isEmpty()) {
      registry
          .loads()
          .newest(model)
          .ifPresent(other ->
              without(
                  measured,
                  "%s was of version %s, not %s"
                      .formatted(other.told(), other.version(), champion)));
      return;
    }
    LoadTest load = newest.get();
    if (!load.counts()) {
      without(
          measured,
          "%s of version %s does not count: %s"
              .formatted(load.told(), champion, String.join("; ", load.against())));
      return;
    }
    String evidence = "version %s, measured by %s, %s".formatted(champion, load.told(), load.at());
    var latency = new Criteria.Measured(load.figures().latency().p99() / 1e3, evidence);
    for (String name : LATENCIES) measured.put(name, latency);
    measured.put("throughput", new Criteria.Measured((double) load.figures().rate(), evidence));
  }

  /// Tells why a load is no evidence, beside what else was measured.
  private static void without(Map<String, Criteria.Measured> measured, String why) {
    for (String name : LATENCIES) {
      measured.compute(
          name,
          (_, other) ->
              other == null
                  ? new Criteria.Measured(null, why)
                  : new Criteria.Measured(other.value(), other.evidence() + "; " + why));
    }
    measured.put("throughput", new Criteria.Measured(null, why));
  }

  private List<Overview.Stage> stages(Optional<Traffic> traffic, List<Retrain> retrains) {
    var stages = new ArrayList<Overview.Stage>();
    Optional<PipelineRun> run = pipelines.newest(1).stream().findFirst();
    Map<String, StageRun> latest = new HashMap<>();
    run.ifPresent(
        newest -> pipelines.stages(newest.id()).forEach(stage -> latest.put(id(stage), stage)));
    for (String id : List.of("data", "features", "train", "gate", "register", "deploy")) {
      stages.add(stage(id, latest.get(id), run));
    }
    traffic.ifPresent(now -> stages.add(deployed(stages.removeLast(), now)));
    Optional<Check> check = monitor.latest();
    List<Finding> open = monitor.findings(OPEN_MAX, true);
    long critical = open.stream().filter(f -> f.severity() == Finding.Severity.CRITICAL).count();
    stages.add(
        new Overview.Stage(
            "monitor",
            traffic.isEmpty() ? "waiting" : check.isPresent() ? "ok" : "waiting",
            check
                .map(_ -> "%d open findings, %d critical".formatted(open.size(), critical))
                .orElse(null),
            check.map(Check::to).orElse(null)));
    Optional<Retrain> last = retrains.stream().findFirst();
    Optional<Decided> held =
        retrainer.decisions(1).stream()
            .findFirst()
            .filter(decided -> decided.verdict() == Decided.Verdict.HELD);
    if (held.isPresent() && (last.isEmpty() || last.get().promoted() != null)) {
      Decided now = held.get();
      String reasons = String.join(", ", now.decision().reasons());
      stages.add(
          new Overview.Stage(
              "retrain", "waiting", "%s; held: %s".formatted(reasons, now.why()), now.at()));
      return stages;
    }
    stages.add(
        new Overview.Stage(
            "retrain",
            last.isEmpty() ? "waiting" : last.get().promoted() == null ? "running" : "ok",
            last.map(r -> String.join(", ", r.reasons())).orElse(null),
            last.map(Retrain::at).orElse(null)));
    return stages;
  }

  /// The station of deployment says what is so now, not what its last run began.
  private static Overview.Stage deployed(Overview.Stage stage, Traffic now) {
    if (!stage.state().equals("ok")) return stage;
    Traffic.Canary canary = now.canary();
    String detail =
        canary == null
            ? "all traffic to %s".formatted(now.champion())
            : "canary %s at %d %%".formatted(canary.version(), canary.percent());
    return new Overview.Stage(stage.id(), stage.state(), detail, stage.at());
  }

  private static String id(StageRun stage) {
    return stage.stage().name().toLowerCase(Locale.ROOT);
  }

  private static Overview.Stage stage(
      String id, @Nullable StageRun stage, Optional<PipelineRun> run) {
    if (stage == null) {
      boolean ended = run.map(r -> r.state().isEnd()).orElse(true);
      String state = run.isEmpty() ? "unknown" : ended ? "unknown" : "waiting";
      return new Overview.Stage(id, state, null, null);
    }
    boolean turnedAway =
        id.equals("gate") && run.map(r -> r.state() == PipelineRun.State.REJECTED).orElse(false);
    String state =
        switch (stage.state()) {
          case RUNNING -> "running";
          case FINISHED -> turnedAway ? "failed" : "ok";
          case FAILED -> "failed";
          case LOST -> "waiting";
        };
    Instant at = stage.endedAt() == null ? stage.startedAt() : stage.endedAt();
    return new Overview.Stage(id, state, StageText.of(stage), at);
  }

  private Overview.Performance performance(
      Optional<Traffic> traffic, List<Deployment> moves, List<Retrain> retrains) {
    Instant since = clock.instant().minus(Duration.ofDays(DAYS_MAX));
    var served = new TreeMap<String, @Nullable Double>();
    var first = new TreeMap<String, @Nullable Double>();
    for (DayPerformance day : monitor.days(since, 2 * DAYS_MAX)) {
      String date = LocalDate.ofInstant(day.from(), ZoneOffset.UTC).toString();
      boolean is = day.series() == DayPerformance.Series.SERVED;
      (is ? served : first).put(date, day.performance().aucRoc());
    }
    var days = new ArrayList<>(served.keySet());
    var firsts = new ArrayList<@Nullable Double>();
    for (String day : days) firsts.add(first.get(day));
    var marks = new ArrayList<Overview.Mark>();
    for (Finding finding : monitor.findings(FINDINGS_MAX, false)) {
      if (finding.kind() == Finding.Kind.DATA_DRIFT
          && finding.severity() == Finding.Severity.CRITICAL) {
        marks.add(new Overview.Mark(finding.openedAt(), "drift", finding.subject(), null));
      }
    }
    for (Retrain one : retrains) {
      marks.add(
          new Overview.Mark(one.at(), "retrain", String.join(", ", one.reasons()), text(one.to())));
    }
    for (Deployment move : moves) mark(move).ifPresent(marks::add);
    return new Overview.Performance(
        "auc_roc",
        days,
        new ArrayList<@Nullable Double>(served.values()),
        firsts,
        traffic.map(Traffic::shadow).map(Semver::toString).orElse(null),
        threshold(),
        marks);
  }

  private @Nullable Double threshold() {
    return project.success().offline().stream()
        .filter(criterion -> criterion.name().equals("auc_roc") && criterion.min() != null)
        .map(criterion -> java.util.Objects.requireNonNull(criterion.min()).value())
        .findFirst()
        .orElse(null);
  }

  private static Optional<Overview.Mark> mark(Deployment move) {
    String version = move.version().toString();
    return switch (move.kind()) {
      case PROMOTED ->
          Optional.of(new Overview.Mark(move.at(), "promotion", version + " promoted", version));
      case ABORTED ->
          Optional.of(new Overview.Mark(move.at(), "rejection", version + " aborted", version));
      case ROLLED_BACK ->
          Optional.of(new Overview.Mark(move.at(), "rollback", "back to " + version, version));
      case DEPLOYED,
          CANARY_STARTED,
          CANARY_STEPPED,
          SHADOW_STARTED,
          EXPERIMENT_STARTED,
          EXPERIMENT_ENDED,
          CONFIGURED ->
          Optional.empty();
    };
  }

  private static Overview.Version version(ModelVersion version, Optional<Traffic> traffic) {
    String state = version.state().name().toLowerCase(Locale.ROOT);
    double share = 0;
    if (traffic.isPresent()) {
      Traffic now = traffic.get();
      Traffic.Canary canary = now.canary();
      double trial = canary == null ? 0 : canary.percent() / 100.0;
      if (version.version().equals(now.champion())) {
        state = "champion";
        share = 1 - trial;
      } else if (canary != null && version.version().equals(canary.version())) {
        state = "canary";
        share = trial;
      } else if (version.version().equals(now.shadow())) {
        state = "shadow";
      } else if (now.stack().contains(version.version())) {
        state = "archived";
      }
    }
    return new Overview.Version(
        version.version().toString(),
        state,
        share,
        version.createdAt(),
        version.reasons(),
        version.metrics().get("auc_roc"),
        version.dataVersion(),
        version.run());
  }

  private static Overview.Found found(Finding finding) {
    return new Overview.Found(
        finding.kind() + "/" + finding.subject() + "/" + finding.openedAt(),
        finding.updatedAt(),
        finding.kind().name().toLowerCase(Locale.ROOT),
        finding.resolvedAt() == null ? finding.severity().name().toLowerCase(Locale.ROOT) : "info",
        finding.subject(),
        finding.message(),
        finding.value(),
        finding.threshold());
  }

  private Overview.Live live() {
    long predictions = endpoint.predictionCount();
    return new Overview.Live(
        predictions,
        endpoint.outcomeCount(),
        rate.of(predictions),
        finite(endpoint.latencies().quantileMillis(0.5)),
        finite(endpoint.latencies().quantileMillis(0.99)),
        0);
  }

  private static @Nullable String text(@Nullable Semver version) {
    return version == null ? null : version.toString();
  }

  private static @Nullable Double finite(double value) {
    return Double.isNaN(value) ? null : (Double) value;
  }

  private static Overview.Retraining retraining(Retrain one) {
    return new Overview.Retraining(
        one.at(), one.reasons(), one.from().toString(), text(one.to()), one.promoted());
  }

  private List<Overview.Next> next(Optional<Traffic> traffic) {
    if (traffic.isEmpty()) {
      return List.of(new Overview.Next("Train and deploy a first version", "orrery run"));
    }
    var next = new ArrayList<Overview.Next>();
    if (traffic.get().stack().size() > 1) {
      next.add(new Overview.Next("Roll back", "orrery rollback " + endpoint.name()));
    }
    next.add(new Overview.Next("See how it stands", "orrery status"));
    next.add(new Overview.Next("Trace one prediction", "orrery lineage PREDICTION_ID"));
    return next;
  }
}
