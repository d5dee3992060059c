package dev.orrery.serving;

import dev.orrery.artifact.FileReport;
import dev.orrery.artifact.FileReport.Damaged;
import dev.orrery.base.Problem;
import dev.orrery.engine.Table.Times;
import dev.orrery.journal.FrameReader;
import dev.orrery.journal.Frames;
import dev.orrery.journal.Journal;
import dev.orrery.journal.Journal.Position;
import dev.orrery.sql.Db;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was answered, in order: appended before the answer leaves, found by id, scanned by time.
///
/// Safe for use by many threads.
final class PredictionLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PredictionLog.class);
  private static final long SEGMENT_BYTES = 4 << 20;
  private static final int CACHED_FRAMES = 512;
  private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;
  private static final int KEYS_MAX = 10_000;
  private static final int EXAMINED_MAX = 1_000;
  private static final long EXAMINED_FOR_NANOS = 60_000_000_000L;

  private final Path folder;
  private final Journal journal;
  private final FrameCodec codec;
  private final Db db;

  /// The event times of finished segments, by segment.
  private final TreeMap<Integer, Span> spans = new TreeMap<>();

  /// Frames of late, each where its position points; one that comes to the same place drives it
  /// out.
  private final @Nullable Logged[] cache = new Logged[CACHED_FRAMES];

  private final Map<Integer, Examined> examined = new ConcurrentHashMap<>();
  private final Map<String, Position> keys = lru(KEYS_MAX);
  private Span open = Span.NONE;
  private int openSegment;
  private long rows;

  private record Span(long first, long last, long rows) {
    static final Span NONE = new Span(Long.MAX_VALUE, Long.MIN_VALUE, 0);

    Span with(Frame.Predictions frame, String time) {
      long least = first;
      long most = last;
      for (long event : ((Times) frame.raw().column(time)).micros()) {
        least = Math.min(least, event);
        most = Math.max(most, event);
      }
      return new Span(least, most, rows + frame.rows());
    }
  }

  /// A frame and where it stands.
  record Logged(Position at, Frame.Predictions frame) {}

  private final String time;

  private PredictionLog(Path folder, Db db, String time) {
    this.folder = folder;
    this.db = db;
    this.time = time;
    this.codec = new FrameCodec(new LogSchemas(db));
    this.journal = Journal.open(folder, Journal.Sync.WITHIN_A_SECOND, SEGMENT_BYTES);
  }

  /// Opens, or makes, a log, and reads again what the segment table does not know yet.
  ///
  /// @param time the column of the rows' event time
  static PredictionLog open(Path folder, Db db, String time) {
    var log = new PredictionLog(folder, db, time);
    log.recover();
    return log;
  }

  private synchronized void recover() {
    for (var segment :
        db.query(
            """
            select segment, first_event, last_event, row_count
            from log_segment
            order by segment
            """,
            row ->
                Map.entry(
                    (int) row.whole("segment"),
                    new Span(
                        row.whole("first_event"),
                        row.whole("last_event"),
                        row.whole("row_count"))))) {
      spans.put(segment.getKey(), segment.getValue());
      rows += segment.getValue().rows();
    }
    openSegment = spans.isEmpty() ? 1 : spans.lastKey() + 1;
    // The segment before the open one is read again for its idempotency keys.
    int from = Math.max(1, openSegment - 1);
    read(
        new Position(from, Position.START.offset()),
        (FrameReader)
            (at, payload, _) -> {
              if (codec.read(payload) instanceof Frame.Predictions frame) {
                if (at.segment() >= openSegment) took(at, frame);
                if (!frame.key().isEmpty()) keys.put(frame.key(), at);
              }
              return true;
            });
  }

  /// Writes a frame; it survives `kill -9` once this returns.
  Position append(Frame frame) {
    FrameCodec.Framed framed = codec.write(frame);
    Position at = journal.append(framed.bytes(), framed.length());
    if (frame instanceof Frame.Predictions predictions) {
      synchronized (this) {
        took(at, predictions);
        cache[place(at)] = new Logged(at, predictions);
        if (!predictions.key().isEmpty()) keys.put(predictions.key(), at);
      }
    }
    return at;
  }

  /// As [Journal#isQuick()].
  boolean isQuick() {
    return journal.isQuick();
  }

  private void took(Position at, Frame.Predictions frame) {
    if (at.segment() > openSegment) {
      if (open != Span.NONE) finish(openSegment, open);
      openSegment = at.segment();
      open = Span.NONE;
    }
    rows += frame.rows();
    if (at.segment() == openSegment) {
      open = open.with(frame, time);
    } else {
      Span span = spans.getOrDefault(at.segment(), Span.NONE).with(frame, time);
      spans.put(at.segment(), span);
    }
  }

  private void finish(int segment, Span span) {
    spans.put(segment, span);
    Thread.startVirtualThread(() ->
        db.update(
            """
            insert into log_segment (segment, first_event, last_event, row_count)
            values (?, ?, ?, ?)
            on conflict (segment) do nothing
            """,
            segment,
            span.first(),
            span.last(),
            span.rows()));
  }

  /// How many predictions were logged, ever.
  synchronized long rows() {
    return rows;
  }

  /// The frame that an earlier request with this key wrote, if it is among the last 10,000.
  synchronized Optional<Logged> byKey(String key) {
    Position at = keys.get(key);
    return at == null ? Optional.empty() : Optional.of(new Logged(at, frame(at)));
  }

  /// The frame that a prediction stands in.
  ///
  /// @throws Problem of kind NOT_FOUND if the id is none of this log, JOURNAL_DAMAGED if it may
  ///   have been one and can no longer be read
  Logged find(UUID id) {
    PredictionId place = PredictionId.of(id);
    Position at = place.frame();
    if (at.segment() < 1 || at.compareTo(journal.end()) >= 0) throw PredictionId.unknown(id);
    Frame.Predictions frame;
    try {
      frame = frame(at);
    } catch (Problem e) {
      if (isInDamage(at)) throw e;
      throw PredictionId.unknown(id).because(e);
    } catch (IllegalArgumentException e) {
      throw PredictionId.unknown(id).because(e);
    }
    if (frame.at().toEpochMilli() != place.millis()
        || frame.mark() != place.mark()
        || place.row() >= frame.rows()) {
      throw PredictionId.unknown(id);
    }
    return new Logged(at, frame);
  }

  /// Bytes in which no sound frame begins.
  private record Damage(Position at, Position next, Problem problem) {
    boolean hides(Position place) {
      return at.compareTo(place) <= 0 && place.compareTo(next) < 0;
    }
  }

  /// A segment as it was found when it was last looked through.
  private record Examined(long nanos, List<Damage> damages) {}

  /// Whether a place where no sound frame begins lies in damaged bytes, and not merely between the
  /// beginnings of two sound frames. Ids that were made up cost a look through a segment a minute.
  private boolean isInDamage(Position place) {
    Examined known = examined.get(place.segment());
    if (known == null || System.nanoTime() - known.nanos() > EXAMINED_FOR_NANOS) {
      if (examined.size() >= EXAMINED_MAX) examined.clear();
      known = new Examined(System.nanoTime(), damages(place.segment()));
      examined.put(place.segment(), known);
    }
    return known.damages().stream().anyMatch(damage -> damage.hides(place));
  }

  private List<Damage> damages(int segment) {
    var found = new ArrayList<Damage>();
    journal.read(
        new Position(segment, Position.START.offset()),
        new FrameReader() {
          @Override
          public boolean on(Position at, byte[] payload, Position next) {
            return next.segment() == segment;
          }

          @Override
          public boolean damaged(Position at, Position next, Problem problem) {
            found.add(new Damage(at, next, problem));
            return next.segment() == segment;
          }
        });
    return found;
  }

  /// Whether something of a segment is lost.
  boolean isDamaged(int segment) {
    return !damages(segment).isEmpty();
  }

  /// Reads every frame that was appended before this call, and finds what is damaged.
  FileReport look(Consumer<FileReport> told) {
    Position end = journal.end();
    FileReport report = FileReport.begin(end.segment());
    for (int segment = 1; segment <= end.segment(); segment++) {
      Path file = folder.resolve("%010d.seg".formatted(segment));
      var found = new ArrayList<Damaged>();
      try {
        for (Damage damage : damages(segment)) {
          found.add(new Damaged(file.toString(), damage.problem().what()));
        }
      } catch (Problem e) {
        // The disk gives it no more; the others may be sound.
        found.add(new Damaged(file.toString(), "%s: %s".formatted(file, e.what())));
      }
      long size = segment == end.segment() ? end.offset() : file.toFile().length();
      report = report.with(size, found);
      told.accept(report);
    }
    return report;
  }

  /// The frame at a place; the last few hundred are kept in memory.
  Frame.Predictions frame(Position at) {
    synchronized (this) {
      Logged cached = cache[place(at)];
      if (cached != null && cached.at().equals(at)) return cached.frame();
    }
    Frame.Predictions frame = predictions(at, journal.frame(at));
    synchronized (this) {
      cache[place(at)] = new Logged(at, frame);
    }
    return frame;
  }

  /// For the frames of many predictions, which are best asked for in order.
  Lookup lookup() {
    return new Lookup(journal.frames());
  }

  /// Reads frames one by one, as [#frame(Position)] does, and keeps the last. For one thread.
  final class Lookup implements AutoCloseable {
    private final Frames frames;
    private @Nullable Logged last;

    private Lookup(Frames frames) {
      this.frames = frames;
    }

    Frame.Predictions frame(Position at) {
      Logged known = last;
      if (known == null || !known.at().equals(at)) {
        known = new Logged(at, predictions(at, frames.at(at)));
        last = known;
      }
      return known.frame();
    }

    @Override
    public void close() {
      frames.close();
    }
  }

  private Frame.Predictions predictions(Position at, byte[] payload) {
    if (codec.read(payload) instanceof Frame.Predictions frame) return frame;
    throw new IllegalArgumentException("no predictions at " + at);
  }

  private static int place(Position at) {
    return (int) ((at.offset() * SPREAD) >>> 32) & (CACHED_FRAMES - 1);
  }

  /// Reads on behind damage, which is told in the server's log: what is sound can still be used.
  private void read(Position from, FrameReader reader) {
    journal.read(
        from,
        new FrameReader() {
          @Override
          public boolean on(Position at, byte[] payload, Position next) {
            return reader.on(at, payload, next);
          }

          @Override
          public boolean damaged(Position at, Position next, Problem problem) {
            LOG.error("predictions are left out: {}", problem.toString());
            return true;
          }
        });
  }

  /// Reads every frame, predictions and shadows, from a place on; stops where `reader` says so.
  void read(Position from, Reader reader) {
    read(from, (FrameReader) (at, payload, next) -> reader.on(at, codec.read(payload), next));
  }

  /// The predictions of one segment; those in damaged frames are missed, and told in the server's
  /// log.
  LogColumns columns(int segment) {
    LogColumns columns = codec.columns(false);
    read(
        new Position(segment, Position.START.offset()),
        (FrameReader)
            (at, payload, _) -> {
              if (at.segment() > segment) return false;
              if (columns.rows() == 0) {
                columns.expect(SEGMENT_BYTES / (payload.length + Journal.ROOM));
              }
              codec.gather(at, payload, columns);
              return true;
            });
    return columns;
  }

  /// Columns to gather features in, of one schema.
  LogColumns columns() {
    return codec.columns(true);
  }

  /// As [FrameCodec#gather].
  boolean gather(Position at, byte[] frame, LogColumns into) {
    return codec.gather(at, frame, into);
  }

  /// Reads every frame as it stands on disk.
  void readRaw(Position from, RawReader reader) {
    read(from, (FrameReader) reader::on);
  }

  interface RawReader {
    boolean on(Position at, byte[] frame, Position next);
  }

  interface Reader {
    boolean on(Position at, Frame frame, Position next);
  }

  Position end() {
    return journal.end();
  }

  /// The segments that may hold rows of event times in [from, to), in order.
  synchronized List<Integer> segments(long from, long to) {
    var found = new ArrayList<Integer>();
    spans.forEach((segment, span) -> {
      if (span.first() < to && span.last() >= from) found.add(segment);
    });
    if (open.first() < to && open.last() >= from) found.add(openSegment);
    return found;
  }

  /// The event time of the newest prediction, in microseconds, if there is one.
  synchronized @Nullable Long newestEvent() {
    long newest = open.last();
    for (Span span : spans.values()) newest = Math.max(newest, span.last());
    return newest == Long.MIN_VALUE ? null : newest;
  }

  @Override
  public void close() {
    journal.close();
  }

  private static <K, V> Map<K, V> lru(int size) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > size;
      }
    };
  }
}
