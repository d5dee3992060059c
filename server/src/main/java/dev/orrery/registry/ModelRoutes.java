package dev.orrery.registry;

import dev.orrery.access.Permission;
import dev.orrery.base.Json;
import dev.orrery.base.Semver;
import dev.orrery.filter.Grammar;
import dev.orrery.mlflow.PageToken;
import dev.orrery.sql.Tx;
import dev.orrery.web.Once;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `/api/v1/models`: the registry as the console and the command line know it.
final class ModelRoutes {
  private static final String MODELS = "/api/v1/models";
  private static final String MODEL = MODELS + "/{name}";
  private static final String VERSION = MODEL + "/versions/{version}";
  private static final int PAGE = 200;
  private static final int PAGE_MAX = 1_000;
  private static final int HISTORY = 1_000;

  private final Models models;
  private final Promotions promotions;
  private final Registrar registrar;
  private final ModelViews views;
  private final Once once;

  private ModelRoutes(
      Models models, Promotions promotions, Registrar registrar, ModelViews views, Once once) {
    this.models = models;
    this.promotions = promotions;
    this.registrar = registrar;
    this.views = views;
    this.once = once;
  }

  static void add(
      Routes routes,
      Models models,
      Promotions promotions,
      Registrar registrar,
      ModelViews views,
      Once once) {
    var on = new ModelRoutes(models, promotions, registrar, views, once);
    routes.get(MODELS + "?limit&page&filter&order", Permission.VIEW, on::list);
    routes.post(MODELS, Permission.EDIT, on::create);
    routes.get(MODEL, Permission.VIEW, on::show);
    routes.get(MODEL + "/history?limit", Permission.VIEW, on::history);
    routes.post(MODEL + "/rollback", Permission.OPERATE, on::rollback);
    routes.post(MODEL + "/versions", Permission.EDIT, on::register);
    routes.get(VERSION, Permission.VIEW, on::version);
    routes.post(VERSION + "/stage", Permission.OPERATE, on::stage);
    routes.post(VERSION + "/approve", Permission.OPERATE, on::approve);
    routes.post(MODEL + "/aliases/{alias}", Permission.OPERATE, on::putAlias);
    routes.delete(MODEL + "/aliases/{alias}?why", Permission.OPERATE, on::deleteAlias);
    routes.post(VERSION + "/aliases/{alias}", Permission.OPERATE, on::putAliasOf);
    routes.delete(VERSION + "/aliases/{alias}?why", Permission.OPERATE, on::deleteAlias);
    routes.get(VERSION + "/diff/{other}", Permission.VIEW, on::diff);
  }

  private record ModelPage(List<ModelViews.ModelView> models, @Nullable String next) {}

  private record ModelWhole(ModelViews.ModelView model, List<ModelViews.VersionView> versions) {}

  private record History(List<Map<String, Object>> moves) {}

  /// @param why for the record
  record Why(@Nullable String why) {}

  /// @param force whether a version that was made elsewhere is promoted all the same; `why` says
  ///   why
  record StageAsked(
      String stage,
      @Nullable Boolean archiveExisting,
      @Nullable String why,
      @Nullable Boolean force) {}

  record AliasAsked(@Nullable Long version, @Nullable String why) {}

  record ModelAsked(
      String name, @Nullable String description, @Nullable Map<String, String> tags) {}

  record VersionAsked(
      String source,
      @Nullable String run,
      @Nullable String description,
      @Nullable Map<String, String> tags,
      @Nullable String version,
      @Nullable String why) {}

  private Response list(Request request) {
    int limit = request.number("limit", PAGE, 1, PAGE_MAX);
    long offset = PageToken.offset(request.query("page").orElse(null));
    return Response.json(
        models
            .db()
            .read(tx -> {
              var page =
                  ModelSearch.models(
                      tx,
                      new ModelSearch.Asked(
                          request.query("filter").orElse(null),
                          request.queries("order"),
                          Grammar.FULL,
                          limit,
                          offset));
              return new ModelPage(
                  page.found().stream().map(model -> views.model(tx, model)).toList(),
                  page.more() ? PageToken.of(offset + limit) : null);
            }));
  }

  private Response create(Request request) {
    ModelAsked asked = request.json(ModelAsked.class);
    return once.write(
        request,
        tx ->
            Response.created(
                views.model(
                    tx, models.create(tx, asked.name(), asked.description(), tags(asked.tags())))));
  }

  private Response show(Request request) {
    return Response.json(
        models
            .db()
            .read(tx -> {
              RegisteredModel model = models.get(tx, request.path("name"));
              return new ModelWhole(
                  views.model(tx, model),
                  models.versions(tx, model.name()).stream()
                      .map(version -> views.version(tx, version))
                      .toList());
            }));
  }

  private Response history(Request request) {
    int limit = request.number("limit", HISTORY, 1, 10 * HISTORY);
    return Response.json(
        models
            .db()
            .read(tx -> {
              List<Move> moves = promotions.history(tx, request.path("name"), limit);
              if (moves.isEmpty()) models.get(tx, request.path("name"));
              return new History(moves.stream().map(ModelRoutes::told).toList());
            }));
  }

  private static Map<String, Object> told(Move move) {
    var told = new LinkedHashMap<String, Object>();
    told.put("at", move.at().toString());
    told.put("who", move.who());
    told.put("kind", move.kind().word());
    told.put("version", move.version());
    told.put("from", move.from());
    told.put("to", move.to());
    told.put("why", move.why());
    if (move.evidence() != null) told.put("evidence", move.evidence());
    return told;
  }

  private Response rollback(Request request) {
    String why = why(request, "rolled back");
    return promotions.moving(
        request.path("name"),
        Optional::empty,
        () ->
            moved(request, tx -> promotions.rollback(tx, request.path("name"), who(request), why)));
  }

  private Response register(Request request) {
    VersionAsked asked = request.json(VersionAsked.class);
    return once.write(
        request,
        tx -> {
          RegisteredVersion version =
              registrar.register(
                  tx,
                  new Registrar.Asked(
                      request.path("name"),
                      asked.source(),
                      asked.run(),
                      null,
                      null,
                      asked.description(),
                      tags(asked.tags()),
                      asked.version() == null ? null : Semver.parse(asked.version()),
                      asked.why()),
                  who(request));
          return Response.created(views.version(tx, version));
        });
  }

  private Response version(Request request) {
    return Response.json(models.db().read(tx -> views.version(tx, found(tx, request))));
  }

  private Response stage(Request request) {
    StageAsked asked = request.json(StageAsked.class);
    boolean archive = Boolean.TRUE.equals(asked.archiveExisting());
    Stage stage = Stage.of(asked.stage());
    String why = Objects.requireNonNullElse(asked.why(), "");
    return promotions.moving(
        request.path("name"),
        () ->
            stage == Stage.PRODUCTION
                ? models.made(request.path("name"), request.path("version"))
                : Optional.empty(),
        Boolean.TRUE.equals(asked.force()) ? why : null,
        () ->
            moved(
                request,
                tx ->
                    promotions.move(
                        tx,
                        request.path("name"),
                        found(tx, request).version(),
                        stage,
                        archive,
                        who(request),
                        why)));
  }

  private Response approve(Request request) {
    String why = why(request, "");
    return moved(
        request,
        tx -> {
          RegisteredVersion version = found(tx, request);
          promotions.approve(tx, version.model(), version.version(), who(request), why);
          return version;
        });
  }

  private Response putAlias(Request request) {
    AliasAsked asked = request.json(AliasAsked.class);
    if (asked.version() == null) {
      throw Checks.bad("a version is missing", "Send {\"version\": 1}");
    }
    long version = asked.version();
    return aliased(request, version, asked.why());
  }

  private Response putAliasOf(Request request) {
    String why = why(request, "");
    long version = models.db().read(tx -> found(tx, request).version());
    return aliased(request, version, why);
  }

  private Response aliased(Request request, long version, @Nullable String why) {
    return moved(
        request,
        tx -> {
          models.putAlias(
              tx,
              request.path("name"),
              request.path("alias"),
              version,
              who(request),
              Objects.requireNonNullElse(why, ""));
          return models.version(tx, request.path("name"), version);
        });
  }

  private Response deleteAlias(Request request) {
    return once.write(
        request,
        tx -> {
          models.deleteAlias(
              tx,
              request.path("name"),
              request.path("alias"),
              who(request),
              request.query("why", ""));
          return Response.json(views.model(tx, models.get(tx, request.path("name"))));
        });
  }

  private Response diff(Request request) {
    return Response.json(
        models
            .db()
            .read(tx ->
                VersionDiff.of(
                    views.version(tx, found(tx, request)),
                    found(tx, request),
                    views.version(tx, models.find(tx, request.path("name"), request.path("other"))),
                    models.find(tx, request.path("name"), request.path("other")))));
  }

  private interface Moving {
    RegisteredVersion in(Tx tx);
  }

  private Response moved(Request request, Moving moving) {
    return once.write(request, tx -> Response.json(views.version(tx, moving.in(tx))));
  }

  private RegisteredVersion found(Tx tx, Request request) {
    return models.find(tx, request.path("name"), request.path("version"));
  }

  private static String why(Request request, String otherwise) {
    if (request.body().length == 0) return otherwise;
    return Objects.requireNonNullElse(Json.read(request.text(), Why.class).why(), otherwise);
  }

  private static TreeMap<String, String> tags(@Nullable Map<String, String> tags) {
    return tags == null ? new TreeMap<>() : new TreeMap<>(tags);
  }

  private static String who(Request request) {
    return request.principal().name();
  }
}
