package dev.orrery.blob;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Blobs that may not be collected until it is closed. For one thread.
public final class Hold implements AutoCloseable {
  private final Blobs blobs;
  private final Pins pins;
  private final List<Digest> held = new ArrayList<>();

  Hold(Blobs blobs, Pins pins) {
    this.blobs = blobs;
    this.pins = pins;
  }

  /// As [Blobs#put(InputStream)].
  public Blobs.Stored put(InputStream bytes) {
    return blobs.put(bytes, this::pin);
  }

  public Blobs.Stored put(byte[] bytes) {
    return blobs.put(bytes, this::pin);
  }

  /// Keeps a blob that is there already; to write a row that names it.
  ///
  /// @throws Problem BLOB_MISSING
  public void keep(Digest digest) {
    pin(digest);
    if (!blobs.has(digest)) {
      throw new Problem(
          Fault.BLOB_MISSING,
          "no blob has the digest %s".formatted(digest),
          "Store its bytes first");
    }
  }

  void pin(Digest digest) {
    pins.pin(digest);
    held.add(digest);
  }

  @Override
  public void close() {
    held.forEach(pins::release);
    held.clear();
  }
}
