package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.web.Meters;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// All models that are served, by name. Safe for use by many threads.
public final class Catalog implements AutoCloseable {
  private final Map<String, Servable> models = new ConcurrentSkipListMap<>();
  private final CatalogOptions options;
  private final Shelf shelf;
  private volatile Supplier<Problem> emptiness =
      () ->
          new Problem(
              Fault.NO_DEFAULT_MODEL, "no model is served here", "Start with 'orrery serve FILE'");

  /// Where a model that is not known yet may come from.
  private volatile Function<String, Optional<Servable>> source = _ -> Optional.empty();

  /// The model of requests that name none; null for the only one.
  private volatile @Nullable String byDefault;

  public Catalog(CatalogOptions options) {
    this.options = options;
    this.shelf = new Shelf(options);
  }

  /// Models of files and folders, loaded. The first named answers requests that name none.
  ///
  /// @throws Problem of kind INVALID, UNSUPPORTED or TOO_LARGE if one of them cannot be loaded
  public static Catalog of(List<Path> files, CatalogOptions options, InstantSource clock) {
    var catalog = new Catalog(options);
    catalog.source = name -> catalog.fromFile(files, name, clock);
    for (ModelFiles model : ModelFiles.of(files)) {
      FileServable servable = catalog.servable(files, model, clock);
      servable.loadAll();
      catalog.add(servable);
    }
    return catalog;
  }

  private FileServable servable(List<Path> files, ModelFiles model, InstantSource clock) {
    return FileServable.of(model, () -> found(files, model.name()), shelf, options, clock);
  }

  private static Optional<ModelFiles> found(List<Path> files, String name) {
    return ModelFiles.of(files).stream().filter(model -> model.name().equals(name)).findFirst();
  }

  private Optional<Servable> fromFile(List<Path> files, String name, InstantSource clock) {
    return found(files, name).map(model -> servable(files, model, clock));
  }

  /// Loads a model anew, with the versions that its folder has by now; one that has come into a
  /// served folder is served from here on.
  ///
  /// @throws Problem of kind NOT_FOUND if there is none, or that says why it cannot be loaded
  public synchronized void load(String name) {
    Servable known = models.get(name);
    if (known != null) {
      known.load();
      return;
    }
    Optional<Servable> fresh = source.apply(name);
    if (fresh.isEmpty()) throw unknown(name);
    fresh.get().load();
    add(fresh.get());
  }

  /// Adds one; the first answers requests that name none.
  public void add(Servable servable) {
    if (models.putIfAbsent(servable.name(), servable) != null) {
      throw new IllegalArgumentException("served already: " + servable.name());
    }
    if (byDefault == null) byDefault = servable.name();
  }

  /// What is said where nothing is served at all.
  public void whenEmpty(Supplier<Problem> said) {
    emptiness = said;
  }

  /// Shows what is counted of the models of files from now on.
  public void meter(Meters meters) {
    shelf.meter(new UnseenMeters(meters));
  }

  CatalogOptions options() {
    return options;
  }

  /// @throws Problem of kind NOT_FOUND if there is none of this name
  public Servable get(String name) {
    Servable found = models.get(name);
    if (found != null) return found;
    throw unknown(name);
  }

  private Problem unknown(String name) {
    return new Problem(
        Fault.UNKNOWN_MODEL,
        "no model named '%s' is served".formatted(Texts.shown(name)),
        models.isEmpty() ? "None is served yet" : Texts.didYouMean(name, models.keySet()));
  }

  public @Nullable Servable find(String name) {
    return models.get(name);
  }

  /// The one of requests that name none.
  ///
  /// @throws Problem if nothing is served
  public Servable theDefault() {
    String name = byDefault;
    if (name == null) throw emptiness.get();
    return get(name);
  }

  @Nullable Servable defaultOrNull() {
    String name = byDefault;
    return name == null ? null : models.get(name);
  }

  /// By name.
  public List<Servable> all() {
    return new ArrayList<>(models.values());
  }

  /// Whether something is served, and all of it that is meant to be can answer.
  public boolean ready() {
    if (models.isEmpty()) return false;
    for (Servable servable : models.values()) {
      boolean any =
          servable.versions().stream()
              .anyMatch(
                  v -> v.state() == Servable.State.READY || v.reason().startsWith("unloaded"));
      if (!any) return false;
    }
    return true;
  }

  @Override
  public void close() {
    for (Servable servable : models.values()) {
      if (servable instanceof FileServable file) file.close();
    }
  }
}
