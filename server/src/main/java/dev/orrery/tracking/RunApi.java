package dev.orrery.tracking;

import dev.orrery.access.Permission;
import dev.orrery.artifact.Artifacts;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import dev.orrery.web.Once;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// `/api/v1`: runs, as the console and the command line ask for them.
public final class RunApi {
  private static final int COLUMNS_MAX = 5_000;
  private static final int IDS_MAX = 10_000;
  private static final RouteOptions SEARCH =
      RouteOptions.DEFAULT.withDeadline(Duration.ofMinutes(1));

  /// Ids of runs.
  record Ids(@Nullable List<String> ids) {}

  /// Tags to set; null removes one.
  record Tags(@Nullable Map<String, @Nullable String> tags) {}

  private record Groups(List<RunGroups.Group> groups) {}

  private record AllSeries(List<SeriesStore.Series> series) {}

  private record Changed(int changed) {}

  private final Db db;
  private final Artifacts artifacts;
  private final Removal removal;
  private final Once once;
  private final InstantSource clock;

  private RunApi(Db db, Artifacts artifacts, Removal removal, Once once, InstantSource clock) {
    this.db = db;
    this.artifacts = artifacts;
    this.removal = removal;
    this.once = once;
    this.clock = clock;
  }

  public static void add(
      Routes routes, Db db, Artifacts artifacts, Removal removal, Once once, InstantSource clock) {
    var api = new RunApi(db, artifacts, removal, once, clock);
    routes.post("/api/v1/runs/search", Permission.VIEW, SEARCH, api::search);
    routes.post("/api/v1/runs/groups", Permission.VIEW, SEARCH, api::groups);
    routes.get("/api/v1/runs/columns?experiment", Permission.VIEW, api::columns);
    routes.post("/api/v1/metrics/series", Permission.VIEW, SEARCH, api::series);
    routes.get("/api/v1/runs/{id}", Permission.VIEW, api::detail);
    routes.get("/api/v1/runs/{id}/events", Permission.VIEW, api::events);
    routes.post("/api/v1/runs/{id}/tags", Permission.EDIT, api::tags);
    routes.post("/api/v1/runs/delete", Permission.EDIT, api::delete);
    routes.post("/api/v1/runs/restore", Permission.EDIT, api::restore);
    routes.delete("/api/v1/runs/{id}?hard", Permission.EDIT, SEARCH, api::remove);
  }

  private Response search(Request request) {
    RunQuery query = request.json(RunQuery.class);
    return Response.json(db.read(tx -> RunQueryStore.search(tx, query)));
  }

  private Response groups(Request request) {
    RunGroups.Ask ask = request.json(RunGroups.Ask.class);
    return Response.json(new Groups(db.read(tx -> RunGroups.of(tx, ask))));
  }

  private Response columns(Request request) {
    String experiment = request.query("experiment").orElse(null);
    Long id = experiment == null ? null : Experiments.number(experiment);
    return Response.json(db.read(tx -> RunColumns.of(tx, id, COLUMNS_MAX)));
  }

  private Response series(Request request) {
    SeriesStore.Ask ask = request.json(SeriesStore.Ask.class);
    return Response.json(new AllSeries(db.read(tx -> SeriesStore.of(tx, ask))));
  }

  private Response detail(Request request) {
    String id = request.path("id");
    long files = artifacts.count("run/" + id);
    return Response.json(db.read(tx -> detail(tx, id, files)));
  }

  static RunDetail detail(Tx tx, String id, long files) {
    RunView run = view(tx, id);
    List<RunModel> linked = InputStore.models(tx, List.of(id)).getOrDefault(id, List.of());
    return new RunDetail(
        run,
        Experiments.get(tx, run.experiment()).name(),
        InputStore.datasets(tx, List.of(id)).getOrDefault(id, List.of()).stream()
            .map(RunDetail.Input::of)
            .toList(),
        linked.stream()
            .filter(model -> model.role() == RunModel.Role.OUTPUT)
            .map(model -> new RunDetail.Output(model.model(), model.step()))
            .toList(),
        RunDetail.environment(run.tags()),
        RunDetail.resources(run.tags()),
        files,
        LoggedModelStore.ofRun(tx, id, linked));
  }

  private static RunView view(Tx tx, String id) {
    List<RunView> found = RunQueryStore.byIds(tx, List.of(id), RunQuery.Columns.ALL);
    if (found.isEmpty()) throw Problem.notFound("run", Texts.shown(id), "Search the runs");
    return found.getFirst();
  }

  private Response events(Request request) {
    String id = request.path("id");
    db.read(tx -> Runs.get(tx, id));
    return Response.events(events -> RunFollower.follow(db, id, events));
  }

  private Response tags(Request request) {
    String id = request.path("id");
    Map<String, @Nullable String> tags = request.json(Tags.class).tags();
    if (tags == null || tags.isEmpty()) {
      throw new Problem(
          Fault.BAD_PARAMETER, "tags are missing", "Send {\"tags\": {\"name\": \"value\"}}");
    }
    Map<String, String> set = new LinkedHashMap<>();
    tags.forEach((name, value) -> {
      if (value != null) set.put(name, value);
    });
    Tracking.checkTags(set);
    return once.write(
        request,
        tx -> {
          Run run = Runs.active(tx, id);
          Runs.setTags(tx, run, set);
          for (String gone : tags.keySet()) {
            if (!set.containsKey(gone)) {
              tx.update("delete from run_tag where run = ? and name = ?", id, gone);
            }
          }
          return Response.json(Map.of("tags", RunStore.tags(tx, id)));
        });
  }

  private Response delete(Request request) {
    List<String> ids = ids(request);
    return once.write(request, tx -> Response.json(new Changed(mark(tx, ids, Lifecycle.DELETED))));
  }

  private Response restore(Request request) {
    List<String> ids = ids(request);
    return once.write(request, tx -> Response.json(new Changed(mark(tx, ids, Lifecycle.ACTIVE))));
  }

  /// Hides a run; with `hard=true` removes it for good.
  private Response remove(Request request) {
    String id = request.path("id");
    if (request.flag("hard")) {
      removal.run(id);
      return Response.json(new Changed(1));
    }
    return once.write(
        request, tx -> Response.json(new Changed(mark(tx, List.of(id), Lifecycle.DELETED))));
  }

  private int mark(Tx tx, List<String> ids, Lifecycle to) {
    int changed = 0;
    for (String id : ids) {
      if (Runs.get(tx, id).lifecycle() == to) continue;
      if (to == Lifecycle.DELETED) Runs.delete(tx, id, clock.instant());
      else Runs.restore(tx, id);
      changed++;
    }
    return changed;
  }

  private static List<String> ids(Request request) {
    List<String> ids = Objects.requireNonNullElse(request.json(Ids.class).ids(), List.of());
    if (ids.isEmpty() || ids.size() > IDS_MAX || ids.stream().anyMatch(Objects::isNull)) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "%,d runs are named".formatted(ids.size()),
          "Send {\"ids\": [...]} with 1 to %,d ids".formatted(IDS_MAX));
    }
    return ids;
  }
}
