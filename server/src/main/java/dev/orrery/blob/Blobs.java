package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.Disk;
import dev.orrery.base.DiskRoom;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Bytes by their digest. Safe for use by many threads; a folder belongs to one process, which
/// opens it once.
public final class Blobs {
  private static final String INCOMING = "incoming";
  private static final String DRAFTS = "drafts";
  private static final int SHELVES = 256;

  interface Step<T> {
    T take() throws IOException;
  }

  /// A blob that was just stored.
  ///
  /// @param size in bytes
  public record Stored(Digest digest, long size) {}

  /// How far a look at every blob has come.
  ///
  /// @param bytes read so far
  public record Progress(long checked, long of, long bytes, List<Digest> damaged) {}

  private final Path folder;
  private final Path incoming;
  private final DiskRoom room;
  private final Proofs proofs = new Proofs();
  private final Pins pins = new Pins();

  private Blobs(Path folder, DiskRoom room) {
    this.folder = folder;
    this.incoming = folder.resolve(INCOMING);
    this.room = room;
  }

  /// Opens, or makes, a folder of blobs, and removes what a killed process left half written.
  public static Blobs folder(Path folder) {
    return folder(folder, DiskRoom.above(folder, () -> 0));
  }

  /// @param room what of its disk blobs may fill
  public static Blobs folder(Path folder, DiskRoom room) {
    Blobs blobs = new Blobs(folder, room);
    blobs.attempt(() -> {
      Files.createDirectories(blobs.incoming);
      Disk.syncFolder(folder);
      return blobs.sweep();
    });
    return blobs;
  }

  /// Stores all that the stream gives; durable when it returns. The stream is left open. What no
  /// row names within the hour may be collected: use [#hold()] where that could come late.
  ///
  /// @throws Problem BLOB_FULL if the disk is full, BLOB_FAILED if it or the stream fails; nothing
  ///   is left behind
  public Digest put(InputStream bytes) {
    try (Hold hold = hold()) {
      return hold.put(bytes).digest();
    }
  }

  public Digest put(byte[] bytes) {
    try (Hold hold = hold()) {
      return hold.put(bytes).digest();
    }
  }

  /// Keeps what is put through it from being collected, until it is closed: hold, put, write the
  /// row, close.
  public Hold hold() {
    return new Hold(this, pins);
  }

  /// Parts of what will be blobs once they are whole.
  public Drafts drafts() {
    return new Drafts(this, folder.resolve(DRAFTS), room);
  }

  /// Refuses what would not fit on the disk, before its first byte.
  ///
  /// @throws Problem BLOB_FULL
  public void requireRoom(long bytes) {
    if (room.has(bytes)) return;
    attempt(() -> {
      throw new Filling.Full(room.floorBytes());
    });
  }

  Stored put(InputStream bytes, Consumer<Digest> pin) {
    return attempt(() -> {
      Path temporary = incoming.resolve(UUID.randomUUID().toString());
      try {
        var filled = Filling.write(bytes, temporary, room);
        pin.accept(filled.digest());
        publish(temporary, filled);
        return new Stored(filled.digest(), filled.size());
      } finally {
        Files.deleteIfExists(temporary);
      }
    });
  }

  Stored put(byte[] bytes, Consumer<Digest> pin) {
    Digest digest = Digest.of(bytes);
    pin.accept(digest);
    // Where the same bytes stand already and are sound, only their name needs to be durable.
    if (has(digest) && isSound(digest)) {
      attempt(() -> {
        Files.setLastModifiedTime(file(digest), youngest());
        Disk.syncFolder(shelf(digest));
        return digest;
      });
      return new Stored(digest, bytes.length);
    }
    return put(new ByteArrayInputStream(bytes), pin);
  }

  /// The time of the file system's own clock.
  private FileTime youngest() throws IOException {
    Path probe = Files.createTempFile(incoming, "now", "");
    try {
      return Files.getLastModifiedTime(probe);
    } finally {
      Files.deleteIfExists(probe);
    }
  }

  /// A rename replaces what stands there, so that a damaged blob is healed by storing it again.
  void publish(Path temporary, Filling.Filled filled) throws IOException {
    Digest digest = filled.digest();
    Path shelf = shelf(digest);
    if (!Files.isDirectory(shelf)) {
      Files.createDirectories(shelf);
      Disk.syncFolder(folder);
    }
    proofs.drop(digest);
    Files.move(temporary, file(digest), StandardCopyOption.ATOMIC_MOVE);
    Disk.syncFolder(shelf);
    try {
      // Read after the rename: if another put came in between, its bytes have the same sums.
      Proofs.State state = Proofs.State.of(file(digest));
      proofs.put(digest, new Proofs.Proof(state, filled.sums()));
    } catch (NoSuchFileException _) {
      // A collector may take it from here on; whoever needs it holds it.
    }
  }

  /// The bytes, checked.
  ///
  /// @throws Problem BLOB_MISSING, or BLOB_DAMAGED if they are no longer what was stored
  public byte[] read(Digest digest) {
    byte[] bytes = found(digest, () -> Files.readAllBytes(file(digest)));
    if (!Digest.of(bytes).equals(digest)) throw damaged(digest);
    return bytes;
  }

  /// The bytes as a stream, for what is too large for memory; each is checked before it is given.
  ///
  /// @throws Problem BLOB_MISSING or BLOB_DAMAGED
  public InputStream open(Digest digest) {
    return new BlobStream(reader(digest));
  }

  /// A reader of any place of a blob. The whole is read and its digest checked first, unless that
  /// was done since the file last changed; then its pieces are checked as they are read.
  ///
  /// @throws Problem BLOB_MISSING or BLOB_DAMAGED
  public BlobReader reader(Digest digest) {
    return found(
        digest,
        () -> {
          FileChannel channel = FileChannel.open(file(digest));
          boolean given = false;
          try {
            Proofs.State state = Proofs.State.of(file(digest));
            Proofs.Proof proof = proofs.of(digest, state);
            if (proof == null) {
              proof = prove(digest, channel, state);
              proofs.put(digest, proof);
            }
            BlobReader reader =
                new BlobReader(
                    channel,
                    proof,
                    () -> {
                      proofs.drop(digest);
                      throw damaged(digest);
                    });
            given = true;
            return reader;
          } finally {
            if (!given) channel.close();
          }
        });
  }

  private Proofs.Proof prove(Digest digest, FileChannel channel, Proofs.State state)
      throws IOException {
    MessageDigest sha256 = Digest.sha256();
    Pieces pieces = new Pieces();
    ByteBuffer buffer = ByteBuffer.allocate(Filling.BUFFER_BYTES);
    long at = 0;
    for (int n = channel.read(buffer, at); n >= 0; n = channel.read(buffer.clear(), at)) {
      sha256.update(buffer.array(), 0, n);
      pieces.add(buffer.array(), 0, n);
      at += n;
    }
    if (at != state.size() || !Digest.finish(sha256).equals(digest)) throw damaged(digest);
    return new Proofs.Proof(state, pieces.finish());
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
    return damaged(_ -> {});
  }

  /// @param progress told after each blob
  public List<Digest> damaged(Consumer<Progress> progress) {
    List<Digest> damaged = new ArrayList<>();
    List<Digest> all = new ArrayList<>();
    for (int shelf = 0; shelf < SHELVES; shelf++) {
      for (Shelved blob : shelf(shelf)) all.add(blob.digest());
    }
    long checked = 0;
    long bytes = 0;
    for (Digest digest : all) {
      try {
        long size = size(digest);
        if (!isSound(digest)) damaged.add(digest);
        bytes += size;
      } catch (Problem gone) {
        if (gone.fault() != Fault.BLOB_MISSING) throw gone;
      }
      progress.accept(new Progress(++checked, all.size(), bytes, List.copyOf(damaged)));
      if (Thread.currentThread().isInterrupted()) {
        throw new Problem(Fault.INTERRUPTED, "the check of the blobs was interrupted", "Try again");
      }
    }
    return damaged;
  }

  /// A blob as its folder lists it.
  record Shelved(Digest digest, long size, Instant modified) {}

  /// The blobs whose digest begins with this byte, in order.
  List<Shelved> shelf(int first) {
    Path shelf = folder.resolve(HexFormat.of().toHexDigits((byte) first));
    return attempt(() -> {
      List<Shelved> found = new ArrayList<>();
      if (!Files.isDirectory(shelf)) return found;
      try (Stream<Path> files = Files.list(shelf).sorted()) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = String.valueOf(file.getFileName());
          if (!name.matches("[0-9a-f]{64}")) continue;
          try {
            found.add(
                new Shelved(
                    new Digest(name),
                    Files.size(file),
                    Files.getLastModifiedTime(file).toInstant()));
          } catch (NoSuchFileException _) {
            // Collected meanwhile.
          }
        }
      }
      return found;
    });
  }

  Pins pins() {
    return pins;
  }

  /// Removes a blob that nobody holds and nothing touched in this round of collection.
  ///
  /// @return whether it was removed
  boolean collect(Digest digest) {
    Path trash = incoming.resolve(UUID.randomUUID().toString());
    return attempt(() -> {
      boolean taken =
          pins.unlessPinned(
              digest,
              () -> {
                proofs.drop(digest);
                Files.move(file(digest), trash, StandardCopyOption.ATOMIC_MOVE);
              });
      Files.deleteIfExists(trash);
      return taken;
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
          byte[] buffer = new byte[Filling.BUFFER_BYTES];
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

  <T> T attempt(Step<T> step) {
    try {
      return step.take();
    } catch (IOException e) {
      if (e instanceof Filling.Full || Disk.isFull(e)) {
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
