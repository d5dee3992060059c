package dev.orrery.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.orrery.base.Fault;
import dev.orrery.base.Json;
import dev.orrery.base.Problem;
import dev.orrery.base.Texts;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line of JSON for each answered request, into a file or to standard error.
///
/// Whoever answers only puts an entry into a queue; a thread of its own writes. What finds the
/// queue full, or cannot be written, is dropped and counted. A line is ASCII: whatever stands in a
/// path is escaped, so that nobody writes a line of their own. The file is renamed to `FILE.1` when
/// it has 64 MB, that to `FILE.2`, up to `FILE.3`.
public final class AccessLog implements AutoCloseable {
  /// What stands for standard error.
  public static final String STDERR = "-";

  static final int QUEUE_MAX = 16_384;
  static final long FILE_BYTES_MAX = 64L << 20;
  static final int FILES_MAX = 4;
  private static final int PATH_MAX = 1_000;
  private static final int NAME_MAX = 200;
  private static final long REST_NANOS = 1_000_000_000L;
  private static final long GATHER_NANOS = 5_000_000L;
  private static final int BATCH_BYTES = 64 << 10;
  private static final long CLOSE_MILLIS = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final ObjectWriter JSON =
      ((JsonMapper) Json.MAPPER.copy())
          .writerFor(Line.class)
          .with(JsonWriteFeature.ESCAPE_NON_ASCII)
          .without(SerializationFeature.INDENT_OUTPUT);

  /// One answered request.
  ///
  /// @param route the pattern that answered; absent where none did
  /// @param path as it was sent, without the query, cut at 1,000 characters
  /// @param micros from the end of the headers to the answer
  /// @param bytesIn of the body, where the caller told its length
  /// @param bytesOut of the body, where it is known before it is sent
  /// @param version of the model that answered, where it was one
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      Instant at,
      String method,
      @Nullable String route,
      String path,
      int status,
      long micros,
      @Nullable Long bytesIn,
      @Nullable Long bytesOut,
      @Nullable String principal,
      @Nullable String version,
      @Nullable String traceparent) {
    Line {
      path = cut(path, PATH_MAX);
      principal = principal == null ? null : cut(principal, NAME_MAX);
      version = version == null ? null : cut(version, NAME_MAX);
    }

    private static String cut(String text, int most) {
      return text.length() <= most ? text : text.substring(0, most) + "...";
    }
  }

  private final @Nullable Path file;
  private final long bytesMax;
  private final int queueMax;
  private final InstantSource clock;
  private final Meters.Count full;
  private final Meters.Count failed;
  private final Queue<Line> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Thread writer;
  private volatile boolean isIdle;
  private volatile boolean isClosed;
  private @Nullable OutputStream out;
  private long bytes;
  private final ByteArrayOutputStream batch = new ByteArrayOutputStream();
  private int lines;
  private boolean isFull;
  private boolean isComplaining;

  private AccessLog(
      @Nullable Path file,
      @Nullable OutputStream out,
      long bytesMax,
      int queueMax,
      Meters meters,
      InstantSource clock) {
    this.file = file;
    this.out = out;
    this.bytesMax = bytesMax;
    this.queueMax = queueMax;
    this.clock = clock;
    this.full = dropped(meters, "full");
    this.failed = dropped(meters, "failed");
    this.writer = Thread.ofPlatform().daemon().name("http-access-log").unstarted(this::writeAll);
  }

  private static Meters.Count dropped(Meters meters, String why) {
    return meters.counter(
        "access.log.dropped", "Lines of the access log that were not written", "reason", why);
  }

  /// Writes to a file, which is added to if it is there, or to standard error.
  ///
  /// @param where a path, or `-`
  /// @param clock real time
  /// @throws Problem CANNOT_WRITE if the file cannot be opened
  public static AccessLog open(String where, Meters meters, InstantSource clock) {
    if (where.equals(STDERR))
      return to(new FileOutputStream(FileDescriptor.err), QUEUE_MAX, meters, clock);
    return open(Path.of(where), FILE_BYTES_MAX, meters, clock);
  }

  static AccessLog open(Path file, long bytesMax, Meters meters, InstantSource clock) {
    var log = new AccessLog(file, null, bytesMax, QUEUE_MAX, meters, clock);
    try {
      log.openFile(file);
    } catch (IOException e) {
      throw new Problem(
              Fault.CANNOT_WRITE,
              "the access log %s cannot be written (%s)"
                  .formatted(Texts.shown(file.toString()), e.getClass().getSimpleName()),
              "Name a file in a folder that this process may write to, or - for standard error")
          .because(e);
    }
    log.writer.start();
    return log;
  }

  static AccessLog to(OutputStream out, int queueMax, Meters meters, InstantSource clock) {
    var log = new AccessLog(null, out, Long.MAX_VALUE, queueMax, meters, clock);
    log.writer.start();
    return log;
  }

  /// Takes note of an answer; called by whoever gives it, and never waits.
  void answered(Exchange exchange, Response given, long nanos) {
    if (waiting.incrementAndGet() > queueMax) {
      waiting.decrementAndGet();
      full.one();
      return;
    }
    queue.add(line(exchange, given, nanos));
    if (isIdle) LockSupport.unpark(writer);
  }

  private Line line(Exchange exchange, Response given, long nanos) {
    long in = exchange.headers.contentLength();
    Trace trace = Trace.of(exchange.headers.get(Trace.HEADER));
    RouteTree.Leaf leaf = exchange.leaf;
    return new Line(
        clock.instant(),
        exchange.method,
        leaf == null ? null : leaf.route.pattern(),
        exchange.path,
        given.status(),
        nanos / 1_000,
        in < 0 ? null : (Long) in,
        length(given),
        exchange.principal,
        given.headers().get("orrery-version"),
        trace == null ? null : exchange.headers.get(Trace.HEADER));
  }

  private static @Nullable Long length(Response given) {
    return switch (given.live()) {
      case null -> (Long) (long) given.body().length;
      case Response.Live.Counted counted -> (Long) counted.length();
      default -> null;
    };
  }

  private void writeAll() {
    while (true) {
      Line line = queue.poll();
      if (line != null) {
        waiting.decrementAndGet();
        write(line);
        continue;
      }
      flush();
      if (isClosed) return;
      isIdle = true;
      if (queue.isEmpty() && !isClosed) LockSupport.parkNanos(this, REST_NANOS);
      isIdle = false;
      // What comes in the next moments is written with it.
      if (!isClosed) LockSupport.parkNanos(this, GATHER_NANOS);
    }
  }

  private void write(Line line) {
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(line);
    } catch (IOException e) {
      throw new IllegalStateException("a line cannot be written as JSON", e);
    }
    long before = bytes + batch.size();
    if (before > 0 && before + json.length + 1 > bytesMax) {
      flush();
      isFull = true;
      bytes = 0;
    }
    batch.writeBytes(json);
    batch.write('\n');
    lines++;
    if (batch.size() >= BATCH_BYTES) flush();
  }

  /// Writes what has gathered. What cannot be written is dropped, and the file opened again for
  /// what comes next.
  private void flush() {
    if (lines == 0) return;
    try {
      if (isFull) rotate();
      OutputStream to = out;
      if (to == null) to = openFile(java.util.Objects.requireNonNull(file));
      batch.writeTo(to);
      to.flush();
      bytes += batch.size();
      isComplaining = false;
    } catch (IOException e) {
      failed.add(lines);
      if (!isComplaining) LOG.warn("the access log cannot be written: {}", e.toString());
      isComplaining = true;
      if (file != null) closeFile();
    }
    batch.reset();
    lines = 0;
  }

  private OutputStream openFile(Path at) throws IOException {
    OutputStream opened =
        Files.newOutputStream(at, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    bytes = Files.size(at);
    // A line that was cut off, by a full disk or a kill, ends there.
    if (bytes > 0 && !endsLine(at)) opened.write('\n');
    out = opened;
    return opened;
  }

  private boolean endsLine(Path at) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(at)) {
      ByteBuffer last = ByteBuffer.allocate(1);
      return channel.position(bytes - 1).read(last) == 1 && last.get(0) == '\n';
    }
  }

  private void rotate() throws IOException {
    Path at = java.util.Objects.requireNonNull(file);
    closeFile();
    for (int i = FILES_MAX - 1; i > 0; i--) {
      Path from = i == 1 ? at : numbered(at, i - 1);
      if (!Files.exists(from)) continue;
      Files.move(from, numbered(at, i), StandardCopyOption.REPLACE_EXISTING);
    }
    isFull = false;
  }

  private static Path numbered(Path file, int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private void closeFile() {
    OutputStream open = out;
    out = null;
    try {
      if (open != null) open.close();
    } catch (IOException e) {
      LOG.debug("the access log did not close", e);
    }
  }

  /// Writes what is left, for two seconds at most.
  @Override
  public void close() {
    isClosed = true;
    LockSupport.unpark(writer);
    try {
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (file != null && !writer.isAlive()) closeFile();
  }
}
