package dev.orrery.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One kept-alive HTTP/1.1 connection that costs little: requests are bytes made beforehand, and of
/// an answer only status and length are read.
final class Connection implements AutoCloseable {
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 17];

  Connection(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(30_000);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  static byte[] get(int port, String path) {
    return ("GET " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + port + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] post(int port, String path, String json) {
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nhost: 127.0.0.1:"
            + port
            + "\r\ncontent-type: application/json\r\ncontent-length: "
            + length
            + "\r\n\r\n";
    return (head + json).getBytes(StandardCharsets.UTF_8);
  }

  /// Sends a request and reads its answer.
  ///
  /// @throws IOException if the status is not 2xx
  void exchange(byte[] request) throws IOException {
    out.write(request);
    int filled = 0;
    int head = -1;
    while (head < 0) {
      int from = Math.max(0, filled - 3);
      filled += more(filled);
      head = headEnd(buffer, from, filled);
    }
    int length = length(buffer, head);
    while (filled < head + length) filled += more(filled);
    if (buffer[9] != '2') {
      throw new IOException(new String(buffer, 0, filled, StandardCharsets.UTF_8));
    }
  }

  /// The body of the answer to one request, as text.
  String text(byte[] request) throws IOException {
    exchange(request);
    int head = headEnd(buffer, 0, buffer.length);
    return new String(buffer, head, length(buffer, head), StandardCharsets.UTF_8);
  }

  private int more(int filled) throws IOException {
    if (filled == buffer.length) throw new IOException("the answer is too large");
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) throw new EOFException("the connection was closed");
    return read;
  }

  /// Where the head of an answer ends; -1 if it is not all there.
  static int headEnd(byte[] buffer, int from, int to) {
    for (int i = from; i + 3 < to; i++) {
      if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r') return i + 4;
    }
    return -1;
  }

  /// The length of the body that a head tells.
  static int length(byte[] buffer, int head) throws IOException {
    for (int i = 0; i < head; i++) {
      if (buffer[i] != '\n' || !isLength(buffer, i + 1)) continue;
      int length = 0;
      for (int j = i + 1 + LENGTH.length; buffer[j] != '\r'; j++) {
        if (buffer[j] != ' ') length = 10 * length + buffer[j] - '0';
      }
      return length;
    }
    throw new IOException("the answer has no length");
  }

  private static boolean isLength(byte[] buffer, int at) {
    for (int i = 0; i < LENGTH.length; i++) {
      if ((buffer[at + i] | 0x20) != (LENGTH[i] | 0x20)) return false;
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
