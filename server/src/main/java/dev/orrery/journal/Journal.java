package dev.orrery.journal;

import dev.orrery.base.Disk;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An append-only log of byte frames, in checksummed segments. Safe for use by many threads; its
/// folder belongs to one process.
///
/// Every acknowledged frame survives `kill -9`; what survives power loss, [Sync] says. After a
/// write or a sync has failed, the journal refuses further ones until it is opened again: what the
/// disk holds is not known before it is read. Only a disk that is full, and from which the half
/// frame could be removed, is forgiven.
public final class Journal implements AutoCloseable {
  /// When a frame is safe from power loss.
  public enum Sync {
    /// Once [#append] returns; threads that append at the same time share a sync.
    EACH,
    /// At most a second after [#append] returns.
    WITHIN_A_SECOND
  }

  /// Where a frame begins.
  ///
  /// @param segment counted from 1
  /// @param offset in bytes
  public record Position(int segment, long offset) implements Comparable<Position> {
    /// Before every frame of every journal.
    public static final Position START = new Position(1, Segment.HEADER_BYTES);

    private static final Comparator<Position> ORDER =
        Comparator.comparingInt(Position::segment).thenComparingLong(Position::offset);

    @Override
    public int compareTo(Position other) {
      return ORDER.compare(this, other);
    }
  }

  /// Bytes that the journal writes before a payload.
  public static final int ROOM = Segment.FRAME_HEADER_BYTES;

  private static final long SYNC_MILLIS = 500;
  private static final int SPINS = 100;
  private static final long NEVER = Long.MIN_VALUE;
  private static final long SLOW_NANOS = 20_000_000;
  private static final long SLOW_FOR_NANOS = 5_000_000_000L;
  private static final long ROLL_AHEAD_BYTES = 64 << 10;
  private static final long MAPPED_MAX = 8 << 20;

  /// A segment is full when less than this part of it is left: there is time then to make the next.
  private static final int ROLL_AT_PART = 4;

  private final Path folder;
  private final Sync sync;
  private final long segmentBytesMax;
  private final ReentrantLock appending = new ReentrantLock();

  /// Guards `synced`, `isSyncing` and changes of the file; taken inside `appending`, never around
  /// it, and not held while the disk syncs.
  private final ReentrantLock syncing = new ReentrantLock();

  private final Condition syncEnded = syncing.newCondition();

  /// Whether the syncer makes the next segment; guarded by `appending`.
  private boolean isPreparing;

  private final Condition prepared = appending.newCondition();

  private volatile boolean isClosing;
  private final Semaphore wake = new Semaphore(0);
  private final @Nullable Thread syncer;
  private OpenSegment file;

  /// Where the next frame goes. All before it is written.
  private volatile Position end;

  /// All before it is synced.
  private Position synced;

  /// Whether a thread syncs at the moment; one at a time does.
  private boolean isSyncing;

  private volatile @Nullable Problem failure;

  /// Until when appending counts as slow.
  private volatile long slowUntil = NEVER;

  private Journal(Path folder, Sync sync, long segmentBytesMax, OpenSegment.Found opened) {
    this.folder = folder;
    this.sync = sync;
    this.segmentBytesMax = segmentBytesMax;
    this.file = opened.segment();
    this.end = new Position(file.number, opened.end());
    this.synced = end;
    this.syncer =
        sync == Sync.EACH
            ? null
            : Thread.ofPlatform()
                .daemon()
                .name("orrery-journal-" + folder.getFileName())
                .unstarted(this::syncNowAndThen);
  }

  /// Opens, or makes, a journal. A torn tail of its last segment is cut; a last segment with damage
  /// before sound frames is kept as it is, and a new one is begun.
  ///
  /// @param segmentBytesMax a segment that has reached it is followed by a new one
  /// @throws Problem JOURNAL_FAILED or JOURNAL_FULL
  public static Journal open(Path folder, Sync sync, long segmentBytesMax) {
    try {
      Files.createDirectories(folder);
      int last = OpenSegment.last(folder, segments(folder));
      long mapped = mappedBytes(sync, segmentBytesMax);
      OpenSegment.Found opened =
          last == 0
              ? OpenSegment.begin(folder, 1, mapped)
              : OpenSegment.resume(folder, last, mapped);
      Journal journal = new Journal(folder, sync, segmentBytesMax, opened);
      if (journal.syncer != null) journal.syncer.start();
      return journal;
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /// Where each frame is synced, mapping saves nothing.
  private static long mappedBytes(Sync sync, long segmentBytesMax) {
    return sync == Sync.EACH ? 0 : Math.min(segmentBytesMax, MAPPED_MAX);
  }

  /// Appends a frame: whole, or, after a crash, absent.
  ///
  /// @return where it begins
  /// @throws Problem FRAME_TOO_LARGE, JOURNAL_FULL or JOURNAL_FAILED; the frame then counts as not
  ///   written
  public Position append(byte[] payload) {
    byte[] framed = new byte[ROOM + payload.length];
    System.arraycopy(payload, 0, framed, ROOM, payload.length);
    return append(framed, framed.length);
  }

  /// As [#append(byte[])], of a payload that stands where it need not be copied.
  ///
  /// @param framed [#ROOM] bytes for the journal, then the payload
  /// @param length where the payload ends
  public Position append(byte[] framed, int length) {
    if (length - ROOM > Segment.PAYLOAD_BYTES_MAX) {
      throw new Problem(
          Fault.FRAME_TOO_LARGE,
          "a frame of %,d bytes is more than a journal takes".formatted(length - ROOM),
          "Send at most 64 MB at once");
    }
    Position at;
    Position next;
    lockToAppend();
    try {
      if (failure != null) throw failure;
      while (end.offset() >= segmentBytesMax && isPreparing) prepared.awaitUninterruptibly();
      if (failure != null) throw failure;
      if (end.offset() >= segmentBytesMax) roll();
      at = end;
      Segment.frame(file.salt, framed, length);
      long began = System.nanoTime();
      next = write(at, framed, length);
      if (isNearlyFull(next) && !isNearlyFull(at)) wake.release();
      long ended = System.nanoTime();
      if (ended - began > SLOW_NANOS) slowUntil = ended + SLOW_FOR_NANOS;
    } finally {
      appending.unlock();
    }
    if (sync == Sync.EACH) syncTo(next);
    return at;
  }

  /// Another frame is written in less time than a thread takes to go to sleep and wake.
  private void lockToAppend() {
    for (int i = 0; i < SPINS; i++) {
      if (appending.tryLock()) return;
      Thread.onSpinWait();
    }
    appending.lock();
  }

  /// Whether the next small frames will, as far as can be known, be appended within microseconds,
  /// waiting neither for a disk that was slow of late nor for the end of a segment.
  public boolean isQuick() {
    return sync != Sync.EACH && end.offset() < segmentBytesMax - ROLL_AHEAD_BYTES && hasBeenQuick();
  }

  private boolean hasBeenQuick() {
    long until = slowUntil;
    return until == NEVER || System.nanoTime() - until > 0;
  }

  private boolean isNearlyFull(Position position) {
    return position.offset() >= segmentBytesMax - segmentBytesMax / ROLL_AT_PART;
  }

  private Position write(Position at, byte[] framed, int length) {
    try {
      file.write(at.offset(), framed, length);
    } catch (IOException e) {
      throw Disk.isFull(e) && file.takenBack(at.offset()) ? failed(folder, e) : refuse(e);
    }
    Position next = new Position(at.segment(), at.offset() + length);
    end = next;
    return next;
  }

  /// Begins the next segment, all of the present one being synced first.
  private void roll() {
    syncTo(end);
    try {
      file.trim(end.offset());
      swap(OpenSegment.begin(folder, end.segment() + 1, mappedBytes(sync, segmentBytesMax)));
    } catch (IOException e) {
      // A new segment for which there was no space changes nothing.
      throw Disk.isFull(e) ? failed(folder, e) : refuse(e);
    }
  }

  /// Goes on in another segment, all of the present one being synced.
  private void swap(OpenSegment.Found opened) throws IOException {
    syncing.lock();
    try {
      file.close();
      file = opened.segment();
      synced = new Position(file.number, opened.end());
      end = synced;
    } finally {
      syncing.unlock();
    }
  }

  /// Makes the next segment while frames are still appended to the present one, which is nearly
  /// full, so that those who append wait only for the last of them to be synced.
  private void rollAhead() {
    appending.lock();
    try {
      if (failure != null || !isNearlyFull(end)) return;
      isPreparing = true;
    } finally {
      appending.unlock();
    }
    OpenSegment.@Nullable Found next = null;
    try {
      next = OpenSegment.begin(folder, end.segment() + 1, mappedBytes(sync, segmentBytesMax));
      syncTo(end);
    } catch (IOException _) {
      // Whoever finds the present one full is told.
    } finally {
      appending.lock();
      try {
        if (next != null) swapTo(next);
      } finally {
        isPreparing = false;
        prepared.signalAll();
        appending.unlock();
      }
    }
  }

  private void swapTo(OpenSegment.Found next) {
    try {
      if (failure == null) {
        syncTo(end);
        file.trim(end.offset());
        swap(next);
      } else {
        next.segment().close();
      }
    } catch (IOException e) {
      throw refuse(e);
    }
  }

  /// Returns once all before this position is synced. One thread syncs for all that have appended
  /// by then; those that append meanwhile share the next sync.
  private void syncTo(Position position) {
    syncing.lock();
    try {
      while (synced.compareTo(position) < 0) {
        if (failure != null) throw failure;
        if (isSyncing) syncEnded.awaitUninterruptibly();
        else syncForAll();
      }
    } finally {
      syncing.unlock();
    }
  }

  private void syncForAll() {
    Position target = end;
    isSyncing = true;
    syncing.unlock();
    @Nullable IOException failed = null;
    try {
      file.sync(target.offset());
    } catch (IOException e) {
      failed = e;
    } finally {
      syncing.lock();
      isSyncing = false;
      syncEnded.signalAll();
    }
    if (failed != null) throw refuse(failed);
    synced = target;
  }

  private void syncNowAndThen() {
    try {
      while (!isClosing) {
        boolean isWoken = wake.tryAcquire(SYNC_MILLIS, TimeUnit.MILLISECONDS);
        if (failure == null) syncTo(end);
        if (isWoken && !isClosing) rollAhead();
      }
    } catch (InterruptedException _) {
      // Nobody interrupts this thread but a JVM that goes down.
    } catch (Problem _) {
      // It is remembered, and told to the next who appends.
    }
  }

  private Problem refuse(IOException e) {
    Problem problem = failed(folder, e);
    failure = problem;
    return problem;
  }

  static Problem failed(Path folder, IOException e) {
    if (Disk.isFull(e)) {
      return new Problem(
              Fault.JOURNAL_FULL,
              "the disk of the journal %s is full".formatted(folder),
              "Free space on it and try again; nothing was written")
          .because(e);
    }
    return new Problem(
            Fault.JOURNAL_FAILED,
            "the journal %s cannot be used: %s".formatted(folder, e),
            "Look at its disk, then start Orrery again")
        .because(e);
  }

  /// The numbers of the segments, in order.
  public List<Integer> segments() {
    int present = end.segment();
    try {
      // The next one may be made already.
      return segments(folder).stream().filter(number -> number <= present).toList();
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private static List<Integer> segments(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.matches("\\d{10}\\.seg"))
          .map(name -> Integer.valueOf(name.substring(0, 10)))
          .sorted()
          .toList();
    }
  }

  /// Gives the reader, in order, every frame from a position on that was appended before this call.
  ///
  /// @param from a position that [#append] or a [FrameReader] was given, or [Position#START]
  /// @throws Problem JOURNAL_DAMAGED naming file and offset, unless the reader overrides
  ///   [FrameReader#damaged]
  public void read(Position from, FrameReader reader) {
    Position until = end;
    boolean goOn = true;
    for (Position at = from; goOn && at.compareTo(until) < 0; at = behind(at.segment())) {
      goOn = readSegment(at, until, reader);
    }
  }

  private static Position behind(int segment) {
    return new Position(segment + 1, Segment.HEADER_BYTES);
  }

  private boolean readSegment(Position from, Position until, FrameReader reader) {
    Path path = OpenSegment.path(folder, from.segment());
    boolean last = from.segment() == until.segment();
    Position behind = last ? until : behind(from.segment());
    try {
      long length = last ? until.offset() : Files.size(path);
      try (Segment segment = Segment.open(path, length)) {
        return segment == null
            ? reader.damaged(
                from, behind, Segment.damaged(path, 0, "it does not begin as a segment"))
            : readFrames(segment, from, length, behind, reader);
      }
    } catch (NoSuchFileException _) {
      return reader.damaged(from, behind, Segment.damaged(path, 0, "it is missing"));
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  private static boolean readFrames(
      Segment segment, Position from, long length, Position behind, FrameReader reader)
      throws IOException {
    boolean goOn = true;
    for (long at = from.offset(); goOn && at >= 0 && at < length; ) {
      byte[] payload = segment.payload(at);
      long next = payload == null ? segment.soundAfter(at) : at + frameBytes(payload);
      Position here = new Position(from.segment(), at);
      Position there = next < 0 || next >= length ? behind : new Position(from.segment(), next);
      goOn =
          payload == null
              ? reader.damaged(here, there, segment.damagedAt(at))
              : reader.on(here, payload, there);
      at = next;
    }
    return goOn;
  }

  private static long frameBytes(byte[] payload) {
    return Segment.FRAME_HEADER_BYTES + (long) payload.length;
  }

  /// The payload of one frame.
  ///
  /// @throws Problem JOURNAL_DAMAGED, naming file and offset, if no sound frame begins there
  public byte[] frame(Position at) {
    try (Frames frames = new Frames(this, folder, Segment.SMALL_WINDOW_BYTES)) {
      return frames.at(at);
    }
  }

  /// For many frames, which are best asked for in order.
  public Frames frames() {
    return new Frames(this, folder, Segment.WINDOW_BYTES);
  }

  /// Where the next frame will begin.
  public Position end() {
    return end;
  }

  /// Syncs what is not yet synced, and gives the files free.
  @Override
  public void close() {
    appending.lock();
    try {
      if (isClosing) return;
      isClosing = true;
      wake.release();
      while (isPreparing) prepared.awaitUninterruptibly();
      if (failure == null) {
        syncTo(end);
        failure =
            new Problem(
                Fault.JOURNAL_FAILED,
                "the journal %s is closed".formatted(folder),
                "Start Orrery again");
      }
      closeFile();
    } catch (IOException e) {
      throw failed(folder, e);
    } finally {
      appending.unlock();
    }
  }

  private void closeFile() throws IOException {
    syncing.lock();
    try {
      while (isSyncing) syncEnded.awaitUninterruptibly();
      file.trim(end.offset());
    } finally {
      syncing.unlock();
      file.close();
    }
  }
}
