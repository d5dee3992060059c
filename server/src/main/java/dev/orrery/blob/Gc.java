package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Removes blobs that no row names: it marks what the rows of all parts name, on one consistent
/// picture of them, and sweeps the rest.
///
/// Never removed are blobs that are held, that were put since the round began, or that are younger
/// than the grace: whoever puts a blob without a [Hold] has that long to write the row. What is cut
/// off by a kill is garbage still, or gone: a file is removed by one rename.
public final class Gc {
  /// How long a blob that no row names is left alone.
  public static final Duration GRACE = Duration.ofHours(1);

  /// Where rows of a part name blobs. Texts are enough: every digest that stands in one is taken
  /// for a name, so that a part need not pick its JSON apart.
  @FunctionalInterface
  public interface References {
    void in(Tx tx, Consumer<String> texts);
  }

  /// Rows that a part drops before blobs are collected, so that theirs can go too.
  @FunctionalInterface
  public interface Rows {
    /// @param dryRun whether they are only counted
    /// @return how many
    long drop(Instant before, boolean dryRun);
  }

  /// @param rows what was dropped, by kind
  /// @param young blobs that no row names, but that are too young or held
  public record Report(
      boolean dryRun,
      Map<String, Long> rows,
      long kept,
      long keptBytes,
      long young,
      long removed,
      long removedBytes) {
    public Report {
      rows = Map.copyOf(rows);
    }
  }

  private final Db db;
  private final Blobs blobs;
  private final InstantSource real;
  private final List<References> references = new ArrayList<>();
  private final Map<String, Rows> rows = new LinkedHashMap<>();
  private final ReentrantLock one = new ReentrantLock();

  /// @param real the clock of the file system, not a virtual one
  public Gc(Db db, Blobs blobs, InstantSource real) {
    this.db = db;
    this.blobs = blobs;
    this.real = real;
  }

  /// Adds a part that names blobs; before the first round.
  public void marks(References part) {
    references.add(part);
  }

  /// Adds rows that can be dropped.
  public void drops(String kind, Rows part) {
    rows.put(kind, part);
  }

  /// One round.
  ///
  /// @param grace how young a blob is left alone
  /// @param before rows of things deleted before this moment are dropped
  /// @throws Problem GC_RUNNING if another is under way
  public Report run(Duration grace, Instant before, boolean dryRun) {
    if (!one.tryLock()) {
      throw new Problem(
          Fault.GC_RUNNING, "a collection is under way", "Wait until it is done, then try again");
    }
    try {
      Map<String, Long> dropped = new LinkedHashMap<>();
      rows.forEach((kind, part) -> dropped.put(kind, part.drop(before, dryRun)));
      blobs.pins().begin();
      try {
        return sweep(grace, dryRun, dropped);
      } finally {
        blobs.pins().end();
      }
    } finally {
      one.unlock();
    }
  }

  private Report sweep(Duration grace, boolean dryRun, Map<String, Long> dropped) {
    // Before the rows are read: a blob that comes later is younger than this, whatever its row.
    Instant old = real.instant().minus(grace);
    DigestSet named = marked();
    long kept = 0;
    long keptBytes = 0;
    long young = 0;
    long removed = 0;
    long removedBytes = 0;
    for (int shelf = 0; shelf < 256; shelf++) {
      for (Blobs.Shelved blob : blobs.shelf(shelf)) {
        if (named.has(blob.digest())) {
          kept++;
          keptBytes += blob.size();
        } else if (blob.modified().isAfter(old) || !take(blob.digest(), dryRun)) {
          young++;
        } else {
          removed++;
          removedBytes += blob.size();
        }
      }
    }
    return new Report(dryRun, dropped, kept, keptBytes, young, removed, removedBytes);
  }

  private boolean take(Digest digest, boolean dryRun) {
    return dryRun || blobs.collect(digest);
  }

  private DigestSet marked() {
    return db.read(tx -> {
      DigestSet named = new DigestSet();
      for (References part : references) part.in(tx, named::addAllIn);
      return named.sealed();
    });
  }
}
