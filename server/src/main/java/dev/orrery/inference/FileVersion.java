package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.model.Scorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One version of a model that is a file: loaded when it is asked for, given back when others need
/// the room, and replaced beside the one that answers.
final class FileVersion {
  final String model;
  final String version;
  final Path file;
  final Statistics statistics;
  final AnswerCache cache;
  final AtomicInteger lookups = new AtomicInteger();
  private final Function<Path, Scorer> reader;
  private final Shelf shelf;
  private volatile @Nullable Held held;
  private volatile Servable.State state = Servable.State.UNAVAILABLE;
  private volatile String reason = "";
  private volatile long usedNanos = System.nanoTime();
  private volatile long bytes;

  /// Whether it was unloaded by request, and waits to be loaded by one.
  private volatile boolean dismissed;

  /// Whether it was given back for others, and comes again when it is asked for.
  private volatile boolean evicted;

  FileVersion(
      String model,
      String version,
      Path file,
      Function<Path, Scorer> reader,
      Shelf shelf,
      CatalogOptions options,
      InstantSource clock) {
    this.model = model;
    this.version = version;
    this.file = file;
    this.reader = reader;
    this.shelf = shelf;
    this.statistics = new Statistics(clock);
    this.cache = new AnswerCache(options.cacheEntries());
  }

  /// The scorer, counted as used; loads it if it is not there.
  ///
  /// @throws Problem of kind UNAVAILABLE if it was unloaded or cannot be loaded
  Held take() {
    Held now = held;
    // Written seldom, so that threads do not fight for the line of memory.
    long nanos = System.nanoTime();
    if (nanos - usedNanos > 1_000_000) usedNanos = nanos;
    return now != null && now.take() ? now : takeLoaded();
  }

  private Held takeLoaded() {
    while (true) {
      synchronized (this) {
        Held now = held;
        if (now != null && now.take()) return now;
        if (dismissed) throw notReady("it was unloaded", "Load it with the repository API");
        if (now == null) now = loadAside();
        if (now.take()) return now;
      }
    }
  }

  /// Reads the file anew and puts it in place of what answers; that goes on where this fails.
  ///
  /// @throws Problem that says why it cannot be loaded
  synchronized void load() {
    dismissed = false;
    Held unused = loadAside();
  }

  private Held loadAside() {
    Held before = held;
    state = before == null ? Servable.State.LOADING : state;
    try {
      Held fresh = new Held(reader.apply(file));
      bytes = Files.size(file);
      WarmUp.nanosPerRow(fresh.scorer).ifPresent(statistics::expect);
      fresh.scorer.tellUnseen((feature, rows) -> shelf.unseen(this, feature, rows));
      held = fresh;
      showUnseen();
      cache.clear();
      state = Servable.State.READY;
      reason = "";
      usedNanos = System.nanoTime();
      evicted = false;
      if (before != null) before.retire();
      shelf.loaded(this);
      return fresh;
    } catch (Problem e) {
      failed(before, e.getMessage());
      throw e;
    } catch (IOException | RuntimeException e) {
      failed(before, String.valueOf(e.getMessage()));
      throw notReady(
              "it cannot be loaded: " + dev.orrery.base.Texts.shown(String.valueOf(e.getMessage())),
              "Check the file")
          .because(e);
    }
  }

  /// Shows the counters of texts that training had not seen from their beginning.
  void showUnseen() {
    Held now = held;
    if (now == null) return;
    for (String feature : now.scorer.categories()) shelf.unseen(this, feature, 0);
  }

  private void failed(@Nullable Held before, @Nullable String why) {
    reason = String.valueOf(why);
    if (before == null) state = Servable.State.UNAVAILABLE;
    evicted = false;
  }

  /// Gives it back by request; calls that run are ended first.
  synchronized void unload() {
    dismissed = true;
    evicted = false;
    drop("unloaded by request");
  }

  /// Gives it back because others need the room; it is loaded again when it is asked for.
  synchronized void evict() {
    evicted = held != null;
    drop("unloaded for others; loaded again when it is asked for");
  }

  private void drop(String why) {
    Held now = held;
    held = null;
    cache.clear();
    state = Servable.State.UNAVAILABLE;
    reason = why;
    if (now != null) now.retire();
  }

  private Problem notReady(String what, String remedy) {
    return new Problem(
        Fault.MODEL_NOT_READY,
        "version %s of '%s' is not ready: %s".formatted(version, model, what),
        remedy);
  }

  /// How many values a row of what is loaded has; 0 if nothing is.
  long width() {
    Held now = held;
    return now == null ? 0 : now.width;
  }

  boolean isLoaded() {
    return held != null;
  }

  /// What is told of the model is put together anew, since its other versions have changed.
  void forgetMetadata() {
    Held now = held;
    if (now != null) now.metadata = null;
  }

  /// Whether it is loaded, or will be when it is asked for.
  boolean canAnswer() {
    return held != null || evicted;
  }

  long usedNanos() {
    return usedNanos;
  }

  long bytes() {
    return bytes;
  }

  Servable.Version told() {
    return new Servable.Version(version, state, reason);
  }
}
