package dev.orrery.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;

/// Some bytes of a file as the body of a request.
final class Slice extends InputStream {
  private final InputStream file;
  private long left;

  private Slice(InputStream file, long left) {
    this.file = file;
    this.left = left;
  }

  static BodyPublisher of(Path file, long from, long length) {
    if (length == 0) return BodyPublishers.noBody();
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> open(file, from, length)), length);
  }

  private static InputStream open(Path file, long from, long length) {
    try {
      InputStream in = Files.newInputStream(file);
      in.skipNBytes(from);
      return new Slice(in, length);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int at, int length) throws IOException {
    if (left <= 0) return -1;
    int read = file.read(into, at, (int) Math.min(length, left));
    if (read > 0) left -= read;
    return read;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
