package dev.orrery.artifact;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A stream that may give so many bytes and not one more.
final class Bounded extends FilterInputStream {
  private long left;

  Bounded(InputStream in, long max) {
    super(in);
    this.left = max;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    int n = in.read(into, from, length);
    if (n > left) {
      throw new Problem(
          Fault.ARTIFACT_TOO_LARGE,
          "more bytes came than the upload was to have",
          "Begin an upload of the file's true size");
    }
    if (n > 0) left -= n;
    return n;
  }
}
