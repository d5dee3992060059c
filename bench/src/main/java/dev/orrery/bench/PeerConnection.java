package dev.orrery.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jdk.net.ExtendedSocketOptions;

/// One kept-alive HTTP/1.1 connection to whichever server: it understands chunked answers, sends
/// and acknowledges at once (TCP_NODELAY, quick ACK), so that no server pays for the other side's
/// waits.
final class PeerConnection implements AutoCloseable {
  private static final byte[] NOTHING = {};
  private static final int TIMEOUT_MS = 120_000;

  private final int port;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];
  private final boolean hasQuickAck;

  /// What has arrived and is not read yet stands from here to there in the buffer.
  private int from;

  private int to;

  PeerConnection(int port) throws IOException {
    this.port = port;
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    hasQuickAck = socket.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /// A body that came, or its length alone.
  record Answer(int status, long length, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  String post(String path, String json) throws IOException {
    return need(send("POST", path, json.getBytes(StandardCharsets.UTF_8), true)).text();
  }

  String get(String path) throws IOException {
    return need(send("GET", path, NOTHING, true)).text();
  }

  /// Sends a file of zeros and digits; the answer must be 2xx.
  void put(String path, byte[] block, int blocks) throws IOException {
    out.write(head("PUT", path, (long) block.length * blocks, "application/octet-stream"));
    for (int i = 0; i < blocks; i++) out.write(block);
    out.flush();
    need(answer(false));
  }

  /// Reads a file and forgets it; its length.
  long drain(String path) throws IOException {
    return need(send("GET", path, NOTHING, false)).length();
  }

  /// In one packet, as the head and a short body fit into it.
  private Answer send(String method, String path, byte[] bytes, boolean keeps) throws IOException {
    byte[] head =
        bytes.length == 0
            ? head(method, path, -1, "")
            : head(method, path, bytes.length, "application/json");
    byte[] request = Arrays.copyOf(head, head.length + bytes.length);
    System.arraycopy(bytes, 0, request, head.length, bytes.length);
    out.write(request);
    return answer(keeps);
  }

  private byte[] head(String method, String path, long length, String type) {
    var head = new StringBuilder(200).append(method).append(' ').append(path);
    head.append(" HTTP/1.1\r\nhost: 127.0.0.1:").append(port).append("\r\n");
    if (length >= 0) {
      head.append("content-type: ").append(type);
      head.append("\r\ncontent-length: ").append(length).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static Answer need(Answer answer) throws IOException {
    if (answer.status() / 100 != 2) {
      throw new IOException("the server answered " + answer.status() + ": " + answer.text());
    }
    return answer;
  }

  private Answer answer(boolean keeps) throws IOException {
    int status = Integer.parseInt(line().substring(9, 12));
    long length = 0;
    boolean isChunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (isField(line, "content-length:")) length = Long.parseLong(line.substring(15).strip());
      if (isField(line, "transfer-encoding:")) isChunked = line.contains("chunked");
    }
    boolean isKept = keeps || status / 100 != 2;
    var body = new ByteArrayOutputStream();
    if (!isChunked) return new Answer(status, read(length, isKept, body), body.toByteArray());
    long all = 0;
    while (true) {
      long chunk = Long.parseLong(line().replaceFirst(";.*", "").strip(), 16);
      all += read(chunk, isKept, body);
      line();
      if (chunk == 0) return new Answer(status, all, body.toByteArray());
    }
  }

  private static boolean isField(String line, String name) {
    return line.regionMatches(true, 0, name, 0, name.length());
  }

  private long read(long length, boolean keeps, ByteArrayOutputStream body) throws IOException {
    long left = length;
    while (left > 0) {
      if (from == to) fill();
      int read = (int) Math.min(to - from, left);
      if (keeps) body.write(buffer, from, read);
      from += read;
      left -= read;
    }
    return length;
  }

  /// The next line of a head; it is short, and of ASCII.
  private String line() throws IOException {
    String begun = "";
    while (true) {
      if (from == to) fill();
      int end = from;
      while (end < to && buffer[end] != '\n') end++;
      String text = begun + new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
      from = Math.min(end + 1, to);
      if (end < to) return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      begun = text;
    }
  }

  private void fill() throws IOException {
    int read = in.read(buffer, 0, buffer.length);
    if (read < 0) throw new EOFException("the connection was closed");
    if (hasQuickAck) socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
    from = 0;
    to = read;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
