package dev.orrery.inference;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.model.ModelFile;
import dev.orrery.model.Scorer;
import dev.orrery.model.Tensor;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A model whose versions are files; the newest answers by default.
final class FileServable implements Servable {
  /// What a network thread may spend on one request.
  private static final double QUICK_NANOS = 100_000;

  /// Below this, keeping answers is not worth their room: to look one up takes about 1,000.
  private static final double CACHE_NANOS_MIN = 50_000;

  private static final int RECOMPUTE_EVERY = 32;
  private static final int GONE_MAX = 100;

  private final String name;
  private final CatalogOptions options;
  private final Admission admission;
  private final Supplier<Optional<ModelFiles>> rescan;
  private final Shelf shelf;
  private final Maker maker;

  /// The newest first; replaced whole.
  private volatile SequencedMap<String, FileVersion> versions = new LinkedHashMap<>();

  private final ConcurrentHashMap<String, Batcher> batchers = new ConcurrentHashMap<>();

  /// Of versions that went while they answered.
  private final ConcurrentHashMap<String, Statistics> gone = new ConcurrentHashMap<>();

  private FileServable(
      String name,
      CatalogOptions options,
      Supplier<Optional<ModelFiles>> rescan,
      Shelf shelf,
      Maker maker) {
    this.name = name;
    this.options = options;
    this.rescan = rescan;
    this.shelf = shelf;
    this.maker = maker;
    int most = options.concurrencyMax();
    if (most == 0) most = Math.max(2, Runtime.getRuntime().availableProcessors());
    this.admission = new Admission(name, most, options.queueMax());
  }

  /// @param rescan tells the files anew; empty where they have gone
  static FileServable of(
      ModelFiles files,
      Supplier<Optional<ModelFiles>> rescan,
      Shelf shelf,
      CatalogOptions options,
      InstantSource clock) {
    return of(files, rescan, shelf, options, clock, ModelFile::read);
  }

  static FileServable of(
      ModelFiles files,
      Supplier<Optional<ModelFiles>> rescan,
      Shelf shelf,
      CatalogOptions options,
      InstantSource clock,
      Function<Path, Scorer> reader) {
    Maker maker =
        (version, file) ->
            new FileVersion(files.name(), version, file, reader, shelf, options, clock);
    var servable = new FileServable(files.name(), options, rescan, shelf, maker);
    servable.take(files);
    return servable;
  }

  /// Makes a version of a file.
  private interface Maker {
    FileVersion make(String version, Path file);
  }

  /// Takes these files for the versions there are: those known go on, those gone are given back.
  private synchronized void take(ModelFiles files) {
    var before = versions;
    var after = new LinkedHashMap<String, FileVersion>();
    files
        .versions()
        .reversed()
        .forEach((version, file) -> {
          FileVersion known = before.get(version);
          if (known == null || !known.file.equals(file)) {
            known = maker.make(version, file);
            shelf.add(known);
          }
          after.put(version, known);
        });
    gone.keySet().removeAll(after.keySet());
    versions = after;
    for (FileVersion one : before.values()) {
      one.forgetMetadata();
      if (after.get(one.version) == one) continue;
      shelf.remove(one);
      batchers.remove(one.version);
      if (gone.size() == GONE_MAX) gone.clear();
      if (!after.containsKey(one.version)) gone.put(one.version, one.statistics);
      one.unload();
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Metadata metadata(Optional<String> version) {
    FileVersion one = version(version);
    Held held = one.take();
    try {
      Metadata known = held.metadata;
      if (known == null) {
        Scorer scorer = held.scorer;
        known =
            new Metadata(
                name,
                List.copyOf(versions.keySet()),
                scorer.platform(),
                scorer.inputs(),
                scorer.outputs(),
                scorer.features());
        held.metadata = known;
      }
      return known;
    } finally {
      held.give();
    }
  }

  @Override
  public List<String> params() {
    Held held = newest().take();
    try {
      return held.scorer.params();
    } finally {
      held.give();
    }
  }

  @Override
  public boolean ready(Optional<String> version) {
    FileVersion one = version(version);
    return one.canAnswer();
  }

  @Override
  public List<Version> versions() {
    return versions.values().stream().map(FileVersion::told).toList();
  }

  @Override
  public Statistics statistics(String version) {
    Statistics past = gone.get(version);
    return past != null ? past : version(Optional.of(version)).statistics;
  }

  @Override
  public boolean isQuick(long bytes) {
    FileVersion one = newest();
    long width = one.width();
    return width > 0 && isQuick(one, bytes / width);
  }

  private boolean isQuick(FileVersion one, long rows) {
    return options.concurrencyMax() == 0
        && options.batchMax() == 1
        && one.statistics.nanosPerRow() * Math.max(1, rows) < QUICK_NANOS;
  }

  /// Loads what is not loaded, newest first; what fails is told by its reason.
  void loadAll() {
    Problem first = null;
    boolean any = false;
    for (FileVersion one : versions.values()) {
      try {
        one.load();
        any = true;
      } catch (Problem e) {
        if (first == null) first = e;
      }
    }
    if (!any && first != null) throw first;
  }

  @Override
  public void load() {
    rescan.get().ifPresent(this::take);
    Problem failed = null;
    for (FileVersion one : versions.values()) {
      try {
        one.load();
      } catch (Problem e) {
        failed = e;
      }
    }
    if (failed != null) throw failed;
  }

  @Override
  public void unload() {
    versions.values().forEach(FileVersion::unload);
  }

  void close() {
    versions.values().forEach(FileVersion::unload);
  }

  @Override
  public Result infer(Call call) {
    FileVersion one = version(call.version());
    long began = System.nanoTime();
    boolean quick = isQuick(one, call.rows());
    AnswerCache.@Nullable Key key =
        one.cache.isOff() || one.statistics.nanosPerRow() < CACHE_NANOS_MIN
            ? null
            : AnswerCache.key(call.inputs());
    if (key != null) {
      // Now and then a known answer is computed all the same, so that what it costs stays known.
      boolean again = one.lookups.incrementAndGet() % RECOMPUTE_EVERY == 0;
      SequencedMap<String, Tensor> known = again ? null : one.cache.get(key);
      if (known != null) {
        long took = System.nanoTime() - began;
        one.statistics.cacheHit.add(took);
        one.statistics.answered(call.rows(), 0, took);
        return new Result(one.version, known);
      }
    }
    try {
      if (!quick) admission.enter(call.timeoutNanos());
      SequencedMap<String, Tensor> outputs;
      long entered = System.nanoTime();
      try {
        outputs = score(one, call);
      } finally {
        if (!quick) admission.leave();
      }
      long done = System.nanoTime();
      if (call.timeoutNanos() > 0 && done - began > call.timeoutNanos()) throw Admission.late();
      one.statistics.answered(call.rows(), entered - began, done - entered);
      if (key != null && one.isLoaded()) {
        one.statistics.cacheMiss.add(entered - began);
        one.cache.put(key, outputs);
      }
      return new Result(one.version, outputs);
    } catch (RuntimeException e) {
      // What was the newest when this began may have gone meanwhile; another answers in its place.
      boolean unloaded = e instanceof Problem problem && problem.fault() == Fault.MODEL_NOT_READY;
      if (unloaded && call.version().isEmpty() && newest() != one) return infer(call);
      one.statistics.fail.add(System.nanoTime() - began);
      throw e;
    }
  }

  private SequencedMap<String, Tensor> score(FileVersion one, Call call) {
    if (options.batchMax() > 1 && call.rows() < options.batchMax()) {
      return batchers
          .computeIfAbsent(
              one.version,
              _ ->
                  new Batcher(
                      options.batchMax(),
                      options.batchDelay().toNanos(),
                      inputs -> run(one, inputs)))
          .score(call.inputs());
    }
    return run(one, call.inputs());
  }

  private static SequencedMap<String, Tensor> run(
      FileVersion one, SequencedMap<String, Tensor> inputs) {
    Held held = one.take();
    long began = System.nanoTime();
    try {
      return held.scorer.score(inputs);
    } finally {
      held.give();
      long rows = inputs.isEmpty() ? 1 : inputs.firstEntry().getValue().rows();
      one.statistics.executed(rows, System.nanoTime() - began);
    }
  }

  /// The newest that can answer; the newest of all if none can.
  private FileVersion newest() {
    for (FileVersion one : versions.values()) if (one.canAnswer()) return one;
    return versions.firstEntry().getValue();
  }

  private FileVersion version(Optional<String> asked) {
    if (asked.isEmpty()) return newest();
    FileVersion one = versions.get(asked.get());
    if (one != null) return one;
    throw new Problem(
        Fault.UNKNOWN_MODEL,
        "'%s' has no version %s".formatted(name, Texts.shown(asked.get())),
        Texts.didYouMean(asked.get(), versions.keySet()));
  }
}
