package dev.orrery.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/// An answer of HTTP/1.1 as far as it is wanted: the status, one header, the beginning of the body.
final class OutboundAnswer {
  private static final int CHUNK_LINE_MAX = 256;

  private OutboundAnswer() {}

  static Outbound.Reply read(InputStream in, int headMax, int bodyMax, long start)
      throws IOException {
    String line = line(in, headMax);
    int status = status(line);
    int length = -1;
    boolean chunked = false;
    String retryAfter = "";
    int head = line.length();
    for (line = line(in, headMax); !line.isEmpty(); line = line(in, headMax)) {
      head += line.length();
      if (head > headMax) throw new IOException("the headers of the answer are too large");
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) length = length(lower.substring(15).strip());
      if (lower.startsWith("transfer-encoding:")) chunked = lower.contains("chunked");
      if (lower.startsWith("retry-after:")) retryAfter = line.substring(12).strip();
    }
    byte[] body =
        status == 204 || status == 304
            ? new byte[0]
            : chunked
                ? chunks(in, bodyMax)
                : Outbound.upTo(in, length < 0 ? bodyMax : Math.min(length, bodyMax));
    return new Outbound.Reply(
        status, body, retryAfter, Duration.ofNanos(System.nanoTime() - start));
  }

  private static int status(String line) throws IOException {
    if (line.matches("HTTP/1\\.[01] [1-5]\\d\\d.*")) return Integer.parseInt(line.substring(9, 12));
    throw new IOException("the answer is not HTTP");
  }

  private static int length(String text) throws IOException {
    try {
      return (int) Math.min(Integer.MAX_VALUE, Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IOException("the answer's length is no number", e);
    }
  }

  private static byte[] chunks(InputStream in, int most) throws IOException {
    var body = new ByteArrayOutputStream();
    while (body.size() < most) {
      String size = line(in, CHUNK_LINE_MAX).replaceFirst(";.*", "").strip();
      int length;
      try {
        length = Integer.parseInt(size, 16);
      } catch (NumberFormatException e) {
        throw new IOException("a piece of the answer has no length", e);
      }
      if (length <= 0) break;
      byte[] piece = Outbound.upTo(in, Math.min(length, most - body.size()));
      body.writeBytes(piece);
      if (piece.length < length) break;
      line(in, CHUNK_LINE_MAX);
    }
    return body.toByteArray();
  }

  /// The next line, without its end.
  private static String line(InputStream in, int most) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) throw new IOException("the answer ends before it is whole");
      if (line.size() >= most) throw new IOException("a line of the answer is too long");
      if (b != '\r') line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}
