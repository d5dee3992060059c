package dev.orrery;

import dev.orrery.inference.Catalog;
import dev.orrery.inference.CatalogOptions;
import dev.orrery.inference.InferenceRoutes;
import dev.orrery.mlflow.Unspoken;
import dev.orrery.web.Meters;
import dev.orrery.web.Routes;
import dev.orrery.web.WebOptions;
import dev.orrery.web.WebServer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// Models of files over all inference protocols: no project, no store, no registry.
public final class ModelServer implements AutoCloseable {
  private final Catalog catalog;
  private final WebServer web;

  private ModelServer(Catalog catalog, WebServer web) {
    this.catalog = catalog;
    this.web = web;
  }

  /// Loads the models and answers for them once this returns.
  ///
  /// @throws dev.orrery.base.Problem if a file is no model, or the port does not let it
  public static ModelServer start(
      List<Path> files, CatalogOptions options, WebOptions web, InstantSource clock) {
    WebServer.requireFree(web);
    Catalog catalog = Catalog.of(files, options, clock);
    try {
      Routes routes = new Routes();
      InferenceRoutes.add(routes, catalog);
      InferenceRoutes.addPredict(routes, catalog);
      Unspoken.version(routes);
      var meters = new Meters();
      catalog.meter(meters);
      return new ModelServer(catalog, WebServer.start(web, routes, meters));
    } catch (Throwable e) {
      catalog.close();
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
    catalog.close();
  }
}
