package dev.orrery.serving;

import dev.orrery.access.Permission;
import dev.orrery.base.Name;
import dev.orrery.base.Semver;
import dev.orrery.registry.LoadTest;
import dev.orrery.registry.LoadTests;
import dev.orrery.web.Request;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/// `/api/v1/endpoints/{name}/loads`: what loads have shown of an endpoint's versions.
public final class LoadRoutes {
  private static final String LOADS = "/api/v1/endpoints/{name}/loads";
  private static final RouteOptions BODY = RouteOptions.body(64 << 10);

  private LoadRoutes() {}

  /// @param endpoint gives the project's endpoint, or throws that there is none
  public static void add(
      Routes routes, Supplier<Endpoint> endpoint, LoadTests loads, InstantSource clock) {
    routes.get(
        LOADS + "?version",
        Permission.VIEW,
        request -> Response.json(found(DeployRoutes.named(endpoint, request), request, loads)));
    routes.post(
        LOADS,
        Permission.OPERATE,
        BODY,
        request -> {
          Endpoint there = DeployRoutes.named(endpoint, request);
          var test =
              new LoadTest(
                  there.name(),
                  request.json(LoadTest.Figures.class),
                  LoadTest.machineHere(),
                  request.principal().name(),
                  clock.instant());
          loads.add(new Name(there.model()), test);
          return Response.json(test);
        });
  }

  /// Those of one version; without one, of that which answers.
  private static List<LoadTest> found(Endpoint endpoint, Request request, LoadTests loads) {
    Name model = new Name(endpoint.model());
    Semver version =
        request
            .query("version")
            .map(Semver::parse)
            .or(() -> endpoint.traffic().map(Traffic::champion))
            .orElseThrow(Endpoint::nothing);
    return loads.of(model, version);
  }
}
