package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.ByteArrayInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Bytes by their digest. Safe for use by many threads; a folder belongs to one process, which
/// opens it once.
public final class Blobs {
  private static final String INCOMING = "incoming";
  private static final int BUFFER_BYTES = 128 * 1024;

  private interface Step<T> {
    T take() throws IOException;
  }

  private final Path folder;
  private final Path incoming;

  private Blobs(Path folder) {
    this.folder = folder;
    this.incoming = folder.resolve(INCOMING);
  }

  /// Opens, or makes, a folder of blobs, and removes what a killed process left half written.
  public static Blobs folder(Path folder) {
    Blobs blobs = new Blobs(folder);
    blobs.attempt(() -> {
      Files.createDirectories(blobs.incoming);
      Disk.syncFolder(folder);
      return blobs.sweep();
    });
    return blobs;
  }

  /// Stores all that the stream gives; durable when it returns. The stream is left open.
  ///
  /// @throws Problem BLOB_FULL if the disk is full, BLOB_FAILED if it or the stream fails; nothing
  ///   is left behind
  public Digest put(InputStream bytes) {
    return attempt(() -> {
      Path temporary = incoming.resolve(UUID.randomUUID().toString());
      try {
        Digest digest = write(bytes, temporary);
        publish(temporary, digest);
        return digest;
      } finally {
        Files.deleteIfExists(temporary);
      }
    });
  }

  public Digest put(byte[] bytes) {
    Digest digest = Digest.of(bytes);
    // Where the same bytes stand already and are sound, only their name needs to be durable.
    if (has(digest) && isSound(digest)) {
      attempt(() -> {
        Disk.syncFolder(shelf(digest));
        return digest;
      });
      return digest;
    }
    return put(new ByteArrayInputStream(bytes));
  }

  private static Digest write(InputStream bytes, Path file) throws IOException {
    MessageDigest sha256 = Digest.sha256();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (FileOutputStream out = new FileOutputStream(file.toFile())) {
      for (int n = bytes.read(buffer); n >= 0; n = bytes.read(buffer)) {
        sha256.update(buffer, 0, n);
        out.write(buffer, 0, n);
      }
      out.getFD().sync();
    }
    return Digest.finish(sha256);
  }

  /// A rename replaces what stands there, so that a damaged blob is healed by storing it again.
  private void publish(Path temporary, Digest digest) throws IOException {
    Path shelf = shelf(digest);
    if (!Files.isDirectory(shelf)) {
      Files.createDirectories(shelf);
      Disk.syncFolder(folder);
    }
    Files.move(temporary, file(digest), StandardCopyOption.ATOMIC_MOVE);
    Disk.syncFolder(shelf);
  }

  /// The bytes, checked.
  ///
  /// @throws Problem BLOB_MISSING, or BLOB_DAMAGED if they are no longer what was stored
  public byte[] read(Digest digest) {
    byte[] bytes = found(digest, () -> Files.readAllBytes(file(digest)));
    if (!Digest.of(bytes).equals(digest)) throw damaged(digest);
    return bytes;
  }

  /// The bytes as a stream, for what is too large for memory; they are checked before the first is
  /// given.
  ///
  /// @throws Problem BLOB_MISSING or BLOB_DAMAGED
  public InputStream open(Digest digest) {
    return found(digest, () -> Files.newInputStream(verified(digest)));
  }

  /// The file itself, checked, for readers that take nothing else. It must not be changed.
  ///
  /// @throws Problem BLOB_MISSING or BLOB_DAMAGED
  public Path verified(Digest digest) {
    if (!isSound(digest)) throw damaged(digest);
    return file(digest);
  }

  /// In bytes.
  ///
  /// @throws Problem BLOB_MISSING
  public long size(Digest digest) {
    return found(digest, () -> Files.size(file(digest)));
  }

  public boolean has(Digest digest) {
    return Files.isRegularFile(file(digest));
  }

  /// Reads every blob and lists those whose bytes do not match their digest, in order.
  public List<Digest> damaged() {
    return attempt(() -> {
      List<Digest> damaged = new ArrayList<>();
      try (Stream<Path> files = Files.walk(folder, 2)) {
        Stream<String> names = files.map(f -> String.valueOf(f.getFileName())).sorted();
        for (String name : (Iterable<String>) names::iterator) {
          if (!name.matches("[0-9a-f]{64}")) continue;
          Digest digest = new Digest(name);
          if (has(digest) && !isSound(digest)) damaged.add(digest);
        }
      }
      return damaged;
    });
  }

  /// Removes what is left of writes that were cut by the end of their process.
  private int sweep() throws IOException {
    int removed = 0;
    try (Stream<Path> files = Files.list(incoming)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.deleteIfExists(file)) removed++;
      }
    }
    return removed;
  }

  private boolean isSound(Digest digest) {
    return found(
        digest,
        () -> {
          MessageDigest sha256 = Digest.sha256();
          byte[] buffer = new byte[BUFFER_BYTES];
          try (InputStream in = Files.newInputStream(file(digest))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) sha256.update(buffer, 0, n);
          }
          return Digest.finish(sha256).equals(digest);
        });
  }

  private Path shelf(Digest digest) {
    return folder.resolve(digest.hex().substring(0, 2));
  }

  private Path file(Digest digest) {
    return shelf(digest).resolve(digest.hex());
  }

  private <T> T found(Digest digest, Step<T> step) {
    return attempt(() -> {
      try {
        return step.take();
      } catch (NoSuchFileException e) {
        throw new Problem(
                Fault.BLOB_MISSING,
                "no blob has the digest %s".formatted(digest),
                "Restore the folder %s from a backup".formatted(folder))
            .because(e);
      }
    });
  }

  private Problem damaged(Digest digest) {
    return new Problem(
        Fault.BLOB_DAMAGED,
        "the bytes of %s are damaged".formatted(file(digest)),
        "Restore this file from a backup, or store the same bytes again");
  }

  private <T> T attempt(Step<T> step) {
    try {
      return step.take();
    } catch (IOException e) {
      if (Disk.isFull(e)) {
        throw new Problem(
                Fault.BLOB_FULL,
                "the disk of %s is full".formatted(folder),
                "Free space on it and try again; nothing was stored")
            .because(e);
      }
      throw new Problem(
              Fault.BLOB_FAILED,
              "%s: %s".formatted(folder, e),
              "Look at this disk, or at what sends the bytes, and try again")
          .because(e);
    }
  }
}
