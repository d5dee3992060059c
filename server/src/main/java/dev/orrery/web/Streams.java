package dev.orrery.web;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends bodies that are produced while they are sent, no faster than their reader takes them; a
/// reader that takes nothing for 30 s is dropped. At most 512 event streams are open.
final class Streams {
  private static final Logger LOG = LoggerFactory.getLogger(Streams.class);
  private static final int PIECE_BYTES = 256 << 10;
  private static final int EVENT_STREAMS_MAX = 512;
  private static final int STALL_SECONDS_MAX = 30;

  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();

  Streams(Meters meters) {
    meters.gauge("http.event.streams", "Open streams of server-sent events", open::size);
  }

  /// Begins the answer; returns when the body has been sent, or the event stream begun.
  void send(Exchange exchange, Response response) throws IOException, InterruptedException {
    if (exchange.method.equals("HEAD")) {
      if (response.live() instanceof Response.Live.Counted counted) {
        ResponseHeadersBuilder head = Exchange.head(response);
        head.setLong(HttpHeaderNames.CONTENT_LENGTH, counted.length());
        exchange.answer(response, HttpResponse.of(head.build()));
        return;
      }
      exchange.answer(
          new Response(
              response.status(), response.contentType(), response.body(), response.headers()));
      return;
    }
    switch (response.live()) {
      case Response.Live.EventStream events -> begin(exchange, response, events);
      case Response.Live.FileBody body -> sendFile(exchange, response, body.file());
      case Response.Live.Counted counted -> sendCounted(exchange, response, counted);
      case Response.Live.Written written -> {
        HttpResponseWriter writer = HttpResponse.streaming();
        writer.write(Exchange.head(response).build());
        if (!exchange.answer(response, writer)) return;
        cut(writer, () -> write(writer, written.writer()));
      }
      case Response.Live.Messages messages -> {
        HttpResponseWriter writer = HttpResponse.streaming();
        writer.write(Exchange.head(response).build());
        if (!exchange.answer(response, writer)) return;
        cut(writer, () -> writer.write(Grpc.trailers(() -> write(writer, messages.writer()))));
      }
      case null -> exchange.answer(response);
    }
  }

  private void begin(Exchange exchange, Response response, Response.Live.EventStream events) {
    if (open.size() >= EVENT_STREAMS_MAX) {
      throw new Problem(
          Fault.BUSY, "too many event streams are open", "Close another page of the console");
    }
    HttpResponseWriter writer = HttpResponse.streaming();
    writer.write(Exchange.head(response).build());
    EventStream stream = new EventStream(writer);
    if (!exchange.answer(response, writer)) return;
    open.add(stream);
    var loop = exchange.ctx.eventLoop();
    var beats =
        loop.scheduleAtFixedRate(stream::beat, 0, EventStream.BEAT_MILLIS, TimeUnit.MILLISECONDS);
    stream.onClose(() -> {
      open.remove(stream);
      beats.cancel(false);
    });
    writer.whenComplete().whenComplete((_, _) -> stream.end());
    try {
      events.start().accept(stream);
    } catch (RuntimeException bug) {
      LOG.error("an event stream could not be begun", bug);
      stream.end();
    }
  }

  private static void sendFile(Exchange exchange, Response response, Path file)
      throws IOException, InterruptedException {
    long size = Files.size(file);
    sendCounted(exchange, response, new Response.Live.Counted(size, () -> new FileSource(file)));
  }

  /// The first piece is read before anything is sent, so that what is wrong from the start is told
  /// in an answer of its own.
  private static void sendCounted(
      Exchange exchange, Response response, Response.Live.Counted counted)
      throws IOException, InterruptedException {
    ResponseHeadersBuilder head = Exchange.head(response);
    head.setLong(HttpHeaderNames.CONTENT_LENGTH, counted.length());
    try (Response.Source source = counted.opener().open()) {
      HttpData first = piece(exchange, source, counted.length());
      HttpResponseWriter writer = HttpResponse.streaming();
      writer.write(head.build());
      if (!exchange.answer(response, writer)) {
        first.close();
        return;
      }
      cut(writer, () -> copy(exchange, source, first, counted.length(), writer));
    }
  }

  /// While one piece is sent, the next is read.
  private static void copy(
      Exchange exchange,
      Response.Source source,
      HttpData first,
      long length,
      HttpResponseWriter writer)
      throws IOException, InterruptedException {
    HttpData next = first;
    long left = length;
    CompletableFuture<Void> taken = CompletableFuture.completedFuture(null);
    while (left > 0) {
      left -= next.length();
      if (!writer.tryWrite(next)) throw new Gone("the reader has gone", null);
      CompletableFuture<Void> before = taken;
      taken = writer.whenConsumed();
      if (left > 0) next = piece(exchange, source, left);
      try {
        await(before);
      } catch (IOException | InterruptedException e) {
        if (left > 0) next.close();
        throw e;
      }
    }
    await(taken);
  }

  private static HttpData piece(Exchange exchange, Response.Source source, long left)
      throws IOException {
    int want = (int) Math.min(PIECE_BYTES, left);
    if (want == 0) return HttpData.empty();
    ByteBuf piece = exchange.ctx.alloc().directBuffer(want);
    boolean whole = false;
    try {
      ByteBuffer into = piece.nioBuffer(0, want);
      while (into.hasRemaining()) {
        if (source.read(into) < 0) throw new IOException("a file became shorter while it was sent");
      }
      piece.writerIndex(want);
      whole = true;
      return HttpData.wrap(piece);
    } finally {
      if (!whole) piece.release();
    }
  }

  /// A file as it is.
  private static final class FileSource implements Response.Source {
    private final FileChannel channel;

    FileSource(Path file) throws IOException {
      channel = FileChannel.open(file);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      return channel.read(into);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static void write(HttpResponseWriter writer, Response.Writer body) throws IOException {
    try (OutputStream out = new Pieces(writer)) {
      body.write(out);
    }
  }

  interface Sending {
    void run() throws IOException, InterruptedException;
  }

  /// Ends the stream when all is sent; cuts it off when something fails, so that the reader can
  /// tell.
  private static void cut(HttpResponseWriter writer, Sending sending) throws InterruptedException {
    try {
      sending.run();
      writer.close();
    } catch (Gone e) {
      LOG.debug("a body was cut off", e);
      writer.close(e);
    } catch (IOException e) {
      LOG.warn("a body was cut off", e);
      writer.close(e);
    } catch (InterruptedException | RuntimeException | Error e) {
      writer.close(e);
      throw e;
    }
  }

  /// Whoever reads does not read on.
  private static final class Gone extends IOException {
    private static final long serialVersionUID = 1;

    Gone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private static void push(HttpResponseWriter writer, HttpData piece)
      throws IOException, InterruptedException {
    if (!writer.tryWrite(piece)) throw new Gone("the reader has gone", null);
    await(writer.whenConsumed());
  }

  private static void await(CompletableFuture<Void> taken)
      throws IOException, InterruptedException {
    // Second by second: a machine that stood still for a while is no reader that takes nothing.
    for (int second = 1; ; second++) {
      try {
        taken.get(1, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        throw new Gone("the reader has gone", e);
      } catch (TimeoutException e) {
        if (second >= STALL_SECONDS_MAX) throw new Gone("the reader takes nothing", e);
      }
    }
  }

  /// Ends every event stream.
  void endAll() {
    open.forEach(EventStream::end);
  }

  /// Cuts what is written to it into pieces.
  private static final class Pieces extends OutputStream {
    private final HttpResponseWriter writer;
    private final byte[] piece = new byte[64 << 10];
    private int length;

    Pieces(HttpResponseWriter writer) {
      this.writer = writer;
    }

    @Override
    public void write(int b) throws IOException {
      if (length == piece.length) flush();
      piece[length++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
      int at = from;
      int left = count;
      while (left > 0) {
        if (length == piece.length) flush();
        int taken = Math.min(left, piece.length - length);
        System.arraycopy(bytes, at, piece, length, taken);
        length += taken;
        at += taken;
        left -= taken;
      }
    }

    @Override
    public void flush() throws IOException {
      if (length == 0) return;
      byte[] copy = Arrays.copyOf(piece, length);
      length = 0;
      try {
        push(writer, HttpData.wrap(copy));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException) new InterruptedIOException("interrupted while sending").initCause(e);
      }
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
