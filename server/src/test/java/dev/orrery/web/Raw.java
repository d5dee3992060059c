package dev.orrery.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A client that writes bytes as they are and reads what comes back, for tests of the wire.
final class Raw implements AutoCloseable {
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final Socket socket;
  private final InputStream in;

  Raw(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(10_000);
    in = new java.io.BufferedInputStream(socket.getInputStream());
  }

  /// Opens a connection, sends this, and reads the first answer.
  static Answer ask(int port, String request) throws IOException {
    try (Raw raw = new Raw(port)) {
      raw.send(request);
      return raw.answer();
    }
  }

  /// A request without a body.
  static String get(String target, String... headers) {
    StringBuilder text = new StringBuilder("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) text.append(header).append("\r\n");
    return text.append("\r\n").toString();
  }

  static String post(String target, String body, String... headers) {
    StringBuilder text = new StringBuilder("POST " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (String header : headers) text.append(header).append("\r\n");
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return text.append("Content-Length: %d\r\n\r\n%s".formatted(length, body)).toString();
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.UTF_8));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /// One answer; of an answer to HEAD, use [#head()].
  Answer answer() throws IOException {
    Answer head = head();
    String length = head.headers.get("content-length");
    byte[] body;
    if (length != null) {
      body = in.readNBytes(Integer.parseInt(length));
    } else if ("chunked".equals(head.headers.get("transfer-encoding"))) {
      body = chunks();
    } else {
      body = new byte[0];
    }
    return new Answer(head.status, head.headers, body);
  }

  private byte[] chunks() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (true) {
      String line = line();
      if (line == null) throw new IOException("cut off");
      int size = Integer.parseInt(line, 16);
      out.writeBytes(in.readNBytes(size));
      line();
      if (size == 0) return out.toByteArray();
    }
  }

  Answer head() throws IOException {
    String status = line();
    if (status == null) throw new IOException("closed without an answer");
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); line != null && !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Answer(Integer.parseInt(status.split(" ")[1]), headers, new byte[0]);
  }

  @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) return line.size() == 0 ? null : line.toString(StandardCharsets.UTF_8);
      if (b != '\r') line.write(b);
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /// Whether the server has ended the connection, waiting a while for it; what it sends is dropped.
  boolean closed(int withinMillis) throws IOException {
    socket.setSoTimeout(withinMillis);
    try {
      while (in.read() >= 0) {}
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /// All statuses that come until the connection ends.
  List<Integer> statuses() throws IOException {
    List<Integer> all = new ArrayList<>();
    try {
      while (true) all.add(answer().status);
    } catch (IOException e) {
      return all;
    }
  }

  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
