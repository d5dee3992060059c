package dev.orrery.mlflow;

import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.web.Handler;
import dev.orrery.web.Response;
import dev.orrery.web.RouteOptions;
import dev.orrery.web.Routes;
import java.util.List;

/// What MLflow serves and Orrery does not: 501 with a sentence, which clients do not send again.
/// And `/version`, by which they tell what they may ask.
public final class Unspoken {
  /// The version of MLflow whose protocol is spoken.
  public static final String VERSION = "3.6.0";

  private static final List<String> METHODS = List.of("GET", "POST", "PATCH", "DELETE");

  private Unspoken() {}

  /// `/version` alone, for servers that speak nothing else of MLflow's tracking.
  public static void version(Routes routes) {
    routes.get("/version", Permission.PUBLIC, _ -> Response.text(VERSION));
  }

  public static void add(Routes routes) {
    version(routes);
    String traces = "traces of language models";
    tree(routes, "/api/2.0/mlflow/traces", traces);
    tree(routes, "/api/3.0/mlflow/traces", traces);
    one(routes, "POST", "/v1/traces", traces);
    one(routes, "GET", "/ajax-api/2.0/mlflow/get-trace-artifact", traces);
    tree(routes, "/api/3.0/mlflow/datasets", "evaluation datasets of language models");
    tree(routes, "/api/3.0/mlflow/scorers", "scorers");
    tree(routes, "/ajax-api/3.0/jobs", "MLflow's background jobs");
    for (String method : List.of("GET", "POST")) {
      one(routes, method, "/ajax-api/2.0/mlflow/gateway-proxy", "a gateway to language models");
      one(routes, method, "/graphql", "MLflow's GraphQL; its console has one of its own");
    }
    one(routes, "POST", "/ajax-api/2.0/mlflow/runs/create-promptlab-run", "prompt lab runs");
    String users = "users and permissions of MLflow's";
    below(routes, "/api/2.0/mlflow/users", users);
    below(routes, "/api/2.0/mlflow/experiments/permissions", users);
    below(routes, "/api/2.0/mlflow/registered-models/permissions", users);
  }

  /// A path, what is below it, and their twins.
  private static void tree(Routes routes, String path, String what) {
    for (String method : METHODS) {
      one(routes, method, path, what);
      if (path.startsWith("/api/")) one(routes, method, twin(path), what);
    }
    below(routes, path, what);
    if (path.startsWith("/api/")) below(routes, twin(path), what);
  }

  private static void below(Routes routes, String path, String what) {
    for (String method : METHODS) one(routes, method, path + "/{rest...}", what);
  }

  private static String twin(String path) {
    return path.replaceFirst("^/api/", "/ajax-api/");
  }

  private static void one(Routes routes, String method, String path, String what) {
    Handler handler =
        _ -> {
          throw new Problem(
              Fault.NOT_SPOKEN,
              "Orrery does not keep " + what,
              "Use an MLflow server for it; runs, models and artifacts are kept here");
        };
    Permission permission = method.equals("GET") ? Permission.VIEW : Permission.EDIT;
    routes.add(method, path, permission, RouteOptions.DEFAULT.withAnyContentType(), handler);
  }
}
