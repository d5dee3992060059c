/// Append-only logs: what must be written fast, once, and in order, such as predictions and
/// outcomes.
///
/// Words: a *journal* is a folder of *segments*, files named `0000000001.seg`, `0000000002.seg`,
/// and so on; a *frame* is one appended payload; a *position* is where a frame begins.
///
/// A segment begins with 16 bytes: `ORRYJNL1` and a random salt of 8. A frame is 4 bytes of mark
/// (`ORRF`), 4 of length, 4 of CRC-32C over salt, length and payload, and the payload; numbers are
/// big-endian. The salt keeps a payload from posing as a frame. What a crash tears off is cut when
/// the journal is opened; damage anywhere else is told, never skipped in silence, and never hides
/// the frames behind it. Behind the last frame of the segment that is written to, zeros may stand:
/// space that was taken beforehand.
///
/// Limits: 64 MB to a frame; a segment is at most 2^31 - 1 bytes.
@NullMarked
package dev.orrery.journal;

import org.jspecify.annotations.NullMarked;
