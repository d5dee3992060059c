package dev.orrery.retrain;

import dev.orrery.access.Permission;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;
import java.util.function.Supplier;

/// `/api/v1/retrains`: the HTTP face of the [Retrainer].
public final class RetrainRoutes {
  private static final int LIMIT_MAX = 10_000;

  private RetrainRoutes() {}

  /// @param retrainer gives the project's retrainer, or throws that there is none
  public static void add(Routes routes, Supplier<Retrainer> retrainer) {
    routes.get(
        "/api/v1/retrains?limit",
        Permission.VIEW,
        request ->
            Response.json(retrainer.get().retrains(request.number("limit", 100, 1, LIMIT_MAX))));
    routes.get(
        "/api/v1/retrains/decisions?limit",
        Permission.VIEW,
        request ->
            Response.json(retrainer.get().decisions(request.number("limit", 100, 1, LIMIT_MAX))));
  }
}
