package dev.orrery.web;

import dev.orrery.base.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What a handler answers: a status, a body with its type, and further headers by their names in
/// lower case.
///
/// @param live what produces the body piece by piece, instead of `body`
public record Response(
    int status, String contentType, byte[] body, Map<String, String> headers, @Nullable Live live) {
  /// A body that is produced while it is sent.
  public sealed interface Live {
    /// Server-sent events: `start` is given the stream once the headers have left.
    record EventStream(Consumer<Events> start) implements Live {}

    /// The bytes of a file.
    record FileBody(Path file) implements Live {}

    /// So many bytes, read piece by piece while they are sent.
    record Counted(long length, Opener opener) implements Live {}

    /// Bytes written by a function on the handler's thread, as fast as the reader takes them.
    record Written(Writer writer) implements Live {}

    /// Messages of a gRPC stream, with its status behind them.
    record Messages(Writer writer) implements Live {}
  }

  /// Writes a body; called once.
  @FunctionalInterface
  public interface Writer {
    void write(OutputStream out) throws IOException;
  }

  /// Opens what a body is read from, when it is about to be sent; what it throws is still answered
  /// as a failure.
  @FunctionalInterface
  public interface Opener {
    Source open() throws IOException;
  }

  /// Bytes, one after the other. What it throws once the first piece has left cuts the answer off,
  /// so that the reader can tell.
  public interface Source extends AutoCloseable {
    /// @return how many bytes were put, 1 or more; -1 at the end
    int read(ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;
  }

  public static final String JSON = "application/json";

  private static final byte[] NOTHING = {};

  public Response(int status, String contentType, byte[] body, Map<String, String> headers) {
    this(status, contentType, body, headers, null);
  }

  /// 200 and a value as JSON.
  public static Response json(Object value) {
    return json(200, value);
  }

  public static Response json(int status, Object value) {
    return new Response(status, JSON, Json.bytes(value), Map.of());
  }

  /// 200 and JSON that has been written already.
  public static Response jsonBytes(byte[] body) {
    return new Response(200, JSON, body, Map.of());
  }

  /// 201 and a value as JSON.
  public static Response created(Object value) {
    return json(201, value);
  }

  public static Response text(String text) {
    return text(200, text);
  }

  public static Response text(int status, String text) {
    return new Response(
        status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  /// 204.
  public static Response noContent() {
    return new Response(204, "", NOTHING, Map.of());
  }

  public static Response bytes(String contentType, byte[] body) {
    return new Response(200, contentType, body, Map.of());
  }

  /// A page that stands alone: its styles and pictures within it, no script, sandboxed.
  public static Response report(String html) {
    return new Response(
        200,
        "text/html; charset=utf-8",
        html.getBytes(StandardCharsets.UTF_8),
        Map.of("content-security-policy", Headers.REPORT_POLICY));
  }

  /// A file as it is, to be saved and not shown.
  ///
  /// @param name as the reader will see it; characters that could break the header are replaced
  public static Response file(Path file, String contentType, String name) {
    String safe = name.replaceAll("[^A-Za-z0-9._ -]", "_");
    return new Response(
        200,
        contentType,
        NOTHING,
        Map.of("content-disposition", "attachment; filename=\"" + safe + "\""),
        new Live.FileBody(file));
  }

  /// A body of known length, read while it is sent; nothing is shown in a browser unless the
  /// headers say so.
  public static Response counted(int status, String contentType, long length, Opener opener) {
    return new Response(status, contentType, NOTHING, Map.of(), new Live.Counted(length, opener));
  }

  /// A body of unknown length, written while it is sent.
  public static Response written(String contentType, Writer writer) {
    return new Response(200, contentType, NOTHING, Map.of(), new Live.Written(writer));
  }

  /// A stream of server-sent events, kept open until either side ends it.
  public static Response events(Consumer<Events> start) {
    return new Response(
        200, "text/event-stream; charset=utf-8", NOTHING, Map.of(), new Live.EventStream(start));
  }

  /// The same response with one more header, its name in lower case.
  ///
  /// @throws IllegalArgumentException if the value holds a line break
  public Response with(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        throw new IllegalArgumentException("a header holds a control character: " + name);
      }
    }
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Response(status, contentType, body, Map.copyOf(more), live);
  }
}
