package dev.orrery.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Moves of traffic over HTTP: what is served, releases, trials and their ends, rehearsals.
final class DeployRoutes {
  private static final String ENDPOINT = "/api/v1/endpoints/{name}";
  private static final int SAMPLE_MAX = 100;
  private static final int REPORT_MAX = 20_000;

  private DeployRoutes() {}

  static void add(Routes routes, Supplier<Endpoint> endpoint) {
    routes.get(
        ENDPOINT + "/deployment",
        Permission.VIEW,
        request -> Response.json(named(endpoint, request).status()));
    routes.get(
        ENDPOINT + "/advice",
        Permission.VIEW,
        request -> Response.json(named(endpoint, request).advice()));
    routes.get(
        ENDPOINT + "/preflight/{version}",
        Permission.VIEW,
        request ->
            Response.json(
                named(endpoint, request).preflight(Semver.parse(request.path("version")))));
    routes.get(
        ENDPOINT + "/sample?rows",
        Permission.VIEW,
        request ->
            Response.json(
                Map.of(
                    "rows",
                    named(endpoint, request).sample(request.number("rows", 20, 1, SAMPLE_MAX)))));
    routes.post(
        ENDPOINT + "/deployments",
        Permission.OPERATE,
        request -> Response.json(named(endpoint, request).deploy(order(request))));
    routes.post(
        ENDPOINT + "/promote",
        Permission.OPERATE,
        request -> {
          Which which = body(request, Which.class, new Which(null, null));
          return Response.json(
              named(endpoint, request)
                  .promote(
                      which.version() == null ? null : Semver.parse(which.version()),
                      request.principal().name(),
                      why(which.why())));
        });
    routes.post(
        ENDPOINT + "/abort",
        Permission.OPERATE,
        request ->
            Response.json(
                named(endpoint, request).abort(request.principal().name(), reason(request))));
    routes.post(
        ENDPOINT + "/rollback",
        Permission.OPERATE,
        request ->
            Response.json(
                named(endpoint, request).rollback(request.principal().name(), reason(request))));
    routes.post(
        "/api/v1/query",
        Permission.VIEW,
        request -> {
          Question asked = request.json(Question.class);
          if (asked.sql() == null || asked.sql().isBlank()) {
            throw new Problem(
                Fault.BAD_PARAMETER,
                "the body has no 'sql'",
                "Send {\"sql\": \"select version, count(*) from predictions group by all\"}");
          }
          int limit = asked.limit() == null ? 1_000 : asked.limit();
          if (limit < 1 || limit > LogArchive.ROWS_MAX) {
            throw new Problem(
                Fault.BAD_PARAMETER,
                "'limit' is %d".formatted(limit),
                "Give 1 to %,d".formatted(LogArchive.ROWS_MAX));
          }
          return Response.json(endpoint.get().ask(asked.sql(), limit));
        });
    rehearsals(routes, endpoint);
  }

  private record Question(@Nullable String sql, @Nullable Integer limit) {}

  private static void rehearsals(Routes routes, Supplier<Endpoint> endpoint) {
    routes.post(
        ENDPOINT + "/rehearsals",
        Permission.OPERATE,
        request -> {
          Plan plan = request.json(Plan.class);
          named(endpoint, request)
              .rehearsals()
              .start(
                  new Chaos.Plan(
                      plan.failing() == null ? 0 : plan.failing(),
                      plan.latencyMs() == null ? 0 : plan.latencyMs(),
                      plan.seconds() == null ? 10 : plan.seconds()),
                  request.principal().name());
          return Response.json(Map.of("running", true));
        });
    routes.post(
        ENDPOINT + "/rehearsals/result",
        Permission.OPERATE,
        request -> {
          JsonNode report = request.json();
          if (!report.isObject() || request.body().length > REPORT_MAX) {
            throw new Problem(
                Fault.BAD_REHEARSAL,
                "the result of a rehearsal is an object of at most 20 kB",
                "Send what clients saw: {\"requests\": 100, \"answered\": 100}");
          }
          return Response.json(
              Map.of(
                  "struck",
                  named(endpoint, request).rehearsals().end(report, request.principal().name())));
        });
  }

  /// A version to bring into traffic, as a caller writes it.
  private record Wanted(
      @Nullable String version,
      @Nullable String strategy,
      @Nullable String why,
      @Nullable Boolean force) {}

  private record Which(@Nullable String version, @Nullable String why) {}

  private record Plan(
      @Nullable Double failing, @Nullable Integer latencyMs, @Nullable Integer seconds) {}

  private record Reason(@Nullable String why) {}

  private static DeployOrder order(Request request) {
    Wanted wanted = request.json(Wanted.class);
    if (wanted.version() == null) {
      throw new Problem(
          Fault.BAD_PARAMETER, "the body names no version", "Send {\"version\":\"1.0.1\"}");
    }
    return new DeployOrder(
        Semver.parse(wanted.version()),
        wanted.strategy() == null ? null : strategy(wanted.strategy()),
        request.principal().name(),
        wanted.why() == null ? null : Texts.shown(wanted.why()),
        Boolean.TRUE.equals(wanted.force()));
  }

  private static Strategy strategy(String word) {
    List<String> known = java.util.Arrays.stream(Strategy.values()).map(Strategy::word).toList();
    if (known.contains(word)) return Strategy.of(word);
    throw new Problem(
        Fault.BAD_PARAMETER,
        "strategy is '%s'".formatted(Texts.shown(word)),
        Texts.didYouMean(word, known));
  }

  private static <T> T body(Request request, Class<T> type, T otherwise) {
    return request.body().length == 0 ? otherwise : request.json(type);
  }

  private static String reason(Request request) {
    return why(body(request, Reason.class, new Reason(null)).why());
  }

  private static String why(@Nullable String why) {
    return why == null ? "by request" : Texts.shown(why);
  }

  static Endpoint named(Supplier<Endpoint> endpoint, Request request) {
    return named(endpoint.get(), request.path("name"));
  }

  static Endpoint named(Endpoint endpoint, String name) {
    if (endpoint.name().equals(name)) return endpoint;
    throw Problem.notFound(
        "endpoint", Texts.shown(name), Texts.didYouMean(name, List.of(endpoint.name())));
  }
}
