package dev.orrery.blob;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// A blob from its first byte to its last.
final class BlobStream extends InputStream {
  private final BlobReader reader;
  private long at;

  BlobStream(BlobReader reader) {
    this.reader = reader;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) return 0;
    int n = reader.read(at, ByteBuffer.wrap(into, from, length));
    if (n > 0) at += n;
    return n;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
