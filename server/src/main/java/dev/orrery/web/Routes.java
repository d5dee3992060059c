package dev.orrery.web;

import dev.orrery.access.Permission;
import java.util.ArrayList;
import java.util.List;

/// Everything the server answers; a route cannot be declared without its permission.
///
/// A pattern is a path such as `/api/v1/runs/{id}`. A variable is a whole segment (`{id}`), a
/// segment with a fixed ending (`{model}:predict`), or the last of a pattern and everything below
/// it (`{path...}`, at least one segment). Fixed segments win over variables. Behind a `?` stand
/// the query parameters that it takes (`/api/v1/runs?limit&page`); there, and on paths of our own,
/// others are refused. A GET route answers HEAD too. Declared by one thread, before the server
/// starts.
public final class Routes {
  private final RouteTree tree = new RouteTree();
  private final List<Route> all = new ArrayList<>();

  public void get(String pattern, Permission permission, Handler handler) {
    add("GET", pattern, permission, RouteOptions.DEFAULT, handler);
  }

  public void get(String pattern, Permission permission, RouteOptions options, Handler handler) {
    add("GET", pattern, permission, options, handler);
  }

  public void post(String pattern, Permission permission, Handler handler) {
    add("POST", pattern, permission, RouteOptions.DEFAULT, handler);
  }

  public void post(String pattern, Permission permission, RouteOptions options, Handler handler) {
    add("POST", pattern, permission, options, handler);
  }

  public void put(String pattern, Permission permission, Handler handler) {
    add("PUT", pattern, permission, RouteOptions.DEFAULT, handler);
  }

  public void put(String pattern, Permission permission, RouteOptions options, Handler handler) {
    add("PUT", pattern, permission, options, handler);
  }

  public void patch(String pattern, Permission permission, Handler handler) {
    add("PATCH", pattern, permission, RouteOptions.DEFAULT, handler);
  }

  public void patch(String pattern, Permission permission, RouteOptions options, Handler handler) {
    add("PATCH", pattern, permission, options, handler);
  }

  public void delete(String pattern, Permission permission, Handler handler) {
    add("DELETE", pattern, permission, RouteOptions.DEFAULT, handler);
  }

  public void delete(String pattern, Permission permission, RouteOptions options, Handler handler) {
    add("DELETE", pattern, permission, options, handler);
  }

  /// @throws IllegalArgumentException if the pattern is malformed or already answered
  public void add(
      String method, String pattern, Permission permission, RouteOptions options, Handler handler) {
    int mark = pattern.indexOf('?');
    List<String> takes = mark < 0 ? List.of() : List.of(pattern.substring(mark + 1).split("&", -1));
    String path = mark < 0 ? pattern : pattern.substring(0, mark);
    Route route = new Route(method, path, takes, permission, options, handler);
    tree.add(route);
    all.add(route);
  }

  /// Every route, in the order of declaration.
  public List<Route> all() {
    return List.copyOf(all);
  }

  RouteTree tree() {
    return tree;
  }
}
