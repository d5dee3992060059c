package dev.orrery;

import dev.orrery.inference.Catalog;
import dev.orrery.inference.CatalogOptions;
import dev.orrery.inference.InferenceRoutes;
import dev.orrery.mlflow.Unspoken;
import dev.orrery.web.AccessLog;
import dev.orrery.web.Meters;
import dev.orrery.web.Routes;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Models of files over all inference protocols: no project, no store, no registry.
public final class ModelServer implements AutoCloseable {
  private final Catalog catalog;
  private final WebServer web;
  private final @Nullable AccessLog log;

  private ModelServer(Catalog catalog, WebServer web, @Nullable AccessLog log) {
    this.catalog = catalog;
    this.web = web;
    this.log = log;
  }

  /// Loads the models and answers for them once this returns.
  ///
  /// @throws dev.orrery.base.Problem if a file is no model, or the port does not let it
  public static ModelServer start(
      List<Path> files, CatalogOptions options, WebOptions web, InstantSource clock) {
    return start(files, options, web, clock, null);
  }

  /// The same with a line for each request.
  ///
  /// @param accessLog a file, or `-`; null for none
  public static ModelServer start(
      List<Path> files,
      CatalogOptions options,
      WebOptions web,
      InstantSource clock,
      @Nullable String accessLog) {
    WebServer.requireFree(web);
    var meters = new Meters();
    AccessLog log = accessLog == null ? null : AccessLog.open(accessLog, meters, clock);
    Catalog catalog = null;
    try {
      catalog = Catalog.of(files, options, clock);
      Routes routes = new Routes();
      InferenceRoutes.add(routes, catalog);
      InferenceRoutes.addPredict(routes, catalog);
      Unspoken.version(routes);
      catalog.meter(meters);
      return new ModelServer(catalog, WebServer.start(web, routes, meters, log), log);
    } catch (Throwable e) {
      if (catalog != null) catalog.close();
      if (log != null) log.close();
      throw e;
    }
  }

  public int port() {
    return web.port();
  }

  public Catalog catalog() {
    return catalog;
  }

  /// Answers what is in flight, then gives the models back.
  @Override
  public void close() {
    web.close();
    if (log != null) log.close();
    catalog.close();
  }
}
