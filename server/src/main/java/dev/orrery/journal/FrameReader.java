package dev.orrery.journal;

import dev.orrery.base.Problem;

/// What reads a journal, frame by frame.
@FunctionalInterface
public interface FrameReader {
  /// Takes one frame.
  ///
  /// @param next where the next frame begins, or will: the place to go on from later
  /// @return false to stop
  boolean on(Journal.Position at, byte[] payload, Journal.Position next);

  /// Takes note of bytes between two sound frames that are damaged. Throws, unless it is overridden
  /// by a reader that prefers to go on with the frames behind.
  ///
  /// @param problem JOURNAL_DAMAGED, naming file and offset
  /// @return false to stop
  default boolean damaged(Journal.Position at, Journal.Position next, Problem problem) {
    throw problem;
  }
}
