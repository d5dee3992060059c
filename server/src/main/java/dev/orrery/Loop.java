package dev.orrery;

import dev.orrery.access.Audit;
import dev.orrery.base.Fault;
import dev.orrery.base.Name;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.blob.Blobs;
import dev.orrery.clock.Clockwork;
import dev.orrery.data.Datasets;
import dev.orrery.feature.FeatureVersions;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.model.ModelPackage;
import dev.orrery.monitor.Monitor;
import dev.orrery.monitor.MonitorBlock;
import dev.orrery.monitor.Probe;
import dev.orrery.monitor.Source;
import dev.orrery.pipeline.Champions;
import dev.orrery.pipeline.Deployer;
import dev.orrery.pipeline.Libraries;
import dev.orrery.pipeline.Parts;
import dev.orrery.pipeline.PipelineEvent;
import dev.orrery.pipeline.PipelineRun;
import dev.orrery.pipeline.Pipelines;
import dev.orrery.pipeline.TrainedOn;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelVersion;
import dev.orrery.registry.Registry;
import dev.orrery.retrain.RetrainBlock;
import dev.orrery.retrain.Retrainer;
import dev.orrery.retrain.Service;
import dev.orrery.retrain.Trainings;
import dev.orrery.scorecard.Scorecard;
import dev.orrery.serving.Blueprint;
import dev.orrery.serving.Endpoint;
import dev.orrery.serving.Made;
import dev.orrery.serving.ServeBlock;
import dev.orrery.serving.Traffic;
import dev.orrery.sql.Db;
import dev.orrery.tracking.Tracking;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// One project's loop, wired: what each part asks of those above it is answered here.
record Loop(
    Endpoint endpoint,
    Pipelines pipelines,
    Monitor monitor,
    Retrainer retrainer,
    Scorecard scorecard,
    Clockwork clock) {

  /// What a loop stands on.
  record Ground(
      Db db,
      Blobs blobs,
      Audit audit,
      Lineage lineage,
      Jobs jobs,
      Datasets datasets,
      FeatureVersions featureVersions,
      Tracking tracking,
      Registry registry,
      Path store,
      int threads,
      Clockwork clock) {}

  static Loop of(Project project, Ground on) {
    Name model = new Name(project.model().text("name", project.name().text()));
    Endpoint.Models models =
        new RegistryModels(on.registry(), on.tracking(), on.featureVersions(), model);
    Endpoint endpoint =
        Endpoint.open(
            new Endpoint.Setup(
                on.store().resolve("predictions"),
                on.db(),
                on.audit(),
                on.lineage(),
                on.registry().promotions(),
                on.datasets(),
                ServeBlock.read(project.serve(), model.text()).endpoint(),
                () -> Blueprint.of(Project.load(project.folder())),
                model.text(),
                models,
                on.clock()));
    Pipelines pipelines = new Pipelines(parts(project, on, model, endpoint));
    Monitor monitor =
        new Monitor(
            on.db(),
            Source.of(endpoint, models),
            MonitorBlock.read(project.monitor()),
            Probe.machine());
    Retrainer retrainer =
        new Retrainer(
            on.db(),
            Service.of(endpoint),
            monitor,
            RetrainBlock.read(project.retrain()),
            new PipelineTrainings(on.db(), pipelines, on.registry(), on.datasets(), model));
    var scorecard =
        new Scorecard(
            project, model, on.registry(), pipelines, endpoint, monitor, retrainer, on.clock());
    return new Loop(endpoint, pipelines, monitor, retrainer, scorecard, on.clock());
  }

  private static Parts parts(Project project, Ground on, Name model, Endpoint endpoint) {
    return new Parts(
        on.db(),
        on.blobs(),
        on.jobs(),
        on.datasets(),
        on.featureVersions(),
        on.tracking(),
        on.registry(),
        () -> Project.load(project.folder()),
        new ServedChampion(on.registry(), model, endpoint, project.folder()),
        endpoint::liveRows,
        (version, rollout, why) -> deploy(on, endpoint, version, rollout, why),
        on.threads(),
        on.clock());
  }

  /// The version that the endpoint serves.
  private record ServedChampion(Registry registry, Name model, Endpoint endpoint, Path folder)
      implements Champions {
    @Override
    public Optional<ModelVersion> of(Name asked) {
      return endpoint.traffic().map(traffic -> registry.get(model, traffic.champion()));
    }

    @Override
    public Optional<Definitions> definitions() {
      Blueprint present = Blueprint.of(Project.load(folder));
      return endpoint
          .blueprint()
          .filter(served -> !served.computesAs(present))
          .map(served -> new Definitions(served.dataset(), served.features()));
    }
  }

  /// Deploys a version unless it is in service already, for a run that was cut short asks again, or
  /// another person must approve it first: then who promotes it deploys it.
  private static String deploy(
      Ground on, Endpoint endpoint, ModelVersion version, Deployer.Rollout rollout, String why) {
    Semver number = version.version();
    Optional<Traffic> traffic = endpoint.traffic();
    boolean there =
        traffic
            .map(now -> now.stack().contains(number) || number.equals(now.trial()))
            .orElse(false);
    if (!there && on.db().read(tx -> on.registry().promotions().waits(tx, version))) {
      return "waits for another person: orrery model approve %s %d, then promote"
          .formatted(version.model(), version.number());
    }
    if (there && rollout == Deployer.Rollout.DIRECT) return "all traffic of " + endpoint.name();
    try {
      if (!there) endpoint.deploy(number, version.dataVersion(), "orrery", why);
    } catch (Problem e) {
      // A test names the versions that it is about, and what was made elsewhere needs a reason;
      // others wait for somebody to start them.
      if (e.fault() != Fault.BAD_AB_TEST && e.fault() != Fault.MADE_ELSEWHERE) throw e;
      return "registered, not deployed: " + e.getMessage();
    }
    Traffic now = endpoint.traffic().orElseThrow();
    if (now.canary() != null) return "canary at " + endpoint.name();
    if (now.candidate() != null) return "shadow at " + endpoint.name();
    return now.experiment() != null
        ? "A/B test at " + endpoint.name()
        : "all traffic of " + endpoint.name();
  }

  /// The registry's versions, as the endpoint asks for them.
  private record RegistryModels(
      Registry registry, Tracking tracking, FeatureVersions features, Name model)
      implements Endpoint.Models {
    @Override
    public ModelPackage load(Semver version) {
      return registry.open(registry.get(model, version));
    }

    @Override
    public Optional<Made> made(Semver version) {
      ModelVersion found = registry.get(model, version);
      String digest =
          features.all().stream()
              .filter(one -> found.featuresVersion().equals(one.version().toString()))
              .findFirst()
              .map(one -> one.digest().hex())
              .orElse(null);
      SortedMap<String, String> tags =
          tracking.find(found.run()).isEmpty()
              ? new TreeMap<>()
              : tracking.data(found.run()).tags();
      return Optional.of(
          new Made(
              found.dataVersion(),
              digest,
              found.featuresVersion(),
              TrainedOn.read(tracking, found.run()).orElse(null),
              Libraries.of(tags)));
    }
  }

  /// Has the chores of the loop done whenever the clock has moved.
  void turn() {
    // The end of a training does not move the clock.
    pipelines.listen(event -> {
      if (event instanceof PipelineEvent.RunEnded) retrainer.follow(clock.instant());
    });
    clock.chore(endpoint::tick);
    // On the virtual clock all that was answered before a move is scored when it is done.
    if (clock.state().virtual()) clock.chore(endpoint::catchUpShadow);
    else endpoint.followWithShadow();
    clock.chore(endpoint::archiveWhenQuiet);
    clock.chore(() -> monitor.check(clock.instant()));
    clock.chore(() -> retrainer.consider(clock.instant()));
  }

  /// The pipeline, as the retrainer sees it.
  private record PipelineTrainings(
      Db db, Pipelines pipelines, Registry registry, Datasets datasets, Name model)
      implements Trainings {
    @Override
    public Training start(List<String> reasons) {
      return told(pipelines.retrain(reasons));
    }

    @Override
    public Optional<Training> newest() {
      return pipelines.newest(1).stream().findFirst().map(PipelineTrainings::told);
    }

    @Override
    public Training get(String id) {
      return told(pipelines.get(UUID.fromString(id)));
    }

    @Override
    public Optional<Instant> knownUntil(Semver version) {
      return registry
          .find(model, version)
          .map(found -> datasets.get(found.dataVersion()).knownUntil());
    }

    @Override
    public boolean waits(Semver candidate) {
      return registry
          .find(model, candidate)
          .filter(found -> db.read(tx -> registry.promotions().waits(tx, found)))
          .isPresent();
    }

    @Override
    public void aborted(Semver candidate, String why) {
      registry.mark(model, candidate, ModelVersion.State.REJECTED, why);
    }

    private static Training told(PipelineRun run) {
      Training.State state =
          switch (run.state()) {
            case WAITING, RUNNING -> Training.State.RUNNING;
            case SUCCEEDED -> Training.State.RELEASED;
            case REJECTED -> Training.State.REJECTED;
            case FAILED -> Training.State.FAILED;
          };
      String version = run.version();
      Semver candidate =
          version == null
              ? null
              : Semver.parse(
                  version.substring(
                      Math.max(version.lastIndexOf('/'), version.lastIndexOf('@')) + 1));
      String why =
          run.failure() != null ? run.failure().what() : String.join("; ", run.rejections());
      return new Training(run.id().toString(), run.createdAt(), state, candidate, why);
    }
  }
}
