package dev.orrery.pipeline;

import dev.orrery.access.Permission;
import dev.orrery.base.Texts;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// `/api/v1/pipeline/runs`: starts runs and tells how they stand.
public final class PipelineRoutes {
  private static final int REASON_MAX = 100;

  private PipelineRoutes() {}

  /// A run with its stages.
  record Told(
      UUID id,
      String project,
      String model,
      String state,
      List<String> reasons,
      @Nullable String version,
      List<String> rejections,
      @Nullable Failure failure,
      Instant createdAt,
      @Nullable Instant endedAt,
      List<ToldStage> stages) {}

  /// The last attempt at a stage.
  record ToldStage(
      String name,
      String state,
      long attempt,
      Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable Long millis,
      @Nullable String detail,
      @Nullable Failure failure) {}

  /// @param pipelines gives the project's, or throws that there is no project
  public static void add(Routes routes, Supplier<Pipelines> pipelines) {
    routes.post(
        "/api/v1/pipeline/runs",
        Permission.EDIT,
        request ->
            Response.json(
                202, told(pipelines.get(), pipelines.get().train(List.of(reason(request))))));
    routes.post(
        "/api/v1/pipeline/retrain",
        Permission.EDIT,
        request ->
            Response.json(
                202, told(pipelines.get(), pipelines.get().retrain(List.of(reason(request))))));
    routes.post(
        "/api/v1/pipeline/reproduce/{run}",
        Permission.EDIT,
        RouteOptions.DEFAULT.withDeadline(Duration.ofMinutes(30)),
        request -> Response.json(pipelines.get().reproduce(request.path("run"))));
    routes.get(
        "/api/v1/pipeline/runs?limit",
        Permission.VIEW,
        request ->
            Response.json(
                pipelines.get().newest(request.number("limit", 20, 1, 1_000)).stream()
                    .map(run -> told(pipelines.get(), run))
                    .toList()));
    routes.get(
        "/api/v1/pipeline/runs/{id}",
        Permission.VIEW,
        request -> Response.json(told(pipelines.get(), pipelines.get().get(request.id("id")))));
  }

  /// Why a run is asked for, as the caller says.
  private record Reason(@Nullable String reason) {}

  private static String reason(Request request) {
    String reason = request.body().length == 0 ? null : request.json(Reason.class).reason();
    if (reason == null || reason.isBlank()) return "request";
    return Texts.shown(reason.substring(0, Math.min(REASON_MAX, reason.length())));
  }

  private static Told told(Pipelines pipelines, PipelineRun run) {
    var last = new java.util.LinkedHashMap<Stage, ToldStage>();
    for (StageRun stage : pipelines.stages(run.id())) {
      last.put(
          stage.stage(),
          new ToldStage(
              word(stage.stage()),
              word(stage.state()),
              stage.attempt(),
              stage.startedAt(),
              stage.endedAt(),
              stage.millis(),
              StageText.of(stage),
              stage.failure()));
    }
    return new Told(
        run.id(),
        run.project(),
        run.model().text(),
        word(run.state()),
        run.reasons(),
        run.version(),
        run.rejections(),
        run.failure(),
        run.createdAt(),
        run.endedAt(),
        new ArrayList<>(last.values()));
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
