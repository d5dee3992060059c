package dev.orrery.blob;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/// A blob whose digest holds, read at any place; each piece is checked once more as it is read, so
/// that what was damaged since is never given out. For one thread.
public final class BlobReader implements AutoCloseable {
  private final FileChannel channel;
  private final long size;
  private final int[] sums;
  private final Runnable damaged;
  private @Nullable ByteBuffer scratch;
  private int inScratch = -1;

  /// @param damaged throws, when a piece is no longer what it was
  BlobReader(FileChannel channel, Proofs.Proof proof, Runnable damaged) {
    this.channel = channel;
    this.size = proof.state().size();
    this.sums = proof.sums();
    this.damaged = damaged;
  }

  /// In bytes.
  public long size() {
    return size;
  }

  /// Reads on from a place, at most to the end of a piece.
  ///
  /// @return how many bytes were read, 1 or more; -1 at the end of the blob
  /// @throws dev.orrery.base.Problem BLOB_DAMAGED
  public int read(long at, ByteBuffer into) throws IOException {
    if (at >= size) return -1;
    int number = Math.toIntExact(at / Pieces.BYTES);
    int within = Math.toIntExact(at % Pieces.BYTES);
    int length = (int) Math.min(Pieces.BYTES, size - at + within);
    if (within == 0 && into.remaining() >= length) {
      ByteBuffer piece = into.slice(into.position(), length);
      fill(piece, number);
      into.position(into.position() + length);
      return length;
    }
    ByteBuffer held = scratch;
    if (held == null) {
      held = ByteBuffer.allocate(Pieces.BYTES);
      scratch = held;
    }
    if (inScratch != number) {
      inScratch = -1;
      held.clear().limit(length);
      fill(held, number);
      inScratch = number;
    }
    int taken = Math.min(into.remaining(), length - within);
    into.put(held.duplicate().position(within).limit(within + taken));
    return taken;
  }

  private void fill(ByteBuffer piece, int number) throws IOException {
    long at = (long) number * Pieces.BYTES;
    int start = piece.position();
    while (piece.hasRemaining()) {
      int read = channel.read(piece, at + piece.position() - start);
      if (read < 0) {
        damaged.run();
        throw new EOFException("a blob became shorter while it was read");
      }
    }
    piece.position(start);
    if (Pieces.of(piece.duplicate()) != sums[number]) damaged.run();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
