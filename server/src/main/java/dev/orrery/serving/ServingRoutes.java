package dev.orrery.serving;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table;
import dev.orrery.web.Lane;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The HTTP face of the [Endpoint]: `/predict`, `/outcomes`, predictions by id, moves of traffic.
public final class ServingRoutes {
  private static final RouteOptions PREDICT = RouteOptions.body(4 << 20).withLane(Lane.INFERENCE);
  private static final RouteOptions OUTCOMES = RouteOptions.body(4 << 20).withLane(Lane.INFERENCE);
  private static final int QUICK_BYTES = 4 << 10;

  /// Who asks, in the caller's own terms: by it a canary or an A/B test is sticky.
  static final String CALLER = "orrery-key";

  private static final int LOOKUP_MAX = 10_000;

  private ServingRoutes() {}

  /// @param endpoint gives the project's endpoint, or throws that there is none
  public static void add(Routes routes, Supplier<Endpoint> endpoint) {
    RouteOptions predict = PREDICT.withEventLoop(request -> isQuick(endpoint, request));
    routes.post(
        "/predict", Permission.PREDICT, predict, request -> predict(endpoint.get(), request));
    routes.post(
        "/endpoints/{name}/predict",
        Permission.PREDICT,
        predict,
        request -> predict(DeployRoutes.named(endpoint, request), request));
    routes.post(
        "/outcomes",
        Permission.PREDICT,
        OUTCOMES,
        request -> {
          int total = request.json().path("outcomes").size();
          int fresh = endpoint.get().outcomes(request.json());
          return Response.json(Map.of("stored", fresh, "repeated", total - fresh));
        });
    routes.post(
        "/api/v1/predictions/lookup",
        Permission.VIEW,
        request -> Response.json(lookup(endpoint.get(), request.json(Lookup.class))));
    routes.get(
        "/api/v1/predictions/{id}",
        Permission.VIEW,
        request -> Response.json(endpoint.get().find(request.id("id"))));
    routes.get(
        "/api/v1/endpoints/{name}",
        Permission.VIEW,
        request -> Response.json(State.of(DeployRoutes.named(endpoint, request))));
    DeployRoutes.add(routes, endpoint);
  }

  /// Which predictions are asked for.
  private record Lookup(@Nullable List<UUID> ids) {}

  private static Map<String, Object> lookup(Endpoint endpoint, Lookup asked) {
    List<UUID> ids = asked.ids();
    if (ids == null || ids.isEmpty() || ids.size() > LOOKUP_MAX) {
      throw new Problem(
          Fault.BAD_PARAMETER,
          "the body has %s ids".formatted(ids == null ? "no" : "%,d".formatted(ids.size())),
          "Send {\"ids\":[...]} with 1 to %,d".formatted(LOOKUP_MAX));
    }
    List<UUID> missing = endpoint.missing(ids);
    return Map.of("found", ids.size() - missing.size(), "missing", missing);
  }

  /// What an endpoint serves now, and how it came to that.
  ///
  /// @param inputs the raw columns of a row, each `number`, `text` or `time`; none before anything
  ///   is deployed
  record State(
      String name,
      @Nullable Traffic traffic,
      SequencedMap<String, String> inputs,
      long predictions,
      long outcomes,
      List<Deployment> moves) {
    static State of(Endpoint endpoint) {
      SequencedMap<String, String> inputs = new LinkedHashMap<>();
      if (endpoint.traffic().isPresent()) {
        endpoint.inputs().forEach((column, type) -> inputs.put(column, word(type)));
      }
      return new State(
          endpoint.name(),
          endpoint.traffic().orElse(null),
          inputs,
          endpoint.predictionCount(),
          endpoint.outcomeCount(),
          endpoint.moves(100));
    }

    private static String word(Table.Type type) {
      return switch (type) {
        case NUMBER -> "number";
        case STRING -> "text";
        case TIME -> "time";
      };
    }
  }

  /// As decision 0027 has it.
  private static boolean isQuick(Supplier<Endpoint> endpoint, Request request) {
    if (request.body().length > QUICK_BYTES || request.header("idempotency-key").isPresent()) {
      return false;
    }
    try {
      return endpoint.get().isQuick();
    } catch (Problem _) {
      return false;
    }
  }

  private static Response predict(Endpoint endpoint, Request request) {
    Optional<String> key = request.header("idempotency-key").filter(k -> !k.isBlank());
    key.ifPresent(text -> RequestRows.requireKey("Idempotency-Key", text));
    Optional<String> caller = request.header(CALLER).filter(k -> !k.isBlank());
    caller.ifPresent(text -> RequestRows.requireKey("Orrery-Key", text));
    boolean isRehearsal = request.header("orrery-rehearsal").isPresent();
    Answer answer = endpoint.predict(request.body(), new Endpoint.Call(key, caller, isRehearsal));
    Response response = Response.jsonBytes(answer.json()).with("orrery-version", answer.version());
    return answer.fallback() == null
        ? response
        : response.with("orrery-fallback", answer.fallback());
  }
}
