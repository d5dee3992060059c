package dev.orrery.cli;

import dev.orrery.base.Problem;

/// What the shell is told.
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int BAD_INPUT = 2;
  static final int NOT_MET = 3;
  static final int NOT_FOUND = 4;
  static final int CONFLICT = 5;
  static final int UNAVAILABLE = 6;

  private ExitCode() {}

  static int of(Problem.Kind kind) {
    return switch (kind) {
      case INVALID, TOO_LARGE, UNSUPPORTED -> BAD_INPUT;
      case GATE_NOT_MET -> NOT_MET;
      case NOT_FOUND -> NOT_FOUND;
      case CONFLICT -> CONFLICT;
      case LIMITED, UNAVAILABLE, STORAGE_FULL -> UNAVAILABLE;
      case DENIED, DATA_LOSS, INTERNAL -> FAILED;
    };
  }
}
