package dev.orrery.artifact;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.BlobReader;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Gc;
import dev.orrery.blob.Hold;
import dev.orrery.sql.Db;
import dev.orrery.sql.Tx;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Store a file of a run or a model, list its folder, read it, delete it.
///
/// A file is there whole or not at all; one that is put at a path that has one replaces it at once.
/// Safe for use by many threads and processes.
public final class Artifacts {
  /// The owner of paths that belong to no run and no model.
  public static final String SHARED = "shared";

  private static final int LIST_MAX = 100_000;
  private static final int PAGE = 10_000;
  private static final int NAMED_MAX = 100;

  private final Db db;
  private final Blobs blobs;
  private final InstantSource clock;
  private final Owners owners;

  /// @param owners who says whether an owner is there
  public Artifacts(Db db, Blobs blobs, InstantSource clock, Owners owners) {
    this.db = db;
    this.blobs = blobs;
    this.clock = clock;
    this.owners = owners;
  }

  /// Stores all that a stream gives.
  ///
  /// @throws Problem BAD_ARTIFACT_PATH, ARTIFACT_IN_THE_WAY, of kind NOT_FOUND if there is no such
  ///   owner, or what [Blobs#put(InputStream)] throws
  public Artifact put(String owner, String path, InputStream bytes) {
    SafePath safe = new SafePath(path);
    requireFree(owner, safe);
    try (Hold hold = blobs.hold()) {
      return put(owner, safe, hold.put(bytes));
    }
  }

  public Artifact put(String owner, String path, byte[] bytes) {
    SafePath safe = new SafePath(path);
    requireFree(owner, safe);
    try (Hold hold = blobs.hold()) {
      return put(owner, safe, hold.put(bytes));
    }
  }

  private Artifact put(String owner, SafePath path, Blobs.Stored stored) {
    return db.write(tx -> put(tx, owner, path, stored));
  }

  /// Names a stored blob, within the transaction of something larger; hold the blob until it has
  /// ended.
  public Artifact put(Tx tx, String owner, SafePath path, Blobs.Stored stored) {
    require(tx, owner, path);
    var artifact =
        new Artifact(owner, path.text(), stored.digest(), stored.size(), clock.instant());
    ArtifactStore.put(tx, artifact, path.parent());
    List<String> folders = path.folders();
    if (!folders.isEmpty() && !ArtifactStore.isFolder(tx, owner, folders.getFirst())) {
      ArtifactStore.putFolders(tx, owner, folders);
    }
    return artifact;
  }

  /// Refuses a path that could not be put, before its bytes come.
  ///
  /// @throws Problem as [#put]
  public void requireFree(String owner, SafePath path) {
    db.read(tx -> {
      require(tx, owner, path);
      return owner;
    });
  }

  /// Refuses a file of an announced size that the disk has no room for.
  ///
  /// @param length a number written out; what is none says nothing
  /// @throws Problem BLOB_FULL
  void requireRoom(String length) {
    if (length.matches("\\d{1,18}")) blobs.requireRoom(Long.parseLong(length));
  }

  /// Refuses an owner that is not there.
  ///
  /// @throws Problem of kind NOT_FOUND
  public void requireOwner(String owner) {
    db.read(tx -> {
      owners.require(tx, owner);
      return owner;
    });
  }

  private void require(Tx tx, String owner, SafePath path) {
    owners.require(tx, owner);
    if (ArtifactStore.isFolder(tx, owner, path.text())) {
      throw inTheWay(path.text(), "is a folder, and cannot become a file");
    }
    List<String> folders = path.folders();
    if (folders.isEmpty() || ArtifactStore.isFolder(tx, owner, folders.getFirst())) return;
    for (String folder : folders) {
      if (ArtifactStore.find(tx, owner, folder).isPresent()) {
        throw inTheWay(folder, "is a file, and nothing can lie below it");
      }
    }
  }

  private static Problem inTheWay(String path, String how) {
    return new Problem(
        Fault.ARTIFACT_IN_THE_WAY,
        "'%s' %s".formatted(Texts.shown(path), how),
        "Choose another path, or delete that first");
  }

  /// What stands in a folder, by name, folders and files together; empty if there is no such
  /// folder.
  ///
  /// @param folder empty for the top
  public List<Entry> list(String owner, String folder) {
    if (!folder.isEmpty()) {
      var _ = new SafePath(folder);
    }
    List<Entry> entries = new ArrayList<>();
    db.read(tx -> {
      ArtifactStore.folders(tx, owner, folder, LIST_MAX + 1)
          .forEach(path -> entries.add(Entry.folder(path)));
      ArtifactStore.files(tx, owner, folder, LIST_MAX + 1)
          .forEach(file -> entries.add(Entry.file(file)));
      return owner;
    });
    return bounded(entries).stream().sorted(Comparator.comparing(Entry::path)).toList();
  }

  /// Every file of an owner, by path.
  public List<Artifact> all(String owner) {
    return db.read(tx -> all(tx, owner));
  }

  public List<Artifact> all(Tx tx, String owner) {
    List<Artifact> all = ArtifactStore.all(tx, owner, LIST_MAX + 1);
    return bounded(all).stream().sorted(Comparator.comparing(Artifact::path)).toList();
  }

  private static <T> List<T> bounded(List<T> found) {
    if (found.size() > LIST_MAX) {
      throw new Problem(
          Fault.TOO_MANY_ARTIFACTS,
          "there are more than %,d files and folders".formatted(LIST_MAX),
          "Look into one of its folders");
    }
    return found;
  }

  public long count(String owner) {
    return db.read(tx -> ArtifactStore.count(tx, owner));
  }

  public Optional<Artifact> find(String owner, String path) {
    var safe = new SafePath(path);
    return db.read(tx -> ArtifactStore.find(tx, owner, safe.text()));
  }

  /// @throws Problem NOT_FOUND if the owner has no such file
  public Artifact get(String owner, String path) {
    return find(owner, path).orElseThrow(() -> missing(owner, path));
  }

  static Problem missing(String owner, String path) {
    return Problem.notFound(
        "artifact",
        Texts.shown(path),
        "List the files of %s to see what it has".formatted(Texts.shown(owner)));
  }

  /// The bytes of a file, checked.
  ///
  /// @throws Problem of kind DATA_LOSS, naming the file, if they are damaged
  public byte[] read(Artifact artifact) {
    return told(artifact, () -> blobs.read(artifact.digest()));
  }

  /// The bytes of a file as a stream, checked as they are given.
  public InputStream open(Artifact artifact) {
    return told(artifact, () -> blobs.open(artifact.digest()));
  }

  /// A reader of any place of a file.
  public BlobReader reader(Artifact artifact) {
    return told(artifact, () -> blobs.reader(artifact.digest()));
  }

  private interface Reading<T> {
    T get();
  }

  private static <T> T told(Artifact artifact, Reading<T> reading) {
    try {
      return reading.get();
    } catch (Problem problem) {
      throw told(artifact, problem);
    }
  }

  /// A problem of a blob, in terms of the file that it was for.
  static Problem told(Artifact artifact, Problem problem) {
    boolean isDamaged = problem.fault() == Fault.BLOB_DAMAGED;
    if (!isDamaged && problem.fault() != Fault.BLOB_MISSING) return problem;
    return new Problem(
            Fault.BLOB_DAMAGED,
            "the bytes of '%s' of %s are %s (blob %s)"
                .formatted(
                    artifact.path(),
                    artifact.owner(),
                    isDamaged ? "damaged" : "gone",
                    artifact.digest()),
            "Restore this blob from a backup, or store the same file again")
        .because(problem);
  }

  /// Deletes a file, or a folder with all below it.
  ///
  /// @return how many files
  public int delete(Tx tx, String owner, String path) {
    SafePath safe = new SafePath(path);
    int files = ArtifactStore.delete(tx, owner, safe.text());
    for (String folder : safe.folders()) {
      if (!ArtifactStore.prune(tx, owner, folder)) break;
    }
    return files;
  }

  public int delete(String owner, String path) {
    return db.write(tx -> delete(tx, owner, path));
  }

  public int deleteAll(String owner) {
    return db.write(tx -> deleteAll(tx, owner));
  }

  /// Deletes all files of an owner.
  public int deleteAll(Tx tx, String owner) {
    return ArtifactStore.deleteAll(tx, owner);
  }

  /// Files in whose paths all of these words stand, whatever the case.
  ///
  /// @param words at least one, in lower case
  public List<Artifact> called(List<String> words, int limit) {
    List<String> patterns =
        words.stream()
            .map(word ->
                "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
            .toList();
    return db.read(tx -> ArtifactStore.like(tx, patterns, limit));
  }

  /// Which files a blob is named by; 100 at most.
  public List<Artifact> named(Digest digest) {
    return db.read(tx -> ArtifactStore.named(tx, digest, NAMED_MAX));
  }

  /// Tells the collector of blobs what files and uploads name.
  public void markFor(Gc gc) {
    gc.marks((tx, digests) -> ArtifactStore.digests(tx, PAGE, digests));
  }
}
