package dev.orrery.serving;

import dev.orrery.engine.Table;
import dev.orrery.journal.Journal.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows the prediction log and adds what the shadow version would have answered; never on a
/// client's path. What it answered itself it does not score again. After a crash it goes on behind
/// what it had written.
final class Shadow {
  private static final int SEGMENTS_BACK = 2;
  private static final int FRAMES_AT_ONCE = 1_024;
  private static final int ROWS_AT_ONCE = 16_384;

  private final PredictionLog log;
  private Position next;
  private final Set<Done> done = new HashSet<>();

  Shadow(PredictionLog log) {
    this.log = log;
    int from = Math.max(1, log.end().segment() - SEGMENTS_BACK);
    this.next = new Position(from, Position.START.offset());
    log.read(
        next,
        (_, frame, _) -> {
          if (frame instanceof Frame.Shadow shadow) {
            done.add(new Done(shadow.of(), shadow.version()));
          }
          return true;
        });
  }

  /// What a version has scored already, among what was written last before the start.
  private record Done(Position of, String version) {}

  /// A frame that waits to be scored: which of the gathered rows are its own.
  private record Due(Position at, int firstRow, int rows) {}

  /// Scores all that was logged until now.
  ///
  /// @param shadow null if there is none: then what was logged is passed over
  void catchUp(@Nullable Loaded shadow) {
    catchUp(shadow, Position.START);
  }

  /// Scores all that was logged from a place on until now.
  synchronized void catchUp(@Nullable Loaded shadow, Position from) {
    Position end = log.end();
    begin(shadow, from, end);
    while (shadow != null && next.compareTo(end) < 0) {
      scoreSome(shadow, end, FRAMES_AT_ONCE);
    }
  }

  /// Scores at most so many of the frames logged from a place on; whether that left any.
  synchronized boolean catchUp(@Nullable Loaded shadow, Position from, int framesMax) {
    Position end = log.end();
    begin(shadow, from, end);
    if (shadow == null || next.compareTo(end) >= 0) return false;
    scoreSome(shadow, end, framesMax);
    return next.compareTo(end) < 0;
  }

  private void begin(@Nullable Loaded shadow, Position from, Position end) {
    if (shadow == null) next = end;
    else if (next.compareTo(from) < 0) next = from;
  }

  private void scoreSome(Loaded shadow, Position end, int framesMax) {
    String version = shadow.version().toString();
    List<Due> due = new ArrayList<>();
    LogColumns rows = log.columns();
    log.readRaw(
        next,
        (at, frame, after) -> {
          if (at.compareTo(end) >= 0) {
            next = end;
            return false;
          }
          FrameCodec.Head head = FrameCodec.head(frame);
          if (head != null
              && !head.version().equals(version)
              && !done.remove(new Done(at, version))) {
            // Rows of other features are scored by themselves.
            if (!log.gather(at, frame, rows)) return false;
            due.add(new Due(at, rows.rows() - head.rows(), head.rows()));
          }
          next = after;
          return due.size() < framesMax && rows.rows() < ROWS_AT_ONCE;
        });
    if (due.isEmpty()) {
      if (next.compareTo(end) < 0) next = end;
    } else {
      score(due, rows.features(), shadow);
    }
  }

  private void score(List<Due> due, Table features, Loaded shadow) {
    double[] scores = shadow.model().score(Feed.of(features, shadow.version().toString()));
    for (Due one : due) {
      double[] own = Arrays.copyOfRange(scores, one.firstRow(), one.firstRow() + one.rows());
      log.append(new Frame.Shadow(one.at(), shadow.version().toString(), own));
    }
  }
}
