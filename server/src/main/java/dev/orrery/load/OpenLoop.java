package dev.orrery.load;

import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// Offers a load and measures what comes back. One thread hands requests over when they are due,
/// one reads the answers.
public final class OpenLoop {
  private static final int VERSIONS_MAX = 100;
  private static final int WAITING_MAX = 1_000_000;
  private static final long HIGHEST_NANOS = 600_000_000_000L;

  private final LoadPlan plan;
  private final @Nullable HdrLog log;
  private final List<byte[]> requests = new ArrayList<>();
  private final Set<Line> lines = new HashSet<>();
  private final ArrayDeque<Line> free = new ArrayDeque<>();

  /// Requests that were due and found no free connection: when, and which.
  private final ArrayDeque<long[]> waiting = new ArrayDeque<>();

  private final Histogram latency = new Histogram(HIGHEST_NANOS, 3);
  private final Histogram service = new Histogram(HIGHEST_NANOS, 3);
  private final SortedMap<Integer, Long> statuses = new TreeMap<>();
  private final SortedMap<String, Long> versions = new TreeMap<>();
  private long offered;
  private long answered;
  private long failed;
  private long underWay;
  private long openAgainAt;
  private long latest;
  private boolean isOver;
  private @Nullable Selector selector;

  private OpenLoop(LoadPlan plan, @Nullable HdrLog log) {
    this.plan = plan;
    this.log = log;
    if (plan.bodies().isEmpty()) requests.add(request("GET", new byte[0]));
    for (byte[] body : plan.bodies()) requests.add(request("POST", body));
  }

  /// Offers the load, and returns when every request is answered or given up.
  ///
  /// @param progress told the seconds gone, once a second
  /// @param log given the latencies of the answers that are counted; null for none
  /// @throws Problem of kind UNAVAILABLE if the server cannot be reached at all
  public static LoadReport run(LoadPlan plan, Consumer<Integer> progress, @Nullable HdrLog log)
      throws InterruptedException {
    var loop = new OpenLoop(plan, log);
    try (Selector selector = Selector.open()) {
      loop.selector = selector;
      return loop.offer(selector, progress);
    } catch (IOException e) {
      throw new Problem(
              Fault.NO_SERVER,
              "%s cannot be reached (%s)".formatted(plan.target(), e.getMessage()),
              "Check the address, and that the server runs")
          .because(e);
    }
  }

  private byte[] request(String method, byte[] body) {
    var head = new StringBuilder();
    String path = plan.target().getRawPath().isEmpty() ? "/" : plan.target().getRawPath();
    String query = plan.target().getRawQuery();
    head.append(method).append(' ').append(path);
    if (query != null) head.append('?').append(query);
    head.append(" HTTP/1.1\r\nhost: ").append(plan.target().getAuthority()).append("\r\n");
    for (String header : plan.headers()) head.append(header).append("\r\n");
    if (method.equals("POST")) {
      head.append("content-type: application/json\r\ncontent-length: ")
          .append(body.length)
          .append("\r\n");
    }
    head.append("\r\n");
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }

  private LoadReport offer(Selector selector, Consumer<Integer> progress)
      throws IOException, InterruptedException {
    synchronized (this) {
      for (int i = 0; i < plan.connections(); i++) free.add(open(selector));
    }
    Thread reader = Thread.ofPlatform().daemon().name("load-reader").start(() -> readAll(selector));
    long start = System.nanoTime();
    long first = start + plan.warmUp().toNanos();
    long count = Math.max(1, plan.span().toMillis() * plan.perSecond() / 1_000);
    long before = plan.warmUp().toMillis() * plan.perSecond() / 1_000;
    int told = 0;
    int logged = -1;
    for (long i = -before; i < count; i++) {
      long due = first + (long) (i * 1e9 / plan.perSecond());
      await(due);
      if (log != null && i >= 0 && (due - first) / 1_000_000_000L > logged) {
        if (logged++ < 0) log.begin();
        else log.next();
      }
      hand(due, i >= 0, (int) Math.floorMod(i, requests.size()));
      int gone = (int) ((due - start) / 1_000_000_000L);
      if (gone > told) {
        told = gone;
        progress.accept(gone);
      }
    }
    await(first + plan.span().toNanos());
    long end = System.nanoTime() + plan.patience().toNanos();
    while (left() > 0 && System.nanoTime() < end) Thread.sleep(5);
    return finish(reader, selector);
  }

  private static void await(long due) throws InterruptedException {
    for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
      LockSupport.parkNanos(wait);
      if (Thread.interrupted()) throw new InterruptedException();
    }
  }

  private Line open(Selector selector) throws IOException {
    var line = new Line(new InetSocketAddress(plan.target().getHost(), plan.port()), selector);
    lines.add(line);
    return line;
  }

  /// Makes up for a connection that broke and could not be opened again, ten times a second.
  private void openAnother() {
    long now = System.nanoTime();
    Selector own = selector;
    if (now < openAgainAt || own == null) return;
    openAgainAt = now + 100_000_000L;
    try {
      free.add(open(own));
    } catch (IOException _) {
      // Not yet; what is due meanwhile waits.
    }
  }

  private synchronized void hand(long due, boolean counted, int which) throws IOException {
    if (counted) offered++;
    if (free.isEmpty() && lines.size() < plan.connections()) openAnother();
    Line line = free.poll();
    if (line != null) {
      if (counted) latest = Math.max(latest, System.nanoTime() - due);
      send(line, due, counted, which);
    } else if (waiting.size() < WAITING_MAX) {
      waiting.add(new long[] {due, counted ? 1 : 0, which});
    } else if (counted) {
      failed++;
    }
  }

  private void send(Line line, long due, boolean counted, int which) {
    try {
      underWay++;
      line.send(requests.get(which), due, counted);
    } catch (IOException _) {
      broke(line);
    }
  }

  private synchronized long left() {
    return underWay + waiting.size();
  }

  private void readAll(Selector selector) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    while (selector.isOpen()) {
      try {
        selector.select(key -> read(key, buffer), 100);
      } catch (IOException | java.nio.channels.ClosedSelectorException _) {
        return;
      }
    }
  }

  private void read(SelectionKey key, ByteBuffer buffer) {
    Line line = (Line) key.attachment();
    try {
      if (line.read(buffer)) took(line);
    } catch (IOException | NumberFormatException _) {
      synchronized (this) {
        if (isOver) return;
        boolean idle = free.remove(line);
        if (idle) reopen(line);
        else broke(line);
      }
    }
  }

  private synchronized void took(Line line) {
    if (isOver) return;
    long now = System.nanoTime();
    underWay--;
    if (line.counted) {
      answered++;
      statuses.merge(line.status, 1L, Long::sum);
      if (line.status / 100 == 2) {
        long waited = Math.clamp(now - line.due, 1, HIGHEST_NANOS);
        latency.recordValue(waited);
        if (log != null) log.record(waited);
        service.recordValue(Math.clamp(now - line.sent, 1, HIGHEST_NANOS));
        if (versions.containsKey(line.version) || versions.size() < VERSIONS_MAX) {
          if (!line.version.isEmpty()) versions.merge(line.version, 1L, Long::sum);
        }
      }
    }
    if (line.isLast) reopen(line);
    else next(line);
  }

  /// Gives a free connection the request that has waited longest.
  private void next(Line line) {
    long[] oldest = waiting.poll();
    if (oldest == null) free.add(line);
    else send(line, oldest[0], oldest[1] == 1, (int) oldest[2]);
  }

  private void broke(Line line) {
    underWay--;
    if (line.counted) failed++;
    reopen(line);
  }

  private void reopen(Line line) {
    line.close();
    lines.remove(line);
    Selector own = selector;
    if (own == null || !own.isOpen()) return;
    try {
      next(open(own));
    } catch (IOException _) {
      // The server takes no connection now; the others go on, and what waits counts as failed.
    }
  }

  private LoadReport finish(Thread reader, Selector selector)
      throws IOException, InterruptedException {
    synchronized (this) {
      isOver = true;
    }
    // Not under the lock: the reader may hold the selector and wait for the lock.
    selector.close();
    reader.join();
    return report();
  }

  private synchronized LoadReport report() {
    lines.forEach(Line::close);
    failed += offered - answered - failed;
    double seconds = plan.span().toNanos() / 1e9;
    return new LoadReport(
        plan.target().toString(),
        plan.perSecond(),
        seconds,
        plan.connections(),
        offered,
        answered,
        failed,
        statuses,
        versions,
        Math.round(latency.getTotalCount() / seconds * 10) / 10.0,
        spread(latency),
        spread(service),
        millis(latest));
  }

  private static LoadReport.Spread spread(Histogram nanos) {
    return new LoadReport.Spread(
        millis(nanos.getValueAtPercentile(50)),
        millis(nanos.getValueAtPercentile(90)),
        millis(nanos.getValueAtPercentile(95)),
        millis(nanos.getValueAtPercentile(99)),
        millis(nanos.getValueAtPercentile(99.9)),
        millis(nanos.getMaxValue()),
        millis((long) (nanos.getTotalCount() == 0 ? 0 : nanos.getMean())));
  }

  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }
}
