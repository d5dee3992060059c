package dev.orrery.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// One kept-alive connection: at most one request under way on it, and its answer being read.
///
/// Sent to by whoever holds it, read by the generator's reading thread.
final class Line {
  private static final int ANSWER_BYTES_MAX = 1 << 20;

  final SocketChannel channel;

  /// When the request under way was due and when it was sent, [System#nanoTime()].
  long due;

  long sent;
  boolean counted;
  int status;
  boolean isLast;

  /// The model's version that answered, if the answer tells it.
  String version = "";

  private byte[] answer = new byte[4_096];
  private int length;
  private int body = -1;
  private long wanted = -1;

  Line(InetSocketAddress server, Selector selector) throws IOException {
    channel = SocketChannel.open();
    channel.connect(server);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    channel.register(selector, SelectionKey.OP_READ, this);
  }

  void send(byte[] request, long dueAt, boolean isCounted) throws IOException {
    due = dueAt;
    counted = isCounted;
    length = 0;
    body = -1;
    wanted = -1;
    sent = System.nanoTime();
    ByteBuffer bytes = ByteBuffer.wrap(request);
    while (bytes.hasRemaining()) {
      // A request fits the socket's buffer as a rule; where it does not, the server is reading it.
      if (channel.write(bytes) == 0) Thread.onSpinWait();
    }
  }

  /// Reads what has come; true once the answer is whole.
  boolean read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    if (count < 0) throw new EOFException("the server closed the connection");
    if (length + count > ANSWER_BYTES_MAX) throw new IOException("an answer is over 1 MiB");
    if (length + count > answer.length) {
      answer = java.util.Arrays.copyOf(answer, Math.max(2 * answer.length, length + count));
    }
    buffer.flip();
    buffer.get(answer, length, count);
    length += count;
    if (body < 0 && !head()) return false;
    return wanted >= 0 ? length - body >= wanted : endsChunked();
  }

  private boolean head() throws IOException {
    for (int i = 3; i < length; i++) {
      if (answer[i] == '\n' && answer[i - 1] == '\r' && answer[i - 2] == '\n') {
        body = i + 1;
        String head = new String(answer, 0, i + 1, StandardCharsets.ISO_8859_1);
        read(head.toLowerCase(Locale.ROOT));
        return true;
      }
    }
    return false;
  }

  private void read(String head) throws IOException {
    if (!head.startsWith("http/1.1 ") || head.length() < 12) {
      throw new IOException("not an answer of HTTP/1.1");
    }
    status = Integer.parseInt(head, 9, 12, 10);
    isLast = head.contains("\r\nconnection: close");
    version = value(head, "orrery-version");
    String told = value(head, "content-length");
    if (!told.isEmpty()) {
      wanted = Long.parseLong(told);
    } else if (status == 204 || status == 304) {
      wanted = 0;
    } else if (!head.contains("\r\ntransfer-encoding: chunked")) {
      throw new IOException("an answer has neither a length nor chunks");
    }
  }

  /// The value of a header; empty if it is not there.
  private static String value(String head, String name) {
    int at = head.indexOf("\r\n" + name + ":");
    if (at < 0) return "";
    int from = at + name.length() + 3;
    return head.substring(from, head.indexOf('\r', from)).strip();
  }

  /// The last chunk is `0`, without trailers.
  private boolean endsChunked() {
    byte[] end = {'0', '\r', '\n', '\r', '\n'};
    return length - body >= end.length
        && java.util.Arrays.equals(answer, length - end.length, length, end, 0, end.length);
  }

  void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // It is given up either way.
    }
  }
}
