package dev.orrery.replay;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One kept-alive HTTP/1.1 connection: a request, its answer, the next request.
///
/// Small on purpose: a replay sends some 18,000 requests, one after the other, and `java.net.http`
/// would cost more than the server. Only [#close()] may be called by another thread.
final class Wire implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int LINE_MAX = 16 << 10;
  private static final int FIELDS_MAX = 200;
  private static final int BODY_MAX = 64 << 20;

  private final URI server;
  private final int patienceMillis;
  private volatile @Nullable Socket socket;
  private InputStream in = InputStream.nullInputStream();
  private OutputStream out = OutputStream.nullOutputStream();

  Wire(URI server, int patienceMillis) {
    this.server = server;
    this.patienceMillis = patienceMillis;
  }

  /// @param body of an error too
  record Answer(int status, byte[] body) {}

  /// The head of an answer, as far as it matters here.
  private static final class Head {
    int status;
    long length = -1;
    boolean isChunked;
    boolean isLast;
  }

  /// Sends a request and reads its answer. After an [IOException] it is not known whether the
  /// server has done what was asked; the next call connects anew.
  ///
  /// @param key the Idempotency-Key, or empty
  Answer exchange(String method, String path, byte[] body, int length, String key)
      throws IOException {
    boolean isDone = false;
    try {
      if (socket == null) connect();
      send(method, path, body, length, key);
      Head head = head();
      while (head.status < 200) head = head();
      byte[] answer = body(head);
      isDone = !head.isLast;
      return new Answer(head.status, answer);
    } finally {
      if (!isDone) close();
    }
  }

  private void connect() throws IOException {
    Socket fresh = new Socket();
    try {
      fresh.setTcpNoDelay(true);
      fresh.setSoTimeout(patienceMillis);
      fresh.connect(new InetSocketAddress(server.getHost(), server.getPort()), CONNECT_MILLIS);
      in = new BufferedInputStream(fresh.getInputStream(), 1 << 16);
      out = new BufferedOutputStream(fresh.getOutputStream(), 1 << 16);
      socket = fresh;
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
  }

  private void send(String method, String path, byte[] body, int length, String key)
      throws IOException {
    StringBuilder head = new StringBuilder(256);
    head.append(method).append(' ').append(path).append(" HTTP/1.1\r\n");
    head.append("host: ").append(server.getAuthority()).append("\r\n");
    head.append("accept: application/json\r\n");
    if (!key.isEmpty()) head.append("idempotency-key: ").append(key).append("\r\n");
    if (!method.equals("GET")) {
      head.append("content-type: application/json\r\n");
      head.append("content-length: ").append(length).append("\r\n");
    }
    head.append("\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    if (length > 0) out.write(body, 0, length);
    out.flush();
  }

  private Head head() throws IOException {
    Head head = new Head();
    String status = line();
    if (!status.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
      throw new IOException("not an answer of HTTP/1.1");
    }
    head.isLast = status.startsWith("HTTP/1.0");
    head.status = Integer.parseInt(status.substring(9, 12));
    for (int fields = 0; ; fields++) {
      String line = line();
      if (line.isEmpty()) return head;
      if (fields == FIELDS_MAX) throw new IOException("the answer has too many headers");
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
      String value = line.substring(colon + 1).strip();
      switch (name) {
        case "content-length" -> head.length = length(value, 10);
        case "transfer-encoding" -> head.isChunked = value.equalsIgnoreCase("chunked");
        case "connection" -> head.isLast |= value.equalsIgnoreCase("close");
        default -> {}
      }
    }
  }

  private byte[] body(Head head) throws IOException {
    if (head.status == 204 || head.status == 304) return new byte[0];
    if (head.isChunked) return chunks();
    if (head.length >= 0) return whole((int) head.length);
    head.isLast = true;
    byte[] rest = in.readNBytes(BODY_MAX + 1);
    if (rest.length > BODY_MAX) throw new IOException("the answer is too large");
    return rest;
  }

  private byte[] chunks() throws IOException {
    var body = new java.io.ByteArrayOutputStream();
    while (true) {
      int length = length(line().replaceFirst(";.*", "").strip(), 16);
      if (length == 0) break;
      if (body.size() + length > BODY_MAX) throw new IOException("the answer is too large");
      body.writeBytes(whole(length));
      if (!line().isEmpty()) throw new IOException("a chunk of the answer is malformed");
    }
    while (!line().isEmpty()) {
      // Trailers say nothing of interest.
    }
    return body.toByteArray();
  }

  private byte[] whole(int length) throws IOException {
    byte[] body = in.readNBytes(length);
    if (body.length < length) throw new EOFException("the answer was cut short");
    return body;
  }

  private static int length(String text, int radix) throws IOException {
    try {
      int length = Integer.parseInt(text, radix);
      if (length < 0 || length > BODY_MAX) throw new IOException("the answer is too large");
      return length;
    } catch (NumberFormatException e) {
      throw new IOException("the length of the answer is malformed", e);
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder(64);
    while (true) {
      int c = in.read();
      if (c < 0) throw new EOFException("the connection was closed");
      if (c == '\n') break;
      if (line.length() == LINE_MAX) throw new IOException("a header of the answer is too long");
      line.append((char) c);
    }
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') line.setLength(length - 1);
    return line.toString();
  }

  @Override
  public void close() {
    Socket open = socket;
    socket = null;
    if (open == null) return;
    try {
      open.close();
    } catch (IOException _) {
      // It is not used again.
    }
  }
}
