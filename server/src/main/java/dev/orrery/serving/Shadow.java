package dev.orrery.serving;

import dev.orrery.journal.Journal.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Follows the prediction log and adds what the shadow version would have answered; never on a
/// client's path. What it answered itself it does not score again. After a crash it goes on behind
/// what it had written.
final class Shadow {
  private static final int SEGMENTS_BACK = 2;

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

  private record Due(Position at, Frame.Predictions frame) {}

  /// Scores all that was logged until now.
  ///
  /// @param shadow null if there is none: then what was logged is passed over
  synchronized void catchUp(@Nullable Loaded shadow) {
    catchUp(shadow, Position.START);
  }

  /// Scores all that was logged from a place on until now.
  synchronized void catchUp(@Nullable Loaded shadow, Position from) {
    Position end = log.end();
    while (next.compareTo(end) < 0) {
      List<Due> due = new ArrayList<>();
      log.read(
          next,
          (at, frame, after) -> {
            if (at.compareTo(end) >= 0) {
              next = end;
              return false;
            }
            next = after;
            if (shadow != null
                && frame instanceof Frame.Predictions predictions
                && !predictions.version().equals(shadow.version().toString())
                && at.compareTo(from) >= 0
                && !done.remove(new Done(at, shadow.version().toString()))) {
              due.add(new Due(at, predictions));
            }
            return due.size() < 256;
          });
      if (due.isEmpty() && next.compareTo(end) < 0) next = end;
      for (Due one : due) score(one, shadow);
    }
  }

  private void score(Due due, @Nullable Loaded shadow) {
    if (shadow == null) return;
    double[] scores = shadow.model().score(due.frame().features());
    log.append(new Frame.Shadow(due.at(), shadow.version().toString(), scores));
  }
}
