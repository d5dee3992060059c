package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.orrery.access.Permission;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// gRPC over HTTP/2, as a form of routes: a method is a path, and passes the same gate, lanes and
/// deadlines as any other. Messages are bytes here; who declares a method knows what they mean.
///
/// Messages may come compressed by gzip, and are answered as they are.
public final class Grpc {
  static final String TYPE = "application/grpc";

  private static final String STATUS = "grpc-status";
  private static final String MESSAGE = "grpc-message";
  private static final HttpHeaders OK = HttpHeaders.of(STATUS, "0");

  private static final byte[] NOTHING = {};
  private static final int PREFIX = 5;
  private static final int MESSAGE_MAX = 64 << 20;

  private Grpc() {}

  /// Answers one message with one.
  @FunctionalInterface
  public interface Unary {
    /// @throws Problem answered as the status that fits it
    byte[] answer(byte[] message, Request request);
  }

  /// Answers messages with messages.
  @FunctionalInterface
  public interface Streaming {
    /// Returns when the caller has sent its last message and has been answered.
    void answer(Incoming incoming, Outgoing outgoing) throws IOException;
  }

  /// The caller's messages, one after the other.
  @FunctionalInterface
  public interface Incoming {
    /// The next, awaited; null after the last.
    byte @Nullable [] next() throws IOException;
  }

  /// Where answers go.
  @FunctionalInterface
  public interface Outgoing {
    void send(byte[] message) throws IOException;
  }

  /// Declares a method with one message each way.
  ///
  /// @param path `/package.Service/Method`
  public static void unary(
      Routes routes, String path, Permission permission, RouteOptions options, Unary method) {
    routes.post(
        path,
        permission,
        options.withAnyContentType(),
        request -> {
          requireGrpc(request);
          byte[] message = message(request.body(), options);
          return new Response(200, TYPE, framed(method.answer(message, request)), Map.of());
        });
  }

  /// Declares a method with any number of messages each way.
  public static void streaming(
      Routes routes, String path, Permission permission, RouteOptions options, Streaming method) {
    routes.post(
        path,
        permission,
        options,
        request -> {
          requireGrpc(request);
          InputStream in = request.stream();
          return new Response(
              200,
              TYPE,
              NOTHING,
              Map.of(),
              new Response.Live.Messages(out ->
                  method.answer(
                      () -> next(in, options),
                      message -> {
                        out.write(framed(message));
                        out.flush();
                      })));
        });
  }

  private static void requireGrpc(Request request) {
    String type = request.header("content-type").orElse("").toLowerCase(Locale.ROOT);
    if (type.equals(TYPE) || type.startsWith(TYPE + "+proto") || type.startsWith(TYPE + ";")) {
      return;
    }
    throw new Problem(
        Fault.WRONG_CONTENT_TYPE,
        "this is a method of gRPC",
        "Call it with a gRPC client, in the format proto");
  }

  private static byte[] message(byte[] body, RouteOptions options) {
    if (body.length >= PREFIX) {
      int length = length(body);
      if (length == body.length - PREFIX) {
        byte[] message = java.util.Arrays.copyOfRange(body, PREFIX, body.length);
        return body[0] == 0 ? message : inflated(message, options);
      }
    }
    throw cut();
  }

  private static Problem cut() {
    return new Problem(
        Fault.BAD_REQUEST, "the body is not one message of gRPC", "Send one whole message");
  }

  private static int length(byte[] prefix) {
    return (prefix[1] & 0xFF) << 24
        | (prefix[2] & 0xFF) << 16
        | (prefix[3] & 0xFF) << 8
        | (prefix[4] & 0xFF);
  }

  private static byte[] inflated(byte[] message, RouteOptions options) {
    long cap = Math.min(MESSAGE_MAX, Math.max(1 << 20, options.bodyBytesMax()));
    return Body.inflate(message, "gzip", (int) cap);
  }

  private static byte @Nullable [] next(InputStream in, RouteOptions options) throws IOException {
    byte[] prefix = in.readNBytes(PREFIX);
    if (prefix.length == 0) return null;
    if (prefix.length < PREFIX) throw cut();
    int length = length(prefix);
    if (length < 0 || length > MESSAGE_MAX) throw Body.tooLarge(MESSAGE_MAX);
    byte[] message = in.readNBytes(length);
    if (message.length < length) throw cut();
    return prefix[0] == 0 ? message : inflated(message, options);
  }

  private static byte[] framed(byte[] message) {
    byte[] framed = new byte[PREFIX + message.length];
    framed[1] = (byte) (message.length >>> 24);
    framed[2] = (byte) (message.length >>> 16);
    framed[3] = (byte) (message.length >>> 8);
    framed[4] = (byte) message.length;
    System.arraycopy(message, 0, framed, PREFIX, message.length);
    return framed;
  }

  /// Runs what writes the messages, and says how it ended.
  static HttpHeaders trailers(Streams.Sending sending) throws IOException, InterruptedException {
    try {
      sending.run();
      return OK;
    } catch (Problem e) {
      return HttpHeaders.of(
          STATUS, Integer.toString(status(e.fault())), MESSAGE, encoded(e.getMessage()));
    }
  }

  /// A message with its status behind it, or a status alone: always a frame of its own at the end,
  /// which clients insist on.
  static HttpResponse response(ResponseHeadersBuilder head, Response given) {
    HttpHeaders trailers = OK;
    String status = head.get(STATUS);
    if (status != null) {
      String message = head.get(MESSAGE);
      trailers = HttpHeaders.of(STATUS, status, MESSAGE, message == null ? "" : message);
      head.remove(STATUS);
      head.remove(MESSAGE);
    }
    return HttpResponse.of(head.build(), HttpData.wrap(given.body()), trailers);
  }

  static boolean isUnder(String path) {
    return path.startsWith("/inference.GRPC") || path.startsWith("/grpc.");
  }

  /// An answer that is nothing but a status.
  static Response refused(int status, String message) {
    return new Response(
        200, TYPE, NOTHING, Map.of(STATUS, Integer.toString(status), MESSAGE, encoded(message)));
  }

  /// The status code of gRPC for what went wrong.
  static int status(Fault fault) {
    return switch (fault) {
      case LOGIN_NEEDED -> 16;
      case DEADLINE -> 4;
      default ->
          switch (fault.kind()) {
            case INVALID -> 3;
            case NOT_FOUND -> 5;
            case DENIED -> 7;
            case LIMITED, STORAGE_FULL, TOO_LARGE -> 8;
            case CONFLICT, GATE_NOT_MET -> 9;
            case UNSUPPORTED -> 12;
            case INTERNAL -> 13;
            case UNAVAILABLE -> 14;
            case DATA_LOSS -> 15;
          };
    };
  }

  /// A message as a header carries it: what is no plain ASCII stands as `%` and two digits.
  private static String encoded(@Nullable String message) {
    StringBuilder out = new StringBuilder();
    for (byte b : String.valueOf(message).getBytes(StandardCharsets.UTF_8)) {
      if (b >= 0x20 && b < 0x7f && b != '%') out.append((char) b);
      else out.append("%%%02X".formatted(b & 0xFF));
    }
    return out.toString();
  }

  /// What a `grpc-timeout` header says; `otherwise` if it says nothing that can be read.
  static long timeoutNanos(String header, long otherwise) {
    if (header.length() < 2 || header.length() > 9) return otherwise;
    try {
      long count = Long.parseLong(header.substring(0, header.length() - 1));
      if (count < 0) return otherwise;
      return switch (header.charAt(header.length() - 1)) {
        case 'H' -> Math.multiplyExact(count, 3_600_000_000_000L);
        case 'M' -> Math.multiplyExact(count, 60_000_000_000L);
        case 'S' -> Math.multiplyExact(count, 1_000_000_000L);
        case 'm' -> count * 1_000_000;
        case 'u' -> count * 1_000;
        case 'n' -> count;
        default -> otherwise;
      };
    } catch (ArithmeticException | NumberFormatException e) {
      return otherwise;
    }
  }
}
