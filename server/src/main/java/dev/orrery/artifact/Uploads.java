package dev.orrery.artifact;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import dev.orrery.blob.Blobs;
import dev.orrery.blob.Drafts;
import dev.orrery.blob.Hold;
import dev.orrery.sql.Db;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Large files in several requests, which outlive the process: nothing of them is seen until they
/// are whole, and what is given up is swept away.
///
/// Safe for use by many threads; of one upload, one request at a time writes or ends it.
public final class Uploads {
  /// How long an upload may rest.
  static final Duration KEPT = Duration.ofHours(24);

  static final int PARTS_MAX = 10_000;

  private static final int OPEN_MAX = 1_000;
  private static final int SWEEP_MAX = 1_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A new upload.
  ///
  /// @param secret what requests that write its parts must show
  record Begun(Upload upload, String secret) {}

  private final Db db;
  private final Blobs blobs;
  private final Drafts drafts;
  private final Artifacts artifacts;
  private final InstantSource clock;

  /// Uploads that a request works on at the moment, and new drafts whose rows are to come.
  private final Set<UUID> busy = ConcurrentHashMap.newKeySet();

  /// @param clock the real one
  public Uploads(Db db, Blobs blobs, Artifacts artifacts, InstantSource clock) {
    this.db = db;
    this.blobs = blobs;
    this.drafts = blobs.drafts();
    this.artifacts = artifacts;
    this.clock = clock;
  }

  /// @param size null if it is not known
  /// @throws Problem TOO_MANY_UPLOADS, BLOB_FULL, or as [Artifacts#put]
  Begun begin(Upload.Kind kind, String owner, SafePath path, String who, @Nullable Long size) {
    if (size != null && (size < 0 || size > ArtifactWire.FILE_BYTES_MAX)) {
      throw new Problem(
          Fault.ARTIFACT_TOO_LARGE,
          "a file of %,d bytes".formatted(size),
          "Store files of 0 to %,d bytes".formatted(ArtifactWire.FILE_BYTES_MAX));
    }
    if (size != null) blobs.requireRoom(size);
    artifacts.requireFree(owner, path);
    byte[] random = new byte[32];
    RANDOM.nextBytes(random);
    String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Instant now = clock.instant();
    var upload =
        new Upload(
            UUID.randomUUID(),
            kind,
            owner,
            path,
            Digest.of(secret),
            who,
            size,
            0,
            Upload.State.OPEN,
            null,
            now.plus(KEPT));
    db.write(tx -> {
      if (UploadStore.open(tx) >= OPEN_MAX) {
        throw new Problem(
            Fault.TOO_MANY_UPLOADS,
            "%,d uploads are under way".formatted(OPEN_MAX),
            "Complete or delete some; those without a part for a day end by themselves");
      }
      UploadStore.insert(tx, upload, now);
      return upload;
    });
    return new Begun(upload, secret);
  }

  /// @throws Problem NOT_FOUND if there is none, or no more
  Upload get(UUID id) {
    return db.read(tx -> UploadStore.find(tx, id)).orElseThrow(() -> unknown(id));
  }

  private static Problem unknown(UUID id) {
    return Problem.notFound("upload", id.toString(), "Begin a new one");
  }

  /// An upload of this kind, if the secret is its own.
  Upload get(UUID id, Upload.Kind kind, String secret) {
    Upload upload = get(id, kind);
    byte[] shown = Digest.of(secret).hex().getBytes(StandardCharsets.US_ASCII);
    byte[] known = upload.secret().hex().getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(shown, known)) throw unknown(id);
    return upload;
  }

  Upload get(UUID id, Upload.Kind kind) {
    Upload upload = get(id);
    if (upload.kind() != kind) throw unknown(id);
    return upload;
  }

  /// Takes a numbered part; one that came before under the number is replaced.
  Upload.Part part(Upload upload, long number, InputStream bytes, long max) {
    if (number < 1 || number > PARTS_MAX) {
      throw bad("part %d of an upload".formatted(number), "Number parts from 1 to " + PARTS_MAX);
    }
    requireOpen(upload);
    UUID draft = UUID.randomUUID();
    busy.add(draft);
    try {
      Blobs.Stored stored = drafts.append(draft, 0, bytes, max);
      var part = new Upload.Part(number, draft, stored.size(), stored.digest());
      db.write(tx -> {
        Upload now = UploadStore.find(tx, upload.id()).orElseThrow(() -> unknown(upload.id()));
        requireOpen(now);
        UploadStore.putPart(tx, upload.id(), part);
        UploadStore.received(
            tx, upload.id(), now.received() + part.size(), clock.instant().plus(KEPT));
        return part;
      });
      return part;
    } catch (RuntimeException e) {
      drafts.drop(draft);
      throw e;
    } finally {
      busy.remove(draft);
    }
  }

  private static void requireOpen(Upload upload) {
    if (upload.state() != Upload.State.OPEN) {
      throw bad(
          "the upload %s is complete already".formatted(upload.id()), "Begin a new one for more");
    }
  }

  /// Makes the file of its parts.
  ///
  /// @param told the numbers and digests of all parts, as their requests were answered
  Artifact complete(UUID id, List<Told> told) {
    return alone(
        id,
        () -> {
          Upload upload = get(id, Upload.Kind.PARTS);
          if (upload.state() == Upload.State.DONE) return done(upload);
          List<Upload.Part> parts = db.read(tx -> UploadStore.parts(tx, id));
          requireSame(parts, told);
          try (Hold hold = blobs.hold()) {
            Blobs.Stored stored =
                drafts.join(parts.stream().map(Upload.Part::draft).toList(), hold);
            Artifact artifact = finish(upload, stored);
            parts.forEach(part -> drafts.drop(part.draft()));
            return artifact;
          }
        });
  }

  /// A part as the client knows it.
  record Told(long number, String etag) {}

  private static void requireSame(List<Upload.Part> parts, List<Told> told) {
    if (told.isEmpty()) throw bad("an upload without parts", "Name its parts");
    List<Told> ours =
        parts.stream().map(part -> new Told(part.number(), part.digest().hex())).toList();
    List<Told> theirs =
        told.stream()
            .map(part -> new Told(part.number(), part.etag().replace("\"", "")))
            .sorted(java.util.Comparator.comparingLong(Told::number))
            .toList();
    if (!ours.equals(theirs)) {
      throw bad(
          "the parts that are named are not the %d that have come".formatted(ours.size()),
          "Send the parts that are missing, and name each with the ETag it was answered with");
    }
    for (int i = 0; i < ours.size(); i++) {
      if (ours.get(i).number() != i + 1) {
        throw bad("part %d is missing".formatted(i + 1), "Number parts 1, 2, 3 without a gap");
      }
    }
  }

  /// Goes on with a stream.
  ///
  /// @param digest of this part, if it was told: the part counts whole then or not at all
  /// @return how many bytes have come altogether
  /// @throws Problem UPLOAD_OFFSET if the last part ended elsewhere, UPLOAD_DIGEST
  long append(UUID id, long offset, InputStream bytes, Optional<Digest> digest) {
    return alone(
        id,
        () -> {
          Upload upload = get(id, Upload.Kind.STREAM);
          requireOpen(upload);
          if (offset != upload.received()) {
            throw new Problem(
                Fault.UPLOAD_OFFSET,
                "the upload %s goes on at byte %d, not at %d"
                    .formatted(id, upload.received(), offset),
                "Send the bytes from %d on".formatted(upload.received()));
          }
          Long size = upload.size();
          long max = (size == null ? ArtifactWire.FILE_BYTES_MAX : size) - offset;
          try {
            Blobs.Stored part = drafts.append(id, offset, new Bounded(bytes, max), max + 1);
            if (digest.isPresent() && !digest.get().equals(part.digest())) {
              throw new Problem(
                  Fault.UPLOAD_DIGEST,
                  "the part at %d has the SHA-256 %s, not %s"
                      .formatted(offset, part.digest(), digest.get()),
                  "Send this part again");
            }
            return received(id, offset + part.size());
          } catch (RuntimeException e) {
            // What came before a break counts, unless it was to be checked as one.
            long came = digest.isEmpty() && isBreak(e) ? drafts.size(id) : offset;
            drafts.cut(id, came);
            if (came > offset) received(id, came);
            throw e;
          }
        });
  }

  private static boolean isBreak(RuntimeException e) {
    return e instanceof Problem problem && problem.fault() == Fault.BAD_REQUEST;
  }

  private long received(UUID id, long received) {
    db.write(tx -> {
      UploadStore.received(tx, id, received, clock.instant().plus(KEPT));
      return id;
    });
    return received;
  }

  /// Makes the file of a stream that is whole.
  ///
  /// @throws Problem UPLOAD_DIGEST if it is not the one that was meant
  Artifact complete(UUID id, Digest expected) {
    return alone(
        id,
        () -> {
          Upload upload = get(id, Upload.Kind.STREAM);
          if (upload.state() == Upload.State.DONE) {
            if (!expected.equals(upload.digest())) {
              throw bad("the upload %s became another file".formatted(id), "Begin a new one");
            }
            return done(upload);
          }
          Long size = upload.size();
          if (size != null && size != upload.received()) {
            throw bad(
                "the upload %s has %,d of %,d bytes".formatted(id, upload.received(), size),
                "Send the bytes from %d on".formatted(upload.received()));
          }
          if (upload.received() == 0) {
            drafts.append(id, 0, InputStream.nullInputStream(), 0);
          } else {
            drafts.cut(id, upload.received());
          }
          try (Hold hold = blobs.hold()) {
            return finish(upload, drafts.finish(id, expected, hold));
          }
        });
  }

  private Artifact finish(Upload upload, Blobs.Stored stored) {
    return db.write(tx -> {
      if (UploadStore.find(tx, upload.id()).isEmpty()) throw unknown(upload.id());
      Artifact artifact = artifacts.put(tx, upload.owner(), upload.path(), stored);
      UploadStore.done(tx, upload.id(), stored.digest(), clock.instant().plus(KEPT));
      return artifact;
    });
  }

  private Artifact done(Upload upload) {
    Digest digest = java.util.Objects.requireNonNull(upload.digest());
    return new Artifact(
        upload.owner(), upload.path().text(), digest, blobs.size(digest), clock.instant());
  }

  /// Gives an upload up; what has become a file stays one.
  void abort(UUID id) {
    alone(
        id,
        () -> {
          List<Upload.Part> parts =
              db.write(tx -> {
                List<Upload.Part> found = UploadStore.parts(tx, id);
                UploadStore.delete(tx, id);
                return found;
              });
          parts.forEach(part -> drafts.drop(part.draft()));
          drafts.drop(id);
          return id;
        });
  }

  /// Gives up what has rested too long, and drops what no upload wants.
  public void sweep() {
    List<UUID> expired = db.read(tx -> UploadStore.expired(tx, clock.instant(), SWEEP_MAX));
    for (UUID id : expired) {
      if (!busy.contains(id)) abort(id);
    }
    drafts.sweep(draft -> busy.contains(draft) || db.read(tx -> UploadStore.isWanted(tx, draft)));
  }

  private interface Step<T> {
    T take();
  }

  private <T> T alone(UUID id, Step<T> step) {
    if (!busy.add(id)) {
      throw new Problem(
          Fault.UPLOAD_BUSY,
          "another request works on the upload %s".formatted(id),
          "Send one at a time; ask for its offset in a moment");
    }
    try {
      return step.take();
    } finally {
      busy.remove(id);
    }
  }

  private static Problem bad(String what, String remedy) {
    return new Problem(Fault.BAD_UPLOAD, Texts.shown(what), remedy);
  }
}
