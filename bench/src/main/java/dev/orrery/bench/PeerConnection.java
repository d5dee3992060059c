package dev.orrery.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
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

  PeerConnection(int port) throws IOException {
    this.port = port;
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    hasQuickAck = socket.supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
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
    head("PUT", path, (long) block.length * blocks, "application/octet-stream");
    for (int i = 0; i < blocks; i++) out.write(block);
    out.flush();
    need(answer(false));
  }

  /// Reads a file and forgets it; its length.
  long drain(String path) throws IOException {
    return need(send("GET", path, NOTHING, false)).length();
  }

  private Answer send(String method, String path, byte[] bytes, boolean keeps) throws IOException {
    if (bytes.length == 0) {
      head(method, path, -1, "");
    } else {
      head(method, path, bytes.length, "application/json");
      out.write(bytes);
    }
    out.flush();
    return answer(keeps);
  }

  private void head(String method, String path, long length, String type) throws IOException {
    String head = "%s %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n".formatted(method, path, port);
    if (length >= 0) {
      head += "content-type: %s\r\ncontent-length: %d\r\n".formatted(type, length);
    }
    out.write((head + "\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static Answer need(Answer answer) throws IOException {
    if (answer.status() / 100 != 2) {
      throw new IOException("the server answered " + answer.status() + ": " + answer.text());
    }
    return answer;
  }

  private Answer answer(boolean keeps) throws IOException {
    if (hasQuickAck) socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
    int status = Integer.parseInt(line().substring(9, 12));
    long length = 0;
    boolean isChunked = false;
    for (String line = line(); !line.isEmpty(); line = line()) {
      String field = line.toLowerCase(Locale.ROOT);
      if (field.startsWith("content-length:")) length = Long.parseLong(field.substring(15).strip());
      if (field.startsWith("transfer-encoding:")) isChunked = field.contains("chunked");
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

  private long read(long length, boolean keeps, ByteArrayOutputStream body) throws IOException {
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) throw new EOFException("the connection was closed");
      if (keeps) body.write(buffer, 0, read);
      if (hasQuickAck) socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
      left -= read;
    }
    return length;
  }

  private String line() throws IOException {
    var text = new StringBuilder(64);
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) throw new EOFException("the connection was closed");
      if (c != '\r') text.append((char) c);
    }
    return text.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
