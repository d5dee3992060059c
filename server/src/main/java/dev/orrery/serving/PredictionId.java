package dev.orrery.serving;

import dev.orrery.base.Ids;
import dev.orrery.base.Problem;
import dev.orrery.journal.Journal.Position;
import java.util.UUID;

/// Where a prediction stands in the log, and the UUIDv7 that says so: the 62 low bits of the id are
/// 18 of the segment, 32 of the frame's offset and 12 of the row.
///
/// @param mark 12 random bits that stand in the frame too, so that a made-up id is seen
record PredictionId(Position frame, int row, long millis, int mark) {
  static final int ROWS_MAX = 1 << 12;
  static final int SEGMENTS_MAX = 1 << 18;

  UUID uuid() {
    long low = (long) frame.segment() << 44 | frame.offset() << 12 | row;
    return Ids.of(millis, mark, low);
  }

  /// @throws Problem of kind NOT_FOUND if the id is not one of a prediction
  static PredictionId of(UUID id) {
    if (id.version() != 7) throw unknown(id);
    long low = id.getLeastSignificantBits() & 0x3FFF_FFFF_FFFF_FFFFL;
    return new PredictionId(
        new Position((int) (low >>> 44), low >>> 12 & 0xFFFF_FFFFL),
        (int) (low & 0xFFF),
        id.getMostSignificantBits() >>> 16,
        (int) (id.getMostSignificantBits() & 0xFFF));
  }

  static Problem unknown(UUID id) {
    return Problem.notFound(
        "prediction", id.toString(), "Give an id from the 'ids' of an answer, and to this server");
  }
}
