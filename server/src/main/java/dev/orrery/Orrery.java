package dev.orrery;

import dev.orrery.access.Audit;
import dev.orrery.access.Permission;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.DiskReserve;
import dev.orrery.base.DiskRoom;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.blob.Blobs;
import dev.orrery.clock.ClockRoutes;
import dev.orrery.clock.Clockwork;
import dev.orrery.data.Datasets;
import dev.orrery.engine.Engine;
import dev.orrery.feature.FeatureVersions;
import dev.orrery.inference.Catalog;
import dev.orrery.inference.CatalogOptions;
import dev.orrery.inference.InferenceRoutes;
import dev.orrery.jobs.Jobs;
import dev.orrery.lineage.Lineage;
import dev.orrery.mlflow.Unspoken;
import dev.orrery.mlflow.Wire;
import dev.orrery.monitor.MonitorRoutes;
import dev.orrery.pipeline.PipelineRoutes;
import dev.orrery.project.Project;
import dev.orrery.registry.ModelFinder;
import dev.orrery.registry.Registry;
import dev.orrery.registry.Rules;
import dev.orrery.registry.RunUse;
import dev.orrery.retrain.RetrainRoutes;
import dev.orrery.scorecard.AuditRoutes;
import dev.orrery.scorecard.Pulse;
import dev.orrery.scorecard.ScorecardRoutes;
import dev.orrery.serving.EndpointServable;
import dev.orrery.serving.LoadRoutes;
import dev.orrery.serving.ServingRoutes;
import dev.orrery.sql.Database;
import dev.orrery.sql.Db;
import dev.orrery.sql.HomeId;
import dev.orrery.sql.StoreLock;
import dev.orrery.tracking.ExperimentApi;
import dev.orrery.tracking.ExperimentRoutes;
import dev.orrery.tracking.ImportApi;
import dev.orrery.tracking.InputRoutes;
import dev.orrery.tracking.LoggedModelRoutes;
import dev.orrery.tracking.LoggedModels;
import dev.orrery.tracking.MetricRoutes;
import dev.orrery.tracking.Removal;
import dev.orrery.tracking.RunApi;
import dev.orrery.tracking.RunRoutes;
import dev.orrery.tracking.TextSearch;
import dev.orrery.tracking.Tracking;
import dev.orrery.web.AccessLog;
import dev.orrery.web.Meters;
import dev.orrery.web.Once;
import dev.orrery.web.Outbound;
import dev.orrery.web.Response;
import dev.orrery.web.Route;
import dev.orrery.web.Routes;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The composition root: everything is made here, from the ground up, and closed in reverse.
public final class Orrery implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Orrery.class);
  private static final int WORKERS = 2;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final OrreryOptions options;
  private final Routes routes = new Routes();
  private final WebServer web;
  private @Nullable Clockwork clock;

  /// What runs here.
  private record Version(String version, String java) {
    static Version here() {
      String version = Orrery.class.getPackage().getImplementationVersion();
      return new Version(
          version == null ? "dev" : version, System.getProperty("java.version", "unknown"));
    }
  }

  /// What is answered, for people who look around.
  private record Index(List<Entry> routes) {
    record Entry(String method, String path) {}

    static Index of(List<Route> routes) {
      return new Index(
          routes.stream()
              .map(route -> new Entry(route.method(), route.pattern()))
              .sorted(Comparator.comparing(Entry::path).thenComparing(Entry::method))
              .toList());
    }
  }

  private Orrery(OrreryOptions options, InstantSource real) {
    this.options = options;
    try {
      this.web = build(real);
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /// Starts a server on a folder; it answers requests once this returns.
  ///
  /// @throws Problem if the folder, its project, its store or the port does not let it
  public static Orrery start(OrreryOptions options, InstantSource real) {
    return new Orrery(options, real);
  }

  public int port() {
    return web.port();
  }

  public String address() {
    return "http://%s:%d".formatted(options.host(), port());
  }

  /// What the clock of the loop shows.
  public Clockwork.State clock() {
    return Objects.requireNonNull(clock).state();
  }

  /// Everything that is answered, besides `/health` and the console's files.
  public List<Route> routes() {
    return routes.all();
  }

  private WebServer build(InstantSource real) {
    Path home = options.home();
    Path store = home.resolve(".orrery");
    var webOptions = new WebOptions(options.host(), options.port());
    // A start that must fail leaves no store behind; who holds one is told below.
    if (StoreLock.holder(store).isEmpty()) WebServer.requireFree(webOptions);
    Optional<Project> project =
        Project.isIn(home) ? Optional.of(Project.load(home)) : Optional.empty();
    StoreLock lock = closing(StoreLock.acquire(store, options.command()));

    DiskReserve reserve = new DiskReserve(store, options.reserveBytes());
    Db db = closing(rows(store, reserve));
    Clockwork clock = clock(real, db);
    this.clock = clock;
    Blobs blobs = Blobs.folder(store.resolve("blobs"), DiskRoom.above(store, reserve::floorBytes));
    Lineage lineage = new Lineage(db);
    Audit audit = new Audit(db, clock);
    Jobs jobs = closing(new Jobs(db, real));
    Engine engine = closing(new Engine(options.threads(), "2GB"));

    Datasets datasets = new Datasets(db, blobs, engine, store.resolve("scratch"), clock);
    Tracking tracking = new Tracking(db, blobs, clock);
    Artifacts artifacts = new Artifacts(db, blobs, clock, Tracking::requireOwner);
    LoggedModels models = new LoggedModels(clock);
    Registry registry =
        Registry.open(
            new Registry.Setup(
                db,
                blobs,
                lineage,
                audit,
                jobs,
                artifacts,
                models,
                store.resolve("keys"),
                new Outbound(allowed(project)),
                project.map(Rules::of).orElse(Rules.NONE),
                clock,
                real));

    Once once = new Once(db, real);
    Wire mlflow = new Wire(routes, once);
    ExperimentRoutes.add(mlflow, db, clock);
    InputRoutes.add(mlflow, db);
    LoggedModelRoutes.add(mlflow, db, models);
    Removal removal = new Removal(db, artifacts, lineage, RunUse::of);
    RunApi.add(routes, db, artifacts, removal, once, clock);
    ImportApi.add(routes, db, artifacts, clock);
    TextSearch search = ExperimentApi.add(routes, db, artifacts, once, clock);
    search.add(ModelFinder.source(db));
    clock.chore(search::readMarked);
    registry.addRoutes(routes, mlflow, once);
    RunRoutes.add(mlflow, db, clock, models);
    MetricRoutes.add(mlflow, db);
    Unspoken.add(routes);
    routes.get("/api/v1/version", Permission.VIEW, _ -> Response.json(Version.here()));
    routes.get("/api/v1", Permission.VIEW, _ -> Response.json(Index.of(routes.all())));
    ClockRoutes.add(routes, clock);

    FeatureVersions features = new FeatureVersions(db, clock);
    Optional<Project> looping = project.filter(p -> !p.data().isEmpty() && !p.model().isEmpty());
    Optional<Loop> loop =
        looping.map(p ->
            Loop.of(
                p,
                new Loop.Ground(
                    db,
                    blobs,
                    audit,
                    lineage,
                    jobs,
                    datasets,
                    features,
                    tracking,
                    registry,
                    store,
                    options.threads(),
                    clock)));
    loop.ifPresent(l -> closing(l.endpoint()));
    closing(
        Storage.open(
                routes,
                mlflow,
                db,
                blobs,
                artifacts,
                models,
                registry.models(),
                removal,
                audit,
                reserve,
                loop.map(l -> l.endpoint().looks()).orElseGet(LinkedHashMap::new),
                real)
            .sweeping());
    ServingRoutes.add(routes, () -> loop.orElseThrow(Orrery::noProject).endpoint());
    LoadRoutes.add(
        routes, () -> loop.orElseThrow(Orrery::noProject).endpoint(), registry.loads(), clock);
    Catalog catalog = new Catalog(CatalogOptions.DEFAULT);
    catalog.whenEmpty(Orrery::noProject);
    loop.ifPresent(l -> catalog.add(new EndpointServable(l.endpoint(), clock)));
    InferenceRoutes.add(routes, catalog);
    PipelineRoutes.add(routes, () -> loop.orElseThrow(Orrery::noProject).pipelines());
    MonitorRoutes.add(routes, () -> loop.orElseThrow(Orrery::noProject).monitor(), clock);
    RetrainRoutes.add(routes, () -> loop.orElseThrow(Orrery::noProject).retrainer());
    ScorecardRoutes.add(
        routes,
        loop.map(Loop::scorecard),
        loop.map(Loop::endpoint),
        new ScorecardRoutes.Trails(
            lineage,
            registry,
            datasets,
            features,
            looping.map(p -> () -> Project.load(p.folder()))),
        clock);
    AuditRoutes.add(routes, audit);
    loop.ifPresent(Loop::turn);
    Pulse.add(routes, clock);
    clock.idleWhen(jobs::idle);
    jobs.start(WORKERS);
    clock.start();
    closing(clock);
    Meters meters = new Meters();
    String where = options.accessLog();
    AccessLog log = where == null ? null : closing(AccessLog.open(where, meters, real));
    WebServer server = closing(WebServer.start(webOptions, routes, meters, log));
    loop.ifPresent(l -> MonitorRoutes.meter(meters, l::monitor));
    loop.ifPresent(l -> l.endpoint().meter(meters));
    lock.servesOn(server.port());
    return server;
  }

  private Db rows(Path store, DiskReserve reserve) {
    Database database = options.database();
    Db db =
        database == null
            ? Db.sqlite(store.resolve("orrery.db"), reserve::release)
            : Db.postgres(database);
    try {
      db.migrate();
      if (database != null) db.claim(HomeId.of(store));
      String unguarded = db.unguarded();
      if (!unguarded.isEmpty()) LOG.warn("bit rot in the rows would not be seen: {}", unguarded);
    } catch (Throwable e) {
      db.close();
      throw e;
    }
    return db;
  }

  private Clockwork clock(InstantSource real, Db db) {
    if (options.virtualClock() != null) {
      return Clockwork.virtual(real, options.virtualClock(), db);
    }
    return Clockwork.isVirtual(db)
        ? Clockwork.virtual(real, real.instant(), db)
        : Clockwork.real(real, db);
  }

  private <T extends AutoCloseable> T closing(T part) {
    open.push(part);
    return part;
  }

  /// The hosts that the operator lets this server call, wherever they are.
  private static List<String> allowed(Optional<Project> project) {
    List<String> hosts =
        new ArrayList<>(Outbound.hosts(System.getenv().getOrDefault("ORRERY_OUTBOUND_ALLOW", "")));
    project
        .flatMap(p -> p.outbound().find("allow"))
        .ifPresent(list -> list.list().forEach(host -> hosts.add(host.text())));
    return hosts;
  }

  private static Problem noProject() {
    return new Problem(
        Fault.NO_PROJECT,
        "this server has no project with data and a model",
        "Start it with 'orrery up --home DIR' on a folder whose orrery.yaml has both");
  }

  /// Stops taking requests, answers those in flight, and closes every part in reverse.
  @Override
  public void close() {
    while (!open.isEmpty()) {
      AutoCloseable part = open.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close well", part.getClass().getSimpleName(), e);
      }
    }
  }
}
