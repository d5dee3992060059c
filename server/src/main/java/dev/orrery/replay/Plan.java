package dev.orrery.replay;

import dev.orrery.base.Digest;
import dev.orrery.base.Fault;
import dev.orrery.base.Problem;
import java.time.Duration;
import java.time.Instant;

/// What a replay plays; it stands at the head of its ledger, so that no other goes on from there.
///
/// @param file the digest of the file that the rows stand in
/// @param endpoint where the predictions are counted
/// @param start the time of the first row, or before
/// @param end after the time of the last row
/// @param batch how much virtual time one batch covers
/// @param rows how many rows lie in the window
/// @param batches how many batches it takes, those that only tell outcomes included
public record Plan(
    String dataset,
    Digest file,
    String endpoint,
    Instant start,
    Instant end,
    Duration batch,
    int rows,
    int batches) {
  /// The longest batch: outcomes that become known within one are told before it.
  public static final Duration BATCH_MAX = Duration.ofMinutes(30);

  private static final int BATCHES_MAX = 1_000_000;

  /// A window of virtual time, to be played in batches.
  ///
  /// @param end exclusive
  public record Window(Instant start, Instant end, Duration batch) {
    public Window {
      if (!start.isBefore(end)) {
        throw new Problem(
            Fault.BAD_REPLAY,
            "the replay is to end at %s, which is not after its start at %s".formatted(end, start),
            "Give --end a later time than --start");
      }
      if (batch.compareTo(BATCH_MAX) > 0 || batch.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new Problem(
            Fault.BAD_REPLAY,
            "a batch of %d s is not possible".formatted(batch.toSeconds()),
            "Give 1 s to 30 min");
      }
      if (Duration.between(start, end).dividedBy(batch) > BATCHES_MAX) {
        throw new Problem(
            Fault.BAD_REPLAY,
            "from %s to %s there are over %,d batches".formatted(start, end, BATCHES_MAX),
            "Give a shorter window, or a longer batch");
      }
    }

    public Window(Instant start, Instant end) {
      this(start, end, BATCH_MAX);
    }
  }
}
