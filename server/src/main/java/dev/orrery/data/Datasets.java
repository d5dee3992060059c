package dev.orrery.data;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Semver;
import dev.orrery.base.Texts;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.engine.Engine;
import dev.orrery.engine.Table;
import dev.orrery.engine.Table.Type;
import dev.orrery.sql.Db;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// The versions of datasets: ingest rows, find a version, read its rows.
///
/// A version exists whole or not at all; the same content is never stored twice. Safe for use by
/// many threads.
public final class Datasets {
  private static final int LIST_MAX = 1_000;

  private final DataStore store;
  private final Db db;
  private final Blobs blobs;
  private final Engine engine;
  private final Path scratch;
  private final InstantSource clock;

  /// @param scratch a folder for files that live only during one call
  public Datasets(Db db, Blobs blobs, Engine engine, Path scratch, InstantSource clock) {
    this.store = new DataStore(db);
    this.db = db;
    this.blobs = blobs;
    this.engine = engine;
    this.scratch = scratch;
    this.clock = clock;
  }

  /// What files of rows are read and written by.
  public Engine engine() {
    return engine;
  }

  /// Reads the dataset's file as it was known at a moment: rows whose outcome became known later do
  /// not exist yet. The same content as an earlier version gives that version.
  ///
  /// @throws Problem of kind INVALID if the file is damaged or its rows break the contract
  public DataVersion ingest(Dataset dataset, Path folder, Instant knownUntil) {
    Table raw = engine.read(folder.resolve(dataset.path()));
    Contract.requireFinite(dataset.name(), raw);
    Table known = raw.rows() == 0 ? raw : known(dataset, raw, knownUntil);
    if (raw.rows() > 0 && known.rows() < Math.max(1, dataset.contract().minRows())) {
      requireKnown(dataset, raw, known, knownUntil);
    }
    dataset.contract().enforce(dataset.name(), known);
    Table rows = Tables.sorted(known(dataset, raw, knownUntil), dataset.time());
    return version(dataset, List.of(), rows, knownUntil, dataset.path());
  }

  /// A version with the rows of another and these after them, raw columns and [Dataset#KNOWN_AT]
  /// given. The new rows keep the contract's rules but for its least row count.
  public DataVersion append(
      Dataset dataset, DataVersion base, Table added, Instant knownUntil, String source) {
    if (added.rows() == 0) return base;
    var names = new ArrayList<>(base.schema().keySet());
    Table rows = Tables.sorted(added.select(names), dataset.time());
    dataset.contract().ofAnyCount().enforce(dataset.name(), rows);
    return version(dataset, base.parts(), rows, knownUntil, source);
  }

  /// The rows of a version, raw columns and [Dataset#KNOWN_AT], parts in order.
  public Table read(DataVersion version) {
    List<Table> parts =
        version.parts().stream().map(part -> engine.read(blobs.verified(part.blob()))).toList();
    return Tables.concat(parts);
  }

  public Optional<DataVersion> latest(String dataset) {
    return store.latest(dataset);
  }

  /// The raw columns of a dataset: of its latest version, or of its file where there is none yet;
  /// empty if there is no file either.
  public List<String> columns(Dataset dataset, Path folder) {
    Optional<DataVersion> latest = latest(dataset.name());
    if (latest.isPresent()) {
      return latest.get().schema().keySet().stream()
          .filter(name -> !name.equals(Dataset.KNOWN_AT))
          .toList();
    }
    Path file = folder.resolve(dataset.path());
    if (!Files.isRegularFile(file)) return List.of();
    return engine.columns(file).stream().map(Engine.ColumnType::name).toList();
  }

  /// The version that an id such as `flights@1.0.0` names.
  ///
  /// @throws Problem of kind NOT_FOUND if there is none
  public DataVersion get(String id) {
    int at = id.lastIndexOf('@');
    return (at < 0
            ? Optional.<DataVersion>empty()
            : store.get(id.substring(0, at), Semver.parse(id.substring(at + 1))))
        .orElseThrow(() ->
            Problem.notFound(
                "data version", id, "Give a dataset and a version such as flights@1.0.0"));
  }

  /// The newest versions, newest first.
  public List<DataVersion> newest(String dataset, int limit) {
    return store.newest(dataset, Math.clamp(limit, 1, LIST_MAX));
  }

  /// Where rows lack only because their outcomes are not known yet, that is what is said.
  private static void requireKnown(Dataset dataset, Table raw, Table known, Instant knownUntil) {
    if (raw.rows() < dataset.contract().minRows()) return;
    long first = Tables.least(dataset.complete(raw).micros(Dataset.KNOWN_AT));
    throw new Problem(
        Fault.CONTRACT_BROKEN,
        "%s has %,d rows, and the outcomes of %s are known at %s (the first became known at %s)"
            .formatted(
                Texts.shown(dataset.path()),
                raw.rows(),
                known.rows() == 0 ? "none of them" : "only %,d".formatted(known.rows()),
                knownUntil,
                Profile.instant(first)),
        "Give it rows from before that moment, or check 'known_at' and the clock");
  }

  private Table known(Dataset dataset, Table raw, Instant knownUntil) {
    Table complete = dataset.complete(raw);
    long moment = ChronoUnit.MICROS.between(Instant.EPOCH, knownUntil);
    Table stored = raw.with(Dataset.KNOWN_AT, complete.column(Dataset.KNOWN_AT));
    return Tables.until(stored, Dataset.KNOWN_AT, moment);
  }

  private DataVersion version(
      Dataset dataset,
      List<DataVersion.Part> earlier,
      Table added,
      Instant knownUntil,
      String source) {
    if (added.rows() == 0) {
      throw new Problem(
          Fault.CONTRACT_BROKEN,
          "dataset '%s' has no row whose outcome was known at %s"
              .formatted(dataset.name(), knownUntil),
          "Give it rows from before that moment");
    }
    var parts = new ArrayList<>(earlier);
    Digest content = Tables.digest(added);
    Optional<DataVersion> same = store.byDigest(dataset.name(), digest(parts, content));
    if (same.isPresent()) return same.get();
    parts.add(new DataVersion.Part(put(added), content, added.rows()));
    Table all = earlier.isEmpty() ? added : read(parts);
    List<Contract.Result> checks = dataset.contract().enforce(dataset.name(), all);
    long[] times = all.micros(dataset.time());
    Instant now = clock.instant();
    return db.write(tx -> {
      Optional<DataVersion> latest = store.latest(dataset.name());
      var version =
          new DataVersion(
              dataset.name(),
              next(latest, all, earlier),
              digest(earlier, content),
              all.rows(),
              Profile.instant(Tables.least(times)),
              Profile.instant(Tables.greatest(times)),
              knownUntil,
              source,
              columns(all),
              parts,
              checks,
              Profile.of(all),
              now);
      store.insert(tx, version);
      return version;
    });
  }

  private Table read(List<DataVersion.Part> parts) {
    return Tables.concat(
        parts.stream().map(part -> engine.read(blobs.verified(part.blob()))).toList());
  }

  /// MAJOR for other columns, MINOR for more rows after the same ones, PATCH for other rows.
  private static Semver next(
      Optional<DataVersion> latest, Table all, List<DataVersion.Part> earlier) {
    if (latest.isEmpty()) return Semver.FIRST;
    DataVersion before = latest.get();
    if (!before.columns().equals(columns(all))) return before.version().next(Semver.Bump.MAJOR);
    boolean grown = !earlier.isEmpty() && before.parts().equals(earlier);
    return before.version().next(grown ? Semver.Bump.MINOR : Semver.Bump.PATCH);
  }

  private static List<DataVersion.RawColumn> columns(Table table) {
    SequencedMap<String, Type> columns = new LinkedHashMap<>();
    table.columns().forEach((name, column) -> columns.put(name, column.type()));
    return columns.entrySet().stream()
        .map(c -> new DataVersion.RawColumn(c.getKey(), c.getValue()))
        .toList();
  }

  private static Digest digest(List<DataVersion.Part> earlier, Digest added) {
    MessageDigest hash = Digest.sha256();
    for (var part : earlier) hash.update(part.content().hex().getBytes(StandardCharsets.UTF_8));
    hash.update(added.hex().getBytes(StandardCharsets.UTF_8));
    return Digest.finish(hash);
  }

  /// Tells the collector of blobs which parts of datasets are kept.
  public static void markFor(Gc gc) {
    gc.marks((tx, texts) ->
        tx.query("select detail from data_version", row -> row.text("detail")).forEach(texts));
  }

  private Digest put(Table rows) {
    try {
      Files.createDirectories(scratch);
      Path file = Files.createTempDirectory(scratch, "ingest").resolve("part.parquet");
      try {
        engine.write(rows, file);
        try (InputStream in = Files.newInputStream(file)) {
          return blobs.put(in);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.getParent());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
