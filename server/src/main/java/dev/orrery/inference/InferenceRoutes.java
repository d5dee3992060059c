package dev.orrery.inference;

import dev.orrery.access.Permission;
import dev.orrery.web.Response;
import dev.orrery.web.Routes;

/// All protocols by which the models of a [Catalog] are asked.
public final class InferenceRoutes {
  private InferenceRoutes() {}

  /// Those that a server of a project and one of files have in common.
  public static void add(Routes routes, Catalog catalog) {
    OipRoutes.add(routes, catalog);
    RepositoryRoutes.add(routes, catalog);
    GrpcRoutes.add(routes, catalog);
    V1Routes.add(routes, catalog);
    InvocationRoutes.add(routes, catalog);
    PredictRoutes.add(routes, catalog);
    TryRoutes.add(routes, catalog);
    routes.get(
        "/openapi.json", Permission.VIEW, _ -> Response.json(OpenApi.of(routes.all(), catalog)));
  }

  /// `/predict` and the first page, where no project has them.
  public static void addPredict(Routes routes, Catalog catalog) {
    PredictRoutes.addPredict(routes, catalog);
    TryRoutes.addFirstPage(routes, catalog);
  }

  static String version() {
    String version = InferenceRoutes.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }
}
